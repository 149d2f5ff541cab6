package api

import (
	"testing"

	"webmon/store/secret"
)

// FuzzMaskURL proves that a URL whose secrets were masked comes back as it was,
// and that nothing is masked twice.
func FuzzMaskURL(f *testing.F) {
	f.Add("https://a.example/x?token=1&page=2&token=3#key=4")
	f.Add("https://a.example/?%74oken=a%20b;api_key==&sig")
	f.Add("https://a.example/?key=***&a?b=c&pass=")
	f.Fuzz(func(t *testing.T, raw string) {
		masked := secret.MaskURL(raw)
		if again := secret.MaskURL(masked); again != masked {
			t.Errorf("%q is masked as %q, and then as %q", raw, masked, again)
		}
		back := restoreURL(masked, raw, func(value, was string) string {
			if value == mask {
				return was
			}
			return value
		})
		if back != raw {
			t.Errorf("%q is masked as %q and comes back as %q", raw, masked, back)
		}
	})
}
