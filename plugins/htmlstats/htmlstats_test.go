package htmlstats

import (
	"testing"

	"webmon/plugins/plugintest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	plugintest.Run(t, Definition())
}
