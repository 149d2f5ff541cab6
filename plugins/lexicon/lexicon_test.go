package lexicon

import (
	"slices"
	"strings"
	"testing"
)

func TestScan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Found{
		"":                                   nil,
		"x":                                  nil,
		"HACKED BY someone":                  {{Defaced, "hacked by"}, {Suspicious, "hacked"}},
		"it was-hacked, by whom?":            {{Suspicious, "hacked"}},
		"unhacked bytes, hackedby":           nil,
		"Bu site bizim tarafından hacklendi": {{Defaced, "tarafından hacklendi"}, {Suspicious, "hacklendi"}},
		"您的网站已被黑客入侵了":                        {{Defaced, "网站已被黑"}, {Defaced, "被黑客入侵"}, {Defaced, "黑客入侵"}},
		"Service Unavailable":                {{Error, "service unavailable"}},
		"viagra viagra VIAGRA":               {{Spam, "viagra"}},
		"ends in hacked b":                   {{Suspicious, "hacked"}},
		"\xff\xfe hacked\xff":                {{Suspicious, "hacked"}},
	} {
		if got := Scan(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// Phrases that are not as Scan looks for them would never be found.
func TestEveryPhraseIsFound(t *testing.T) {
	t.Parallel()
	for class, list := range phrases {
		for phrase := range strings.SplitSeq(list, "\n") {
			if phrase = strings.TrimSpace(phrase); phrase == "" {
				continue
			}
			if !slices.Contains(Scan("- "+strings.ToUpper(phrase)+"."), Term{Class(class), phrase}) && !slices.Contains(Scan("- "+phrase+"."), Term{Class(class), phrase}) {
				t.Errorf("%q is not found", phrase)
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("Hacked by \xe4")
	f.Fuzz(func(t *testing.T, text string) {
		for _, term := range Scan(text) {
			if !strings.Contains(strings.ToLower(text), term.Text) {
				t.Errorf("%q is not in %q", term.Text, text)
			}
		}
	})
}
