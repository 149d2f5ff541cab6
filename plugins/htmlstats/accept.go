package htmlstats

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// maxAccepted is how much accepted things are waited for at once. Of more, the
// oldest are dropped.
const maxAccepted = 32

// Accept implements [plugins.Accepter]. Without a code it is about the page that
// alarmed last: when it is seen again, it is learned. With a code and evidence
// it is about that reason, which then does not count until a version is learned
// that has it.
func (h *htmlstats) Accept(past []byte, target plugins.Target) []byte {
	m := new(memory)
	body, ok := m.readHead(past)
	if !ok || !m.readBody(body) {
		return past
	}
	switch {
	case target.Code != "":
		key, ok := acceptedKey(target.Code, target.Evidence)
		if !ok || slices.Contains(m.accepted, key) {
			return past
		}
		m.accepted = append(m.accepted, key)
		m.accepted = m.accepted[max(0, len(m.accepted)-maxAccepted):]
	case m.aside == nil || m.aside.accepted:
		return past
	default:
		m.aside.accepted = true
	}
	return m.encode()
}

// acceptedKey is what is remembered of an accepted reason; there is none for
// what no finding can say. Digits in texts do not matter, as in the sets, and a
// host stands for its site.
func acceptedKey(code, evidence string) (key uint64, ok bool) {
	switch code {
	case otherStructure, otherVocabulary, otherType:
		evidence = ""
	case unusualValue:
		_, ok := metricNamed(evidence)
		if !ok {
			return 0, false
		}
	case rules[titles].code, rules[headings].code, rules[otherTitles].code, rules[otherHeadings].code, rules[firstWords].code:
		evidence = steady(evidence)
		if evidence == "" {
			return 0, false
		}
	case notThePage:
	default:
		k := slices.IndexFunc(rules[:], func(r rule) bool { return r.code == code })
		if evidence == "" || k < 0 {
			return 0, false
		}
		if k := kind(k); k <= passwordForms || k == hiddenFrames {
			evidence = cmp.Or(new(plugins.Page).SiteOf("//"+evidence), evidence)
		}
	}
	return xxhash.Sum64String(code + "\x00" + evidence), true
}

// steady is a text without its digits: dates and counters are no news.
func steady(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return -1
		}
		return c
	}, text)
}

// takes tells whether a reason was accepted, and notes that it is there.
func (m *memory) takes(a *assessment, code, evidence string) bool {
	key, ok := acceptedKey(code, evidence)
	if !ok || !slices.Contains(m.accepted, key) {
		return false
	}
	a.used = append(a.used, key)
	return true
}

// know makes accepted members of sets known as soon as a version has them,
// whatever else is wrong with it. With the site of a script its scripts are
// accepted.
func (m *memory) know(v *version) {
	if len(m.accepted) == 0 {
		return
	}
	var a assessment
	for k := range numKinds {
		for _, it := range v.sets[k] {
			if rules[k].code != "" && !m.sets[k].has(it.hash) && m.takes(&a, rules[k].code, it.piece(k)) {
				m.sets[k].know(k, it.hash)
			}
		}
	}
	for _, script := range v.sources {
		key, _ := acceptedKey(rules[scriptSites].code, v.sets[scriptSites].name(script[0]))
		if slices.Contains(a.used, key) && !m.sets[scriptURLs].has(script[1]) {
			m.sets[scriptURLs].know(scriptURLs, script[1])
		}
	}
	m.dropAccepted(a.used)
}

// knowAll makes all that is new known before it is learned. What a person lets
// in does not show that the page brings such news by itself, so the next one
// counts as this one did.
func (m *memory) knowAll(all []news) {
	for _, n := range all {
		for _, it := range n.items {
			if !m.sets[n.kind].has(it.hash) {
				m.sets[n.kind].know(n.kind, it.hash)
			}
		}
	}
}

// name returns what the member with a hash is called.
func (s set) name(hash uint32) string {
	i := slices.IndexFunc(s, func(it item) bool { return it.hash == hash })
	if i < 0 {
		return ""
	}
	return clip(s[i].name)
}

// discount takes out of an assessment what was accepted of its numbers.
func (m *memory) discount(a *assessment) {
	if len(m.accepted) == 0 {
		return
	}
	a.deviations = slices.DeleteFunc(a.deviations, func(d deviation) bool {
		accepted := m.takes(a, unusualValue, names[d.metric])
		if accepted {
			a.score -= d.points
			a.accepted = append(a.accepted, d)
		}
		return accepted
	})
	for i, code := range []string{otherStructure, otherVocabulary} {
		if a.unlike[i] > 0 && m.takes(a, code, "") {
			a.score -= a.unlike[i]
			a.unlike[i] = 0
		}
	}
	if a.otherType && m.takes(a, otherType, "") {
		a.score -= typePoints
		a.otherType = false
	}
	a.score = max(a.score, 0) // floating point
}

// isAccepted tells whether somebody said that this page is normal.
func (m *memory) isAccepted(s *state, a *assessment, alarm bool) bool {
	if a.instead != "" && m.takes(a, notThePage, a.instead) {
		return true
	}
	return (alarm || a.instead != "") && m.aside != nil && m.aside.accepted && m.aside.news == s.news && m.aside.alike(s)
}

// dropAccepted forgets what was accepted and is learned now.
func (m *memory) dropAccepted(used []uint64) {
	m.accepted = slices.DeleteFunc(m.accepted, func(key uint64) bool { return slices.Contains(used, key) })
}

// know takes in a member that is not there yet, in place of the oldest when the
// collection is full.
func (c *collection) know(k kind, hash uint32) {
	if len(c.items) >= maxItems[k] {
		oldest := 0
		for i, m := range c.items {
			if m.age > c.items[oldest].age {
				oldest = i
			}
		}
		c.items = slices.Delete(c.items, oldest, oldest+1)
	}
	at, _ := slices.BinarySearchFunc(c.items, hash, func(m memorised, hash uint32) int { return int(int64(m.hash) - int64(hash)) })
	c.items = slices.Insert(c.items, at, memorised{hash: hash})
}
