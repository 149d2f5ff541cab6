package plugins

import "strings"

// fewHomeLinks is how many links say nothing of whose page it is.
const fewHomeLinks = 5

// Homes lists the foreign sites whose page this seems to be by what it says
// itself: where most of its links lead, and that of its canonical address. A page
// may be watched under another name than its own. An intruder can say so, too:
// take the word only of a page that nothing is wrong with.
func (p *Page) Homes() (homes []string) {
	outline, own := p.Outline(), p.SiteOf("")
	foreign := func(site string) bool { return site != "" && site != own && !strings.HasSuffix(site, ":") }
	most, home, linked := 0, "", make(map[string]int)
	for _, link := range outline.Links {
		if outline.Base == "" && isPath(link.Href) {
			continue
		}
		site := p.SiteOf(link.Href)
		if !foreign(site) {
			continue
		}
		if linked[site]++; linked[site] > most {
			most, home = linked[site], site
		}
	}
	if most >= fewHomeLinks && 3*most >= outline.Counts.Links {
		homes = append(homes, home)
	}
	if site := p.SiteOf(outline.Canonical); foreign(site) {
		homes = append(homes, site)
	}
	return homes
}

// isPath tells whether a reference is plainly a path on the page's own site, as
// most are: only a second slash, or what browsers skip, could make a host of it.
func isPath(ref string) bool {
	return len(ref) > 1 && ref[0] == '/' && ref[1] > ' ' && ref[1] != '/' && ref[1] != '\\'
}
