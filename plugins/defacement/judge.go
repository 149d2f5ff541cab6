package defacement

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Points are kept as whole tenths, to be remembered and compared exactly.
const (
	pointScale = 10
	alarm      = 30
)

const (
	smallPage   = 300 // words; intruders say little
	otherText   = 20  // bits of the simhash that differ when the text is another
	manyWeak    = 2   // weak words that are evidence
	weakPoints  = 5
	mostWeak    = 15 // points
	titlePoints = 10
	flipPoints  = 5
)

// How the reasons say which words are there.
const (
	strongReason = "%s says %q"
	weakReason   = "it uses the words "
	weakJoin     = ", "
)

// strongPoints are by place. On a small page, words in the text stand out as
// headings do elsewhere.
var strongPoints = [...]int{nowhere: 0, inText: 10, atEnds: 30, inLine: 15, leading: 30}

// judge tells how much speaks for a defacement, in tenths of a point, and why.
// Words that the page had before are its own, and do not count.
func judge(m *memory, now version, found sightings) (points int, evidence []string) {
	add := func(n int, format string, args ...any) {
		points += n
		if text := fmt.Sprintf(format, args...); len(evidence) < maxReasons {
			evidence = append(evidence, clip(text, maxEvidence))
		}
	}
	word, where := "", nowhere
	var fresh []string // weak ones
	for _, s := range found {
		switch {
		case m.knows(s.text):
		case !s.strong:
			fresh = append(fresh, s.text)
		case s.place > where:
			word, where = s.text, s.place
		}
	}
	if where != nowhere {
		n := strongPoints[where]
		if where == inText && now.words <= smallPage {
			n = 20
		}
		add(n, strongReason, placeNames[where], word)
	}
	most := mostWeak
	if now.words > smallPage {
		most = weakPoints // long texts use all kinds of words
	}
	if fresh = distinct(fresh, word); len(fresh) > 0 && (where != nowhere || len(fresh) >= manyWeak) {
		add(min(len(fresh)*weakPoints, most), weakReason+"%s", strings.Join(fresh, weakJoin))
	}
	switch {
	case points == 0:
		return 0, nil // other signs show a new design, not intruders
	case !m.learned && now.words > smallPage:
		return min(points, alarm-1), evidence // a long text may be about such things
	case !m.learned:
		return points, evidence
	}
	if now.title != m.last.title && !shareWord(now.title, m.last.title) {
		add(titlePoints, "the title was %q before", m.last.title)
	}
	if now.lang != m.last.lang && m.last.lang != "" {
		add(flipPoints, "the language was %q before", m.last.lang)
	}
	if now.charset != m.last.charset && m.last.charset != "" {
		add(flipPoints, "the charset was %q before", m.last.charset)
	}
	if bits.OnesCount64(now.simhash^m.last.simhash) >= otherText {
		add(flipPoints, "the text is another")
	}
	return points, evidence
}

var placeNames = [...]string{nowhere: "", inText: "the text", atEnds: "the start or end of the text", inLine: "a heading", leading: "the title or a heading"}

// distinct leaves out weak words that are part of another one, or of the strong
// word: "hacked" says nothing after "hacked by".
func distinct(words []string, strongWord string) []string {
	all := slices.Clone(words)
	return slices.DeleteFunc(words, func(word string) bool {
		return strings.Contains(strongWord, word) ||
			slices.ContainsFunc(all, func(other string) bool { return other != word && strings.Contains(other, word) })
	})
}

// shareWord tells whether two titles have a word of some length in common.
func shareWord(a, b string) bool {
	b = strings.ToLower(b)
	for word := range strings.FieldsSeq(strings.ToLower(a)) {
		if len(word) > 3 && strings.Contains(b, word) {
			return true
		}
	}
	return false
}
