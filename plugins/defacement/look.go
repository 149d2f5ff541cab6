package defacement

import (
	"slices"
	"strings"

	"webmon/plugins"
	"webmon/plugins/lexicon"
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
	edge     = 160 // bytes of the text's end that are a prominent place
	leadSize = 12  // bytes before the words that still are the start: "[ Site "
)

// sighting is a word and the most prominent place where it stands.
type sighting struct {
	text   string
	strong bool
	place  place
}

// sightings are the words found, each once.
type sightings []sighting

// look reads what is to be known of a page, and searches it for the words. The
// prominent places are short, and searched once more, because there the digits
// that stand for letters are put back.
func (d *defacement) look(page *plugins.Page) (version, sightings) {
	outline := page.Outline()
	now := version{
		title: clip(outline.Title, maxTitle), lang: primary(outline.Lang), charset: clip(outline.Charset, maxName),
		simhash: outline.Simhash, words: outline.Words,
	}
	var found sightings
	text := outline.Text
	d.add(&found, page.Terms(), func(lexicon.Sighting) place { return inText })
	if d.own != nil {
		d.add(&found, d.own.Scan(text), func(lexicon.Sighting) place { return inText })
	}
	see := func(line string, where func(lexicon.Sighting) place) {
		line = normal(line)
		d.add(&found, lexicon.Scan(line), where)
		if d.own != nil {
			d.add(&found, d.own.Scan(line), where)
		}
	}
	for _, end := range []string{outline.FirstWords, clip(text[max(0, len(text)-edge):], edge)} {
		see(end, func(lexicon.Sighting) place { return atEnds })
	}
	for _, line := range append([]string{outline.Title}, outline.H1...) {
		see(line, func(s lexicon.Sighting) place {
			if s.First <= leadSize {
				return leading
			}
			return inLine
		})
	}
	return now, found
}

// add notes the words among the terms that were found.
func (d *defacement) add(found *sightings, terms lexicon.Found, where func(lexicon.Sighting) place) {
	for _, term := range terms {
		strong := term.Class == lexicon.Signature
		if !strong && term.Class != lexicon.Boast || d.allowed[term.Text] {
			continue
		}
		here := where(term)
		at := slices.IndexFunc(*found, func(s sighting) bool { return s.text == term.Text && s.strong == strong })
		if at < 0 {
			*found = append(*found, sighting{term.Text, strong, here})
		} else {
			(*found)[at].place = max((*found)[at].place, here)
		}
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
