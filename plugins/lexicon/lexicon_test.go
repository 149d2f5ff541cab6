package lexicon

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// terms are those of the classes that are asked for, without their places.
func terms(found Found, classes ...Class) (list []Term) {
	for _, s := range found {
		if slices.Contains(classes, s.Class) {
			list = append(list, s.Term)
		}
	}
	return list
}

func TestScan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Term{
		"":                                   nil,
		"x":                                  nil,
		"HACKED BY someone":                  {{Defaced, "hacked by"}, {Suspicious, "hacked"}},
		"it was-hacked, by whom?":            {{Suspicious, "hacked"}},
		"unhacked bytes, hackedby":           nil,
		"Bu site bizim tarafından hacklendi": {{Defaced, "tarafından hacklendi"}, {Suspicious, "hacklendi"}},
		"您的网站已被黑客入侵了":                        {{Defaced, "网站已被黑"}, {Defaced, "被黑客入侵"}, {Defaced, "黑客入侵"}},
		"黑客hacked黑客":                         {{Suspicious, "hacked"}},
		"САЙТ ВЗЛОМАН":                       {{Defaced, "сайт взломан"}, {Defaced, "взломан"}},
		"Service Unavailable":                {{Error, "service unavailable"}},
		"We’ll be back soon!":                {{Maintenance, "we'll be back soon"}},
		"viagra viagra VIAGRA":               {{Spam, "viagra"}},
		"ends in hacked b":                   {{Suspicious, "hacked"}},
		"\xff\xfe hacked\xff":                {{Suspicious, "hacked"}},
		"hac\xcced, hacké pa":                nil,
	} {
		got := terms(Scan(text), Defaced, Suspicious, Spam, Error, Maintenance)
		byTerm := func(a, b Term) int { return strings.Compare(a.Text, b.Text) }
		slices.SortFunc(got, byTerm)
		slices.SortFunc(want, byTerm)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	l := New([]Term{{Spam, "one"}, {Error, "two words"}, {Login, "слово"}})
	got := l.Scan("İ one, Two Words ONE, Слово one two")
	want := Found{{Term{Spam, "one"}, 3, 34}, {Term{Error, "two words"}, 8, 8}, {Term{Login, "слово"}, 23, 23}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Terms that are not as Scan looks for them would never be found.
func TestEveryTermIsFound(t *testing.T) {
	t.Parallel()
	for _, term := range own.terms {
		if !Valid(term.Text) {
			t.Errorf("%q is no term", term.Text)
		}
		if strings.ContainsAny(term.Text, "01345$@") && (term.Class == Signature || term.Class == Boast) {
			t.Errorf("%q is looked for where digits are made letters", term.Text)
		}
		texts := []string{term.Text, "- " + term.Text + "."}
		if upper := strings.ToUpper(term.Text); strings.ToLower(upper) == term.Text { // not so of the Turkish letters i
			texts = append(texts, upper)
		}
		for _, text := range texts {
			if !slices.Contains(terms(Scan(text), term.Class), term) {
				t.Errorf("%q is not found in %q", term.Text, text)
			}
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"abc": true, "9 lives": true, "黑": true, "ab": false, "": false, "Abc": false, "'abc": false, "ab\xff": false} {
		if Valid(text) != want {
			t.Errorf("%q: got %t", text, !want)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("Hacked by \xe4")
	f.Add("被黑客入侵 hacked Сайт взломан")
	f.Fuzz(func(t *testing.T, text string) {
		seen, before := make(map[Term]bool), 0
		for _, s := range Scan(text) {
			if seen[s.Term] || s.First < before || s.Last < s.First {
				t.Errorf("%+v is there twice, or out of order", s)
			}
			seen[s.Term], before = true, s.First
			for _, at := range []int{s.First, s.Last} {
				if length, ok := prefixLength(text[at:], s.Text); !ok || !utf8.ValidString(text[at:at+length]) {
					t.Errorf("%q is not at %d of %q", s.Text, at, text)
				}
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	for name, sentence := range map[string]string{
		"ASCII":    "Some text about the 12th item with a link and Several more words in it. ",
		"Cyrillic": "Некоторый текст о двенадцатом предмете и Ещё несколько слов о нём. ",
		"CJK":      "これは十二番目の項目についての文章です。这里还有一些别的文字。",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(sentence, 20_000/len(sentence))
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(text)
			}
		})
	}
}
