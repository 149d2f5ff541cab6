package defacement

import (
	"slices"

	"webmon/plugins"
)

// code is that of the only finding.
const code = "defaced"

// maxNamed is how many words a finding names.
const maxNamed = 10

// strange lists the words that a page never had, the strong ones first.
func (m *memory) strange(found sightings) (words []string) {
	for _, strong := range []bool{true, false} {
		for _, s := range found {
			if s.strong == strong && !m.knows(s.text) && len(words) < maxOwn {
				words = append(words, clip(s.text, maxEvidence))
			}
		}
	}
	return words
}

// Accept implements [plugins.Accepter]: words are the page's own from now on.
// Without evidence these are all that the page has, which alarmed last.
func (d *defacement) Accept(past []byte, target plugins.Target) []byte {
	m, ok := decode(past)
	if !ok || target.Code != "" && target.Code != code {
		return past
	}
	words := m.strangers
	if target.Evidence != "" {
		words = []string{target.Evidence}
	}
	if !slices.ContainsFunc(words, func(word string) bool { return !m.knows(word) }) {
		return past
	}
	for _, word := range words {
		m.own = append(m.own, hash(word))
	}
	m.own = m.own[max(0, len(m.own)-maxOwn):]
	m.key = 0 // look again
	return m.encode()
}
