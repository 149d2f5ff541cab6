package defacement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. Words that are allowed now are taken out
// of what was found, as far as the reasons name them: that is an estimate,
// because a page may say more than its finding does. More words to look for are
// an error.
func (d *defacement) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	was, _ := from.Was.(*defacement)
	if was == nil {
		was = &defacement{}
	}
	for _, word := range d.more {
		if !slices.Contains(was.more, word) {
			return nil, fmt.Errorf("option %q: nobody looked for %q, and stored results do not hold the text of the pages", "words", word)
		}
	}
	estimate := slices.ContainsFunc(was.more, func(word string) bool { return !slices.Contains(d.more, word) })
	for word := range was.allowed {
		estimate = estimate || !d.allowed[word]
	}
	gone := func(word string) bool {
		return d.allowed[word] || slices.Contains(was.more, word) && !slices.Contains(d.more, word)
	}
	return func(check plugins.StoredCheck) plugins.Rejudged {
		result := plugins.Rejudged{Estimate: estimate}
		for _, f := range check.Report.Findings {
			left, points, words := without(reasonsIn(f.Message), gone)
			switch {
			case points == 0:
				result.Findings = append(result.Findings, f)
				continue
			case words:
				observed, _ := f.Observed.Number()
				if observed -= float64(points) / pointScale; observed*pointScale >= alarm {
					f.Observed, f.Message = plugins.Number(observed), message(left)
					f.Evidence = slices.DeleteFunc(slices.Clone(f.Evidence), gone)
					result.Findings = append(result.Findings, f)
				}
			}
			result.Estimate = true
		}
		return result
	}, nil
}

// without takes words out of reasons. It returns the reasons left, the points
// that go, in tenths, and whether any word is left.
func without(reasons []string, gone func(word string) bool) (left []string, points int, words bool) {
	for _, reason := range reasons {
		if list, ok := strings.CutPrefix(reason, weakReason); ok {
			all := strings.Split(list, weakJoin)
			kept := slices.DeleteFunc(slices.Clone(all), gone)
			points += weakPoints * (len(all) - len(kept))
			if len(kept) > 0 {
				left, words = append(left, weakReason+strings.Join(kept, weakJoin)), true
			}
			continue
		}
		place, quoted, _ := strings.Cut(reason, " says ")
		word, err := strconv.Unquote(quoted)
		where := slices.Index(placeNames[:], place)
		switch {
		case err != nil || where < 0:
			left = append(left, reason)
		case gone(word):
			points += strongPoints[where]
		default:
			left, words = append(left, reason), true
		}
	}
	return left, points, words
}
