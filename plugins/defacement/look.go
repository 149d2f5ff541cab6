package defacement

import (
	"slices"
	"strings"

	"webmon/plugins"
)

// version is what is to be known of a version of a page.
type version struct {
	title, lang, charset string
	simhash              uint64
	words                int
}

// place is where words stand.
type place uint8

const (
	nowhere  place = iota
	inText         // somewhere
	atEnds         // among the first or last words a reader sees
	inLine         // in the title or a heading
	leading        // at the start of the title or a heading
	maxText  = 64 << 10
	edge     = 160 // bytes of the text's end that are a prominent place
	leadSize = 12  // bytes before the words that still are the start: "[ Site "
)

// sightings are the words found, by their place in the lexicon.
type sightings struct {
	strong [64]place
	weak   uint64
	more   string // the first of the asset's own words
	where  place  // and where it stands

	accepted []uint32 // own words that do not count
}

// words are those found, without their places.
func (s *sightings) words() found {
	words := found{weak: s.weak, own: s.more}
	for i, place := range s.strong {
		if place != nowhere {
			words.strong |= 1 << i
		}
	}
	return words
}

// look searches a page for the words.
func (d *defacement) look(outline *plugins.Outline, accepted []uint32) (version, sightings) {
	now := version{
		title: clip(outline.Title, maxTitle), lang: primary(outline.Lang), charset: clip(outline.Charset, maxName),
		simhash: outline.Simhash, words: outline.Words,
	}
	found := sightings{accepted: accepted}
	see := func(text string, where place) {
		d.words.find(text, func(i, at int) {
			here := where
			if where == inLine && at <= leadSize {
				here = leading
			}
			found.add(d.words, i, here)
		})
	}
	see(normal(outline.Title), inLine)
	for _, line := range outline.H1 {
		see(normal(line), inLine)
	}
	see(normal(outline.FirstWords), atEnds)
	see(normal(clip(outline.Text[max(0, len(outline.Text)-edge):], edge)), atEnds)
	see(strings.ToLower(clip(outline.Text, maxText)), inText)
	return now, found
}

// add notes that the i-th word of the lexicon stands there.
func (s *sightings) add(words *lexicon, i int, where place) {
	switch {
	case i < len(strong):
		s.strong[i] = max(s.strong[i], where)
	case i < len(strong)+len(weak):
		s.weak |= 1 << (i - len(strong))
	case where > s.where && !slices.Contains(s.accepted, hash(words.words[i])):
		s.more, s.where = words.words[i], where
	}
}

// normal is a line in lower case, with letters for the digits that stand for
// them in words such as "h4ck3d".
func normal(line string) string {
	return unleet.Replace(strings.ToLower(line))
}

var unleet = strings.NewReplacer("4", "a", "@", "a", "3", "e", "0", "o", "1", "i", "$", "s", "’", "'")

// primary is the language without its region: "en" of "en-GB".
func primary(lang string) string {
	lang, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(lang)), "-")
	return clip(lang, maxName)
}

func clip(s string, limit int) string {
	return strings.ToValidUTF8(s[:min(len(s), limit)], "")
}
