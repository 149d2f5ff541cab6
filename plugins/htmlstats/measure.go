package htmlstats

import (
	"webmon/plugins"
	"webmon/plugins/lexicon"
)

// numbers are one version of a page, counted.
type numbers [numMetrics]int64

// version is what one fetch shows of a page.
type version struct {
	at        int64 // when it was fetched, in Unix seconds
	isHTML    bool  // else only pageBytes is known
	numbers   numbers
	closed    bool // an </html> was there
	onlyPut   bool // what was put before the text is all by which it is longer
	sets      [numKinds]set
	paths     []path
	words     []uint32 // the vocabulary's smallest hashes, sorted
	text      lexicon.Found
	linksTo   map[uint32]int // links by the hash of the foreign site
	sources   [][2]uint32    // hashes of a foreign site and of the address of a script from there
	code      []codeSite
	addresses []string         // of scripts, without what changes with each release
	outline   *plugins.Outline // nil when not HTML
}

// measure reads a page, but for the elements that are to be ignored.
func (h *htmlstats) measure(page *plugins.Page, isHTML bool) *version {
	if isHTML {
		page = page.WithBody(h.skipped.Without(page.Body))
	}
	v := &version{at: max(page.At.Unix(), 0), isHTML: isHTML}
	v.numbers[pageBytes] = int64(len(page.Body))
	if !isHTML {
		return v
	}
	o := page.Outline()
	v.outline, v.closed = o, o.Closed
	for m, n := range [firstTag]int{
		pageBytes: len(page.Body), textBytes: len(o.Text), words: o.Words, tags: o.TagCount, distinctTags: o.DistinctTags, depth: o.Depth,
		links: o.Counts.Links, scripts: o.Counts.Scripts, inlineScriptBytes: o.InlineScriptBytes,
		forms: o.Counts.Forms, frames: o.Counts.Frames, images: o.Counts.Images, stylesheets: o.Counts.Stylesheets,
		attributes: o.Attributes, comments: o.Comments, hidden: o.HiddenHints, eventHandlers: o.EventHandlers,
		inlineStyles: o.InlineStyles, passwords: o.Passwords,
	} {
		v.numbers[m] = int64(n)
	}
	for tag, n := range o.Tags {
		v.numbers[firstTag+metric(tag)] = int64(n)
	}
	v.text = page.Terms()
	v.paths = mainPaths(o.TagPaths)
	v.words = o.Vocabulary[:min(len(o.Vocabulary), maxSketch)]
	v.collect(page)
	return v
}
