package blockpage

import (
	"bytes"
	"strings"

	"webmon/plugins"
	"webmon/plugins/lexicon"
)

// A page with more text, links or source than this is a page of its own,
// whatever it says. What a heading says alone may stand on a page with the
// site's usual menus; what the text says may not.
const (
	sourceBytes  = 64 << 10
	sourceWords  = 300
	sourceLinks  = 30
	headingWords = 600
	headingLinks = 150
	textWords    = 120
	textLinks    = 10
	loginFewer   = 250 // words
)

// sighting is what was recognised, and by what.
type sighting struct {
	kind   kind
	marker string
}

// recognise tells what page is in truth. open says that the page is known to
// be one without a login.
func recognise(page *plugins.Page, open bool) sighting {
	for _, header := range headerMarkers {
		if value := page.Header.Get(header.name); value != "" && (header.value == "" || strings.EqualFold(value, header.value)) {
			return sighting{challenge, header.name}
		}
	}
	if page.Truncated || !page.IsHTML() {
		return sighting{}
	}
	outline := page.Outline()
	if outline.Words <= sourceWords && outline.Counts.Links <= sourceLinks && len(page.Body) <= sourceBytes {
		for _, source := range sourceMarkers {
			if bytes.Contains(page.Body, []byte(source.marker)) {
				return sighting{source.kind, source.marker}
			}
		}
	}
	if seen := fromWords(outline); seen.kind != none && meaningful(seen.kind, page.Status) {
		return seen
	}
	if open && page.Status < 400 && isLogin(outline) {
		return sighting{loginWall, "a password field"}
	}
	return sighting{}
}

// meaningful tells whether a kind says more than the status does: that a page
// was not found, with status 404, is no news.
func meaningful(k kind, status int) bool {
	return status < 400 || k != notFound && k != errorText
}

// fromWords looks at the title and headings, and on small pages at the text.
func fromWords(outline *plugins.Outline) sighting {
	if outline.Words > headingWords || outline.Counts.Links > headingLinks {
		return sighting{}
	}
	for _, line := range append([]string{outline.Title}, outline.H1...) {
		line = normal(line)
		if kind, ok := phrases[line]; ok {
			return sighting{kind, line}
		}
		for part := range strings.FieldsFuncSeq(line, parts) {
			part = strings.TrimSpace(part)
			if kind, ok := phrases[part]; ok && strings.Contains(part, " ") { // a mere "404" may be a name
				return sighting{kind, part}
			}
		}
	}
	if outline.Words > textWords || outline.Counts.Links > textLinks || outline.Words == 0 {
		return sighting{}
	}
	return longest(outline.Title + " " + outline.Text)
}

// parts tells what parts of a title are parted by.
func parts(c rune) bool { return strings.ContainsRune("|-–—·:•»", c) }

// normal is a line as phrases are written.
func normal(line string) string {
	return strings.TrimRight(strings.ToLower(strings.ReplaceAll(line, "’", "'")), " .")
}

// sentences are the phrases of at least three words: shorter ones may stand in
// any text.
var sentences = func() *lexicon.Lexicon {
	var terms []lexicon.Term
	for phrase, kind := range phrases {
		if strings.Count(phrase, " ") >= 2 {
			terms = append(terms, lexicon.Term{Class: lexicon.Class(kind), Text: phrase})
		}
	}
	return lexicon.New(terms)
}()

// longest returns the longest sentence in text. Of equal ones, the first in the
// alphabet.
func longest(text string) (best sighting) {
	for _, s := range sentences.Scan(text) {
		if len(s.Text) > len(best.marker) || len(s.Text) == len(best.marker) && s.Text < best.marker {
			best = sighting{kind(s.Class), s.Text}
		}
	}
	return best
}

// isLogin tells whether a page is a login and little else.
func isLogin(outline *plugins.Outline) bool {
	if outline.Passwords == 0 || outline.Words > loginFewer || outline.Counts.Links > sourceLinks {
		return false
	}
	for _, line := range append([]string{outline.Title}, outline.H1...) {
		line = strings.ToLower(line)
		for _, word := range loginWords {
			if strings.Contains(line, word) {
				return true
			}
		}
	}
	return false
}
