package defacement

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// code is that of the only finding.
const code = "defaced"

// maxWords is how many words a finding names.
const maxWords = 10

func hash(word string) uint32 { return uint32(xxhash.Sum64String(word)) }

// words lists those of the last page that are not its own, the strong ones
// first.
func (m *memory) words() (list []string) {
	for i, word := range strong {
		if (m.found.strong&^m.strong)>>i&1 == 1 {
			list = append(list, word)
		}
	}
	if m.found.own != "" {
		list = append(list, m.found.own)
	}
	for i, word := range weak {
		if (m.found.weak&^m.weak)>>i&1 == 1 {
			list = append(list, word)
		}
	}
	return list[:min(len(list), maxWords)]
}

// Accept implements [plugins.Accepter]: words are the page's own from now on.
// Without evidence these are all that the page has, which alarmed last.
func (d *defacement) Accept(past []byte, target plugins.Target) []byte {
	m, ok := decode(past)
	if !ok || target.Code != "" && target.Code != code {
		return past
	}
	words := m.found
	if target.Evidence != "" {
		words = d.named(target.Evidence)
	} else if m.points < alarm {
		return past
	}
	if words.strong&^m.strong == 0 && words.weak&^m.weak == 0 && (words.own == "" || slices.Contains(m.own, hash(words.own))) {
		return past
	}
	m.strong |= words.strong
	m.weak |= words.weak
	if words.own != "" && !slices.Contains(m.own, hash(words.own)) {
		m.own = append(m.own, hash(words.own))
		m.own = m.own[max(0, len(m.own)-maxOptionWords):]
	}
	m.key = 0 // look again
	return m.encode()
}

// named finds a word of the lexicon.
func (d *defacement) named(word string) (words found) {
	switch i := slices.Index(d.words.words, word); {
	case i < 0:
	case i < len(strong):
		words.strong = 1 << i
	case i < len(strong)+len(weak):
		words.weak = 1 << (i - len(strong))
	default:
		words.own = word
	}
	return words
}
