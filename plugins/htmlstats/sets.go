package htmlstats

import (
	"cmp"
	"slices"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/lexicon"
	"webmon/plugins/services"
)

// kind is a kind of things that a page has a set of. Kinds are remembered by
// number: append, never insert.
type kind int

const (
	scriptSites kind = iota // registrable domains of foreign scripts
	frameSites
	formSites
	imageSites
	styleSites
	linkSites
	redirectSites // of meta refresh, base and the address the page was found at
	passwordForms // foreign sites that passwords are sent to
	ownPasswords
	hiddenFrames  // where they come from
	scriptURLs    // of foreign scripts, without hashes and numbers
	ownScripts    // the same of the page's own
	inlineScripts // fingerprints
	strangeCode   // fingerprints of inline scripts that hide what they do
	strangeSigns  // how they do it
	titles
	headings
	firstWords
	languages
	defacedTerms
	suspiciousTerms
	spamTerms
	endings       // what is open where the page ends
	homeSites     // whose page it is by its links: a page may be watched under another name than its own
	linkBursts    // many links at once to sites that the page never led to
	silentChanges // more elements around the very same words
	silentShow    // those that show something: images, drawings, styles
	pathSet       // paths of three elements
	openings      // the first elements
	overlays      // styles of what lies over the page
	titleWords    // of titles and main headings
	otherTitles   // those without a word that any before them had
	otherHeadings
	codeSites       // named in inline code that is new
	errorTerms      // what servers and programs say when they fail
	serviceSites    // widespread services whose scripts or frames are there
	serviceScripts  // addresses of their scripts, without hashes and numbers
	ownHiddenFrames // hidden frames of the page's own site
	addedScripts    // one script more, beside the very same ones
	loadedSites     // that new inline code loads something from
	putBefore       // new words, before those that the page used to begin with

	numKinds
)

// maxItems is how many items of each kind are remembered. A page that shows
// more is not judged by that kind.
var maxItems = [numKinds]int{
	scriptSites: 48, frameSites: 24, formSites: 16, imageSites: 64, styleSites: 24, linkSites: 160,
	redirectSites: 8, passwordForms: 8, ownPasswords: 1, hiddenFrames: 8, scriptURLs: 96, ownScripts: 64, inlineScripts: 96,
	strangeCode: 32, strangeSigns: 16, titles: 8, headings: 16, firstWords: 8, languages: 4,
	defacedTerms: 16, suspiciousTerms: 16, spamTerms: 32, endings: 8,
	homeSites: 4, linkBursts: 4, silentChanges: 4, silentShow: 4, pathSet: 320,
	openings: 8, overlays: 16, titleWords: 96, otherTitles: 4, otherHeadings: 4, codeSites: 64, errorTerms: 16,
	serviceSites: 64, serviceScripts: 64, ownHiddenFrames: 1, addedScripts: 32, loadedSites: 32, putBefore: 8,
}

// item is a member of a set. Only the hash is remembered.
type item struct {
	hash uint32
	name string
}

// set is sorted by hash, each item once.
type set []item

func hashOf(name string) uint32 { return uint32(xxhash.Sum64String(name)) }

func (v *version) add(k kind, name string) {
	if name != "" {
		v.sets[k] = append(v.sets[k], item{hashOf(name), name})
	}
}

// addUnlessService adds a site, but not that of a widespread service: what it
// shows is no news.
func (v *version) addUnlessService(k kind, site string) {
	if !services.Known(site) {
		v.add(k, site)
	}
}

// addText adds a text that is the same whatever the numbers in it: dates and
// counters are no news.
func (v *version) addText(k kind, text string) {
	if steady := steady(text); steady != "" {
		v.sets[k] = append(v.sets[k], item{hashOf(steady), text})
	}
}

// collect fills the sets.
func (v *version) collect(page *plugins.Page) {
	o := v.outline
	s := sites{page: page, own: page.SiteOf(""), based: o.Base != ""}
	for i := range o.Scripts {
		v.addScript(&o.Scripts[i], &s)
	}
	for _, f := range o.Frames {
		site := s.foreign(f.Src)
		if services.Known(site) {
			v.add(serviceSites, site)
			continue
		}
		v.add(frameSites, site)
		if f.Srcdoc {
			v.add(frameSites, "an attribute of its own (srcdoc)")
		}
		switch {
		case f.Hidden && site == "" && !f.Srcdoc:
			v.add(ownHiddenFrames, "the page's own site")
		case f.Hidden:
			v.add(hiddenFrames, cmp.Or(site, "the page's own site"))
		}
	}
	for _, address := range o.Embeds {
		v.add(frameSites, s.foreign(address))
	}
	for _, address := range o.SelfRun {
		v.add(scriptSites, s.foreign(address))
	}
	for _, address := range o.FormActions {
		v.add(formSites, s.foreign(address))
	}
	for _, f := range o.Forms {
		site := s.foreign(f.Action)
		v.add(formSites, site)
		if f.Passwords > 0 {
			if site == "" {
				v.add(ownPasswords, "the page's own site")
			}
			v.add(passwordForms, site)
		}
	}
	for _, address := range o.Images {
		v.addUnlessService(imageSites, s.foreign(address))
	}
	for _, sheet := range o.Stylesheets {
		v.addUnlessService(styleSites, s.foreign(sheet.Href))
	}
	v.addLinks(o, &s)
	v.add(redirectSites, s.foreign(o.Refresh))
	v.add(redirectSites, s.foreign(o.Base))
	v.add(redirectSites, s.own)

	v.addText(titles, o.Title)
	v.addWords(titleWords, o.Title)
	for _, heading := range o.H1 {
		v.addText(headings, heading)
		v.addWords(titleWords, heading)
	}
	v.add(openings, o.Opening)
	for _, style := range o.Overlays {
		v.addText(overlays, style)
	}
	v.add(endings, ending(o))
	v.addText(firstWords, o.FirstWords)
	v.add(languages, o.Lang)
	for class, k := range map[lexicon.Class]kind{
		lexicon.Defaced: defacedTerms, lexicon.Suspicious: suspiciousTerms, lexicon.Spam: spamTerms, lexicon.Error: errorTerms,
	} {
		for _, term := range v.text.Of(class) {
			v.add(k, term)
		}
	}
	// At the head of a page, words that could be about intruders are theirs.
	for _, line := range append([]string{o.Title, o.FirstWords}, o.H1...) {
		for _, term := range lexicon.Scan(line).Of(lexicon.Suspicious) {
			v.add(defacedTerms, term)
		}
	}
	for _, p := range o.TagPaths {
		v.sets[pathSet] = append(v.sets[pathSet], item{hash: uint32(p.Path)})
	}
	for k := range numKinds {
		v.sortSet(k)
	}
}

// sortSet makes a set of the items added.
func (v *version) sortSet(k kind) {
	slices.SortFunc(v.sets[k], func(a, b item) int { return cmp.Compare(a.hash, b.hash) })
	v.sets[k] = slices.CompactFunc(v.sets[k], func(a, b item) bool { return a.hash == b.hash })
}

// ending names what is open where a page ends.
func ending(o *plugins.Outline) string {
	switch {
	case o.Closed:
		return "</html>"
	case o.Ending == 0:
		return "nothing"
	}
	return o.Ending.String()
}

// addLinks notes where links lead, and whose page this seems to be.
func (v *version) addLinks(o *plugins.Outline, s *sites) {
	v.linksTo = make(map[uint32]int)
	for _, link := range o.Links {
		site := s.foreign(link.Href)
		if site == "" {
			continue
		}
		hash := hashOf(site)
		if v.linksTo[hash]++; v.linksTo[hash] == 1 {
			v.sets[linkSites] = append(v.sets[linkSites], item{hash, site})
		}
	}
	for _, home := range s.page.Homes() {
		v.add(homeSites, home)
	}
}
