package htmlstats

import (
	"cmp"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
)

const (
	adoptAfter   = 3    // checks with the same alarmed page make it normal
	relearnAfter = 10   // alarmed checks in a row, each another page, make the page's numbers start anew
	adoptTime    = 3600 // seconds for which the page must have alarmed before either
	knownAfter   = 2    // episodes make a state a known variant
	gravest      = 3    // points of a kind whose news make another state
)

// learn takes a version into what is normal.
func (m *memory) learn(v *version) {
	if m.versions >= maxCounted {
		m.versions /= 2
		for k := range m.sets {
			m.sets[k].changes /= 2
		}
	}
	if v.isHTML {
		if m.htmlLearned {
			m.unlike[0] = usualUnlike(m.unlike[0], structureSimilarity(m.paths, v.paths))
			m.unlike[1] = usualUnlike(m.unlike[1], vocabularySimilarity(m.words, v.words))
		}
		m.paths, m.words, m.addresses = v.paths, v.words, sumOf(v.addresses)
		for k := range m.sets {
			if m.sets[k].learn(kind(k), v.sets[k]) && m.htmlLearned {
				m.sets[k].changes++
			}
		}
	}
	for i, j := range judged {
		if v.isHTML || j.metric == pageBytes {
			m.windows[i] = m.windows[i].push(levelOf(v.numbers[j.metric], j.scale))
		}
	}
	m.htmlLearned = v.isHTML
	m.versions++
	m.checks = min(m.checks+1, manyChecks)
}

// usualUnlike follows the greatest unlikeness, and forgets it slowly.
func usualUnlike(before uint8, similarity float64) uint8 {
	now := 100 * (1 - similarity)
	return uint8(math.Ceil(max(now, 0.98*float64(before)-0.01)))
}

// startAnew makes an alarmed version normal because those before it alarmed,
// too, each in another way: the page has become one that changes as much. What
// it was ever seen with stays known, so what is new stays news.
func (m *memory) startAnew(v *version) {
	for i := range m.windows {
		m.windows[i] = nil
	}
	m.learn(v)
	m.aside, m.row, m.since, m.brought = nil, 0, 0, nil
}

// adopt makes an alarmed version the new level: what was usual before would
// only blur what is usual now. The things it has been seen with stay known.
func (m *memory) adopt(v *version, deviations []deviation, used []uint64) {
	for _, d := range deviations {
		i := slices.IndexFunc(judged[:], func(j judgedMetric) bool { return j.metric == d.metric })
		m.windows[i] = nil
	}
	unlike := m.unlike // versions of the new level need not be as unlike as it is to the old one
	m.learn(v)
	m.unlike = unlike
	m.aside, m.row, m.since, m.brought = nil, 0, 0, nil
	m.dropAccepted(used)
}

// setAside keeps an alarmed version out of what is normal, and tells whether it
// has been there long enough to be adopted.
func (m *memory) setAside(s state, at int64) (adopt bool) {
	if m.since == 0 {
		m.since = at
	}
	m.row = min(m.row+1, maxRow)
	if !s.adoptable {
		m.row = 0
	}
	if m.aside == nil || !m.aside.alike(&s) {
		m.aside = &s
		m.aside.count = 1
		return false
	}
	s.count = min(m.aside.count+1, maxRow)
	m.aside = &s
	return s.adoptable && s.count >= adoptAfter && m.isSettled(at)
}

// isSettled tells whether the page has alarmed for so long that it will stay as it
// is: however short the interval, an intruder has not won after three checks.
func (m *memory) isSettled(at int64) bool { return at-m.since >= adoptTime }

// endEpisode is called when a page is calm again: the state that it was in may
// come back.
func (m *memory) endEpisode() {
	m.row, m.since = 0, 0
	m.countVisitors()
	if m.aside == nil {
		return
	}
	ended := *m.aside
	m.aside = nil
	ended.count = 1
	for i := range m.variants {
		if m.variants[i].same(&ended) {
			ended.count = min(m.variants[i].count+1, maxRow)
			m.variants = slices.Delete(m.variants, i, i+1)
			break
		}
	}
	m.variants = append(m.variants, ended)
	if len(m.variants) > maxVariants {
		m.variants = slices.Delete(m.variants, 0, 1)
	}
}

// isVariant tells whether the page was in this state before often enough, with
// the very same news or fewer, and came out of it by itself. Lesser news that
// alarm even without the rest are an alarm in that state, too, and so is what
// intruders write.
func (m *memory) isVariant(s *state, a *assessment, alarm float64) bool {
	lesser := 0.0
	for _, n := range a.news {
		if rules[n.kind].points < gravest || n.kind == defacedTerms {
			lesser += n.points
		}
	}
	return lesser < alarm && slices.ContainsFunc(m.variants, func(known state) bool {
		return known.count >= knownAfter && known.covers(s)
	})
}

func stateOf(v *version, a *assessment) state {
	s := state{adoptable: !a.security}
	for i, j := range judged {
		s.levels[i] = levelOf(v.numbers[j.metric], j.scale)
	}
	if v.isHTML {
		s.title = hashOf(v.outline.Title)
	}
	var hashes []byte
	for _, n := range a.news {
		if rules[n.kind].points >= gravest {
			for _, it := range n.items {
				hashes = append(hashes, byte(n.kind), byte(it.hash), byte(it.hash>>8), byte(it.hash>>16), byte(it.hash>>24))
			}
		}
	}
	if len(hashes) > 0 {
		s.news = uint32(xxhash.Sum64(hashes))
	}
	if a.instead != "" {
		s.adoptable, s.news = false, hashOf(a.instead)
	}
	return s
}

// alike tells whether two alarmed versions are about the same.
func (s *state) alike(other *state) bool { return s.near(other) && s.adoptable == other.adoptable }

// near tells whether two versions have about the same numbers.
func (s *state) near(other *state) bool {
	for i, l := range s.levels {
		if d := l - other.levels[i]; cmp.Compare(max(d, -d), leastChange*stepsPerUnit) > 0 {
			return false
		}
	}
	return true
}

// same is alike, and with the same title and news.
func (s *state) same(other *state) bool {
	return s.title == other.title && s.news == other.news && s.alike(other)
}

// covers tells whether another version is in this state. News that it lacks may
// be known by now.
func (s *state) covers(other *state) bool {
	return s.title == other.title && (other.news == 0 || s.news == other.news) && s.near(other)
}
