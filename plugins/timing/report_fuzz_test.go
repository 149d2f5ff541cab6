package timing

import (
	"testing"

	"webmon/plugins/plugintest"
)

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
