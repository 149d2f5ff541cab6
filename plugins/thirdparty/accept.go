package thirdparty

import (
	"cmp"
	"slices"

	"webmon/plugins"
)

// Accept implements [plugins.Accepter]: sites become known. Without a code these
// are all that are pending, without evidence those of one kind. A host stands
// for its site.
func (t *thirdparty) Accept(past []byte, target plugins.Target) []byte {
	m, ok := decode(past)
	if !ok {
		return past
	}
	changed := false
	for kind := range m.watched {
		if target.Code != "" && target.Code != kinds[kind].code {
			continue
		}
		sites := m.watched[kind].pending
		if target.Evidence != "" {
			sites = []string{clip(siteOf(target.Evidence), maxSite)}
		}
		changed = m.watched[kind].accept(sites) || changed
	}
	if !changed {
		return past
	}
	m.key = 0 // the page may have more new sites than were kept: look again
	return m.encode()
}

// siteOf is the site of a host, and what is no host's name as it is.
func siteOf(host string) string {
	return cmp.Or(new(plugins.Page).SiteOf("//"+host), host)
}

// accept makes sites known, and tells whether one was not. When there are too
// many, others make room. What a person lets in does not show that the page
// brings new sites by itself, so the next one is a surprise again.
func (w *watched) accept(sites []string) (changed bool) {
	for _, site := range slices.Clone(sites) {
		if w.knows(site) {
			continue
		}
		changed = true
		if len(w.known) >= maxKnown {
			w.known = w.known[:maxKnown-1]
		}
		at, _ := slices.BinarySearch(w.known, hash(site))
		w.known = slices.Insert(w.known, at, hash(site))
		if at, found := slices.BinarySearch(w.pending, site); found {
			w.pending = slices.Delete(w.pending, at, at+1)
			w.novelties = max(0, w.novelties-1)
		}
	}
	return changed
}
