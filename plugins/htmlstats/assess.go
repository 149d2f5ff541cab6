package htmlstats

import (
	"math"

	"webmon/plugins"
	"webmon/plugins/lexicon"
)

// assessment is how a version looks in view of what was learned.
type assessment struct {
	unchanged  bool    // the page is byte for byte the one looked at before
	score      float64 // in millionths, as it is reported
	security   bool    // a reason bears on security
	structure  float64
	vocabulary float64
	deviations []deviation
	news       []news
	unlike     [2]float64 // points for structure and vocabulary
	otherType  bool       // it was HTML and is not, or the other way round
	instead    string     // what is shown in place of the page

	accepted []deviation       // that do not count, because somebody accepted them
	used     []uint64          // accepted reasons that are there
	kept     []plugins.Finding // more reasons, of a stored check that is judged again
}

// typePoints is what it is worth that HTML is HTML no more, or has become it.
const typePoints = 3

// assess compares a version with the memory. Nothing is unusual of a page that
// was never seen.
func (h *htmlstats) assess(m *memory, v *version) (a assessment) {
	a.structure, a.vocabulary = 1, 1
	if v.isHTML {
		a.instead = instead(m, v)
	}
	if m.checks > 0 {
		h.compare(m, v, &a)
		m.discount(&a)
		a.score = round6(a.score)
	}
	if a.security {
		a.instead = "" // an intruder's page is no notice, however short
	}
	return a
}

// compare finds the reasons why v is unusual.
func (h *htmlstats) compare(m *memory, v *version, a *assessment) {
	if a.otherType = m.htmlLearned != v.isHTML; a.otherType {
		a.score += typePoints
	}
	for _, d := range m.deviations(v, h.k) {
		if !h.ignored[d.metric] {
			a.deviations = append(a.deviations, d)
			a.score += d.points
		}
	}
	if v.isHTML {
		m.compareWithNormal(v)
		m.know(v)
	}
	for _, n := range m.novelties(v) {
		if !h.ignored[rules[n.kind].metric] {
			a.news = append(a.news, n)
			a.score += n.points
			a.security = a.security || n.points > 0 && !rules[n.kind].adoptable
		}
	}
	if !m.htmlLearned || !v.isHTML {
		return
	}
	a.structure, a.vocabulary = structureSimilarity(m.paths, v.paths), vocabularySimilarity(m.words, v.words)
	a.unlike[0] = 4 * excess(1-a.structure, m.unlike[0])
	a.unlike[1] = 3 * excess(1-a.vocabulary, m.unlike[1])
	a.score += a.unlike[0] + a.unlike[1]
}

// excess is how much more unlike a version is than versions of this page are
// among each other. Little of it is nothing.
func excess(unlike float64, usual uint8) float64 {
	if e := unlike - float64(usual)/100; e > 0.25 {
		return e
	}
	return 0
}

const (
	fewWords    = 150  // a page of so few can be a notice in place of another page
	fewestWords = 60   // the same of a page that nothing is known of
	blankPart   = 0.03 // of the usual words
)

// instead tells what a page shows in place of itself, or nothing. A page that
// always showed it is itself.
func instead(m *memory, v *version) string {
	known := len(m.windows[wordsIndex]) > 0
	usual := 0.0
	if known {
		usual = math.Expm1(m.windows[wordsIndex].summarise().median) * judged[wordsIndex].scale
	}
	n := float64(v.numbers[words])
	if usual >= 20 && n <= blankPart*usual {
		return "a blank page"
	}
	if n > fewWords || known && n > usual/2 || !known && n > fewestWords {
		return ""
	}
	for _, notice := range []struct {
		class lexicon.Class
		name  string
	}{
		{lexicon.Challenge, "a captcha or block"}, {lexicon.Maintenance, "a maintenance notice"}, {lexicon.Error, "an error message"},
		{lexicon.Parked, "a parked domain"}, {lexicon.Login, "a login form"},
	} {
		if !known && notice.class == lexicon.Login {
			continue // it may be a login page
		}
		if terms := v.text.Of(notice.class); len(terms) > 0 {
			return notice.name + " (“" + terms[0] + "”)"
		}
	}
	return ""
}

const wordsIndex = 2 // of words among judged
