package seo

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// maxLine is the most bytes of each text that are kept.
const maxLine = 300

// summary is what a page tells search engines.
type summary struct {
	title, description string
	canonical          string
	canonicalSite      string // the other site it leads to; empty for the page's own
	robots             string // of the meta element
	noindex            string // what forbids to index the page; empty for nothing
	h1, hreflangs      int
}

// pageKey tells answers apart by all that is looked at.
func pageKey(page *plugins.Page) uint64 {
	key := page.Hash()*31 + xxhash.Sum64String(address(page))
	for _, line := range page.Header["X-Robots-Tag"] {
		key = key*31 + xxhash.Sum64String(line)
	}
	return key
}

func address(page *plugins.Page) string {
	if page.FinalURL != "" {
		return page.FinalURL
	}
	return page.URL
}

func look(page *plugins.Page) summary {
	outline := page.Outline()
	s := summary{
		title: clip(outline.Title), description: clip(outline.Description), canonical: clip(outline.Canonical), robots: clip(outline.Robots),
		h1: outline.Tags[plugins.TagNamed("h1")], hreflangs: len(outline.Hreflangs),
	}
	if outline.Canonical != "" {
		if site := page.SiteOf(outline.Canonical); site != page.SiteOf("#") && site != "" && !strings.HasSuffix(site, ":") {
			s.canonicalSite = clip(site)
		}
	}
	switch {
	case forbids(outline.Robots):
		s.noindex = "the meta element robots"
	case headerForbids(page.Header):
		s.noindex = "the header X-Robots-Tag"
	}
	return s
}

// forbids tells whether robots directives forbid to index the page.
func forbids(directives string) bool {
	for directive := range strings.FieldsFuncSeq(strings.ToLower(directives), func(c rune) bool { return c == ',' || c == ' ' || c == ';' }) {
		if directive == "noindex" || directive == "none" {
			return true
		}
	}
	return false
}

// headerForbids tells whether the header does, for all engines or for Google's.
func headerForbids(header http.Header) bool {
	for _, line := range header["X-Robots-Tag"] {
		engine, directives, named := strings.Cut(line, ":")
		switch engine = strings.ToLower(strings.TrimSpace(engine)); {
		case named && engine == "googlebot":
			line = directives
		case named && !strings.ContainsAny(engine, ", ") && engine != "unavailable_after" && !strings.HasPrefix(engine, "max-"):
			continue // for another engine
		}
		if forbids(line) {
			return true
		}
	}
	return false
}

func (s summary) facts() map[string]string {
	facts := make(map[string]string, 4)
	for name, text := range map[string]string{
		"canonical": s.canonical, "description": s.description, "robots": s.robots, "title": s.title,
	} {
		if text != "" {
			facts[name] = text
		}
	}
	return facts
}

func characters(s string) float64 { return float64(utf8.RuneCountInString(s)) }

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxLine)], "") }
