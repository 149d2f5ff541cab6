package htmlstats

import "webmon/plugins"

// sites tells which references lead to other sites than the page's own.
type sites struct {
	page *plugins.Page
	own  string
}

// foreign returns the registrable domain that a reference leads to, or "" when
// it stays on the page's own site or on the page itself. Content within the
// reference ("data:") counts as foreign.
func (s *sites) foreign(ref string) string {
	if ref == "" {
		return ""
	}
	switch site := s.page.SiteOf(ref); site {
	case s.own, "about:", "javascript:", "mailto:", "tel:":
		return ""
	default:
		return site
	}
}
