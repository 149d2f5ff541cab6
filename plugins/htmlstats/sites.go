package htmlstats

import "webmon/plugins"

// sites tells which references lead to other sites than the page's own.
type sites struct {
	page  *plugins.Page
	own   string
	based bool // has a base element
}

// foreign returns the registrable domain that a reference leads to, or "" when
// it stays on the page's own site or on the page itself. Content within the
// reference ("data:") counts as foreign.
func (s *sites) foreign(ref string) string {
	if ref == "" || ref[0] == '#' {
		return ""
	}
	// Most references are paths, which need not be looked at closely: only a
	// second slash, or what browsers skip, can make a host of them.
	if len(ref) > 1 && ref[0] == '/' && ref[1] > ' ' && ref[1] != '/' && ref[1] != '\\' && !s.based {
		return ""
	}
	switch site := s.page.SiteOf(ref); site {
	case s.own, "about:", "javascript:", "mailto:", "tel:":
		return ""
	default:
		return site
	}
}
