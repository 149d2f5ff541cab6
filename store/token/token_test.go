package token_test

import (
	"fmt"
	"strings"
	"testing"

	"webmon/store/token"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		made := token.New()
		text := made.Reveal()
		read, err := token.Parse(text)
		if err != nil || read != made || read.Hash() != made.Hash() {
			t.Fatalf("%s came back as %v, %v", text, read, err)
		}
		if seen[text] || !strings.HasPrefix(text, "webmon_"+made.ID+"_") || strings.ContainsAny(text, "-+/=") {
			t.Fatalf("%s: not one word, or there twice", text)
		}
		seen[text] = true
	}
}

// TestNeverShown proves that a token that is printed by mistake tells nothing.
func TestNeverShown(t *testing.T) {
	t.Parallel()
	made := token.New()
	secret := made.Reveal()[len("webmon_")+len(made.ID)+1:]
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, made); strings.Contains(text, secret[:8]) || !strings.Contains(text, made.ID) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	good := token.New().Reveal()
	for name, test := range map[string]struct{ text, want string }{
		"nothing":          {"", "begins with webmon_"},
		"another's":        {"ghp_abc", "begins with webmon_"},
		"upper case":       {strings.ToUpper(good), "begins with webmon_"},
		"cut off":          {good[:len(good)-1], "copied whole"},
		"too long":         {good + "a", "copied whole"},
		"a space":          {good + " ", "copied whole"},
		"no id":            {"webmon_" + strings.Repeat("_", len(good)-7), "id"},
		"a foreign letter": {good[:len(good)-20] + "z" + good[len(good)-19:], "wrong character"},
		"a line break":     {good[:len(good)-20] + "\n" + good[len(good)-19:], "wrong character"},
		"a mistyped one":   {mistype(good, len(good)-20), "checksum"},
		"a mistyped id":    {mistype(good, 12), "checksum"},
	} {
		if _, err := token.Parse(test.text); err == nil || !strings.Contains(err.Error(), test.want) ||
			len(test.text) > 20 && strings.Contains(err.Error(), test.text[10:20]) {
			t.Errorf("%s: error %v, want one that says %q and repeats nothing", name, err, test.want)
		}
	}
}

// mistype changes one letter.
func mistype(text string, at int) string {
	other := "0"
	if text[at] == '0' {
		other = "1"
	}
	return text[:at] + other + text[at+1:]
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		have, need token.Scope
		want       bool
	}{
		{token.Read, token.Read, true}, {token.Read, token.Write, false}, {token.Write, token.Read, true},
		{token.Write, token.Admin, false}, {token.Admin, token.Write, true}, {token.Admin, token.Admin, true},
		{"", token.Read, false}, {"root", token.Read, false}, {token.Admin, "root", false},
	} {
		if got := test.have.Includes(test.need); got != test.want {
			t.Errorf("%q includes %q: %v", test.have, test.need, got)
		}
	}
}

// FuzzParse proves that no two texts are the same token, and that nothing panics.
func FuzzParse(f *testing.F) {
	good := token.New().Reveal()
	f.Add(good)
	f.Add(good[:40])
	f.Add("webmon_" + strings.Repeat("v", len(good)-7))
	f.Add(good[:len(good)-1] + "v")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := token.Parse(text)
		if err == nil && read.Reveal() != text {
			t.Errorf("%q was read as %q", text, read.Reveal())
		}
	})
}
