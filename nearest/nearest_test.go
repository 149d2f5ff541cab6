package nearest_test

import (
	"slices"
	"testing"

	"webmon/nearest"
)

func TestWord(t *testing.T) {
	t.Parallel()
	known := []string{"interval", "in-flight", "lease", "listen"}
	for typed, want := range map[string]string{
		"intervall": "interval", "in-flihgt": "in-flight", "lsten": "listen", "lease": "lease", "leese": "lease",
		"": "", "x": "", "colour": "", "timing.first_byte_seconds": "",
	} {
		if got := nearest.Word(typed, slices.Values(known)); got != want {
			t.Errorf("%q is taken for %q, want %q", typed, got, want)
		}
	}
}
