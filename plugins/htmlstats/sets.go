package htmlstats

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/htmlstats/lexicon"
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
	titles
	headings
	firstWords
	languages
	defacedTerms
	suspiciousTerms
	spamTerms
	contents      // with </html> or without
	homeSites     // whose page it is by its links: a page may be watched under another name than its own
	linkBursts    // many links at once to sites that the page never led to
	silentChanges // more elements around the very same words
	silentShow    // those that show something: images, drawings, styles
	pathSet       // paths of three elements

	numKinds
)

// maxItems is how many items of each kind are remembered. A page that shows
// more is not judged by that kind.
var maxItems = [numKinds]int{
	scriptSites: 48, frameSites: 24, formSites: 16, imageSites: 64, styleSites: 24, linkSites: 160,
	redirectSites: 8, passwordForms: 8, ownPasswords: 1, hiddenFrames: 8, scriptURLs: 96, ownScripts: 64, inlineScripts: 96,
	strangeCode: 32, titles: 8, headings: 16, firstWords: 8, languages: 4,
	defacedTerms: 16, suspiciousTerms: 16, spamTerms: 32, contents: 4,
	homeSites: 4, linkBursts: 4, silentChanges: 4, silentShow: 4, pathSet: 320,
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

// addText adds a text that is the same whatever the numbers in it: dates and
// counters are no news.
func (v *version) addText(k kind, text string) {
	steady := strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return -1
		}
		return c
	}, text)
	if steady != "" {
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
		v.add(frameSites, site)
		if f.Hidden {
			v.add(hiddenFrames, cmp.Or(site, "the page's own site"))
		}
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
		v.add(imageSites, s.foreign(address))
	}
	for _, sheet := range o.Stylesheets {
		v.add(styleSites, s.foreign(sheet.Href))
	}
	v.addLinks(o, &s)
	v.add(redirectSites, s.foreign(o.Refresh))
	v.add(redirectSites, s.foreign(o.Base))
	v.add(redirectSites, s.own)

	v.addText(titles, o.Title)
	for _, heading := range o.H1 {
		v.addText(headings, heading)
	}
	v.addText(firstWords, o.FirstWords)
	v.add(languages, o.Lang)
	for class, k := range map[lexicon.Class]kind{
		lexicon.Defaced: defacedTerms, lexicon.Suspicious: suspiciousTerms, lexicon.Spam: spamTerms,
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
	for k := range v.sets {
		slices.SortFunc(v.sets[k], func(a, b item) int { return cmp.Compare(a.hash, b.hash) })
		v.sets[k] = slices.CompactFunc(v.sets[k], func(a, b item) bool { return a.hash == b.hash })
	}
}

// addLinks notes where links lead, and whose page this seems to be.
func (v *version) addLinks(o *plugins.Outline, s *sites) {
	v.linksTo = make(map[uint32]int)
	most, home := 0, ""
	for _, link := range o.Links {
		site := s.foreign(link.Href)
		if site == "" {
			continue
		}
		hash := hashOf(site)
		if v.linksTo[hash]++; v.linksTo[hash] == 1 {
			v.sets[linkSites] = append(v.sets[linkSites], item{hash, site})
		}
		if v.linksTo[hash] > most {
			most, home = v.linksTo[hash], site
		}
	}
	if most >= 5 && 3*most >= len(o.Links) {
		v.add(homeSites, home)
	}
	v.add(homeSites, s.foreign(o.Canonical))
}

func (v *version) addScript(script *plugins.Script, s *sites) {
	switch {
	case script.Data:
	case !script.Inline:
		if site := s.foreign(script.Src); site != "" {
			v.add(scriptSites, site)
			v.add(scriptURLs, steadyPart(script.Src))
		} else {
			v.add(ownScripts, steadyPart(script.Src))
		}
	case script.Fingerprint != 0:
		fingerprint := uint32(script.Fingerprint)
		v.sets[inlineScripts] = append(v.sets[inlineScripts], item{hash: fingerprint})
		if reason := strange(script); reason != "" {
			v.sets[strangeCode] = append(v.sets[strangeCode], item{fingerprint, reason})
		}
	}
}

// strange tells in words why code looks as if it hid what it does, or nothing.
func strange(script *plugins.Script) string {
	s := script.Signs
	var signs []string
	if s.Eval > 0 {
		signs = append(signs, "runs code it makes up")
	}
	if s.Decode > 0 {
		signs = append(signs, "decodes text")
	}
	if s.DocumentWrite > 0 {
		signs = append(signs, "writes into the page")
	}
	if s.Escapes >= 8 {
		signs = append(signs, "spells characters by number")
	}
	if s.LongestToken >= 400 {
		signs = append(signs, "holds a very long text")
	}
	return strings.Join(signs, ", ")
}

// steadyPart is an address without what changes with each release: the query,
// and parts that hold a digit or look random.
func steadyPart(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	var b strings.Builder
	for len(address) > 0 {
		end := strings.IndexFunc(address, func(c rune) bool {
			return c == '.' || c == '-' || c == '/' || c == '_' || c == '~' || c == '@' || c == ':'
		})
		part := address
		if end >= 0 {
			part = address[:end]
		}
		if strings.ContainsAny(part, "0123456789") || len(part) >= 8 && mixed(part) {
			b.WriteByte('#')
		} else {
			b.WriteString(part)
		}
		if end < 0 {
			break
		}
		b.WriteByte(address[end])
		address = address[end+1:]
	}
	return b.String()
}

// mixed tells whether a capital follows a small letter and the other way round
// more than once, as in random names.
func mixed(part string) bool {
	turns := 0
	for i := 1; i < len(part); i++ {
		if isUpper(part[i-1]) != isUpper(part[i]) {
			turns++
		}
	}
	return turns > len(part)/3
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// memorised is an item that was seen, and how many versions ago.
type memorised struct {
	hash uint32
	age  uint8
}

// collection is what is remembered of a set over time, sorted by hash.
type collection struct {
	items   []memorised
	changes int // versions that brought something new, among those the memory counts
}

func (c *collection) has(hash uint32) bool {
	_, ok := slices.BinarySearchFunc(c.items, hash, func(m memorised, hash uint32) int { return cmp.Compare(m.hash, hash) })
	return ok
}

// news returns the items of s that were never seen. A set that is too large to
// be remembered has none.
func (c *collection) news(k kind, s set) (news set) {
	if len(s) > maxItems[k] || len(c.items) >= maxItems[k] && len(s) > maxItems[k]/2 {
		return nil
	}
	for _, it := range s {
		if !c.has(it.hash) {
			news = append(news, it)
		}
	}
	return news
}

// forgetAfter is how many versions without it an item is remembered.
const forgetAfter = 200

// learn takes in a set, and tells whether something in it was new.
func (c *collection) learn(k kind, s set) (changed bool) {
	merged := make([]memorised, 0, len(c.items)+len(s))
	for _, m := range c.items {
		if m.age < forgetAfter {
			m.age++
			merged = append(merged, m)
		}
	}
	for _, it := range s {
		i, ok := slices.BinarySearchFunc(merged, it.hash, func(m memorised, hash uint32) int { return cmp.Compare(m.hash, hash) })
		if ok {
			merged[i].age = 0
		} else {
			merged = slices.Insert(merged, i, memorised{hash: it.hash})
			changed = true
		}
	}
	if limit := maxItems[k]; len(merged) > limit {
		slices.SortFunc(merged, func(a, b memorised) int { return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.hash, b.hash)) })
		merged = merged[:limit]
		slices.SortFunc(merged, func(a, b memorised) int { return cmp.Compare(a.hash, b.hash) })
	}
	c.items = merged
	return changed
}

func (c *collection) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.changes))
	b = binary.AppendUvarint(b, uint64(len(c.items)))
	before := uint32(0)
	for _, m := range c.items {
		b = binary.AppendUvarint(b, uint64(m.hash-before))
		b = append(b, m.age)
		before = m.hash
	}
	return b
}

func (c *collection) read(r *reader, k kind) {
	c.changes = r.number(maxCounted)
	before := uint64(0)
	for i := range r.number(maxItems[k]) {
		step := r.uvarint()
		if before += step; before > 1<<32-1 || step == 0 && i > 0 {
			r.failed = true
		}
		age := r.byte()
		if r.failed {
			return
		}
		c.items = append(c.items, memorised{uint32(before), age})
	}
}
