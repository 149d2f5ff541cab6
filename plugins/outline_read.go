package plugins

import (
	"bytes"
	"slices"
	"sync"
	"unicode/utf8"

	"webmon/plugins/htmlscan"
	"webmon/plugins/scriptscan"
	"webmon/plugins/textscan"
)

// outlineReader is the state of a pass, and what a pass needs room for.
type outlineReader struct {
	outline *Outline

	nesting   nesting
	depth     int
	templates int // template elements open
	opened    int // elements of the page's opening
	level     int // how deep the last of them is
	paths     pathCounter

	text    visibleText
	words   *textscan.Reader
	heading int // where in the text the open h1 begins; -1 when none is open

	links []Link // gathered here, because most pages have many: the outline gets as much room as they need

	form   int // the open form's place in the outline, -1 when there is none
	script int // the last script's, or -1

	scripts    scriptscan.Reader
	references htmlscan.References
	strings    stringStore
	scratch    []byte
}

var outlineReaders = sync.Pool{New: func() any {
	return &outlineReader{words: textscan.NewReader(maxWords, maxBlocks)}
}}

// maxPooled keeps the buffers of a rare huge page from being held for ever.
const maxPooled = 1 << 20

func readOutline(body []byte) *Outline {
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	r := outlineReaders.Get().(*outlineReader)
	outline := new(Outline)
	r.outline = outline
	r.depth, r.templates, r.opened, r.heading, r.form, r.script = 0, 0, 0, -1, -1, -1
	r.nesting.cut(0)
	r.text.reset()
	r.strings.expect(len(body))
	r.read(slices.Clip(body), false) // reading 8 bytes at a time must not go beyond it
	r.finish()
	r.outline, r.strings = nil, stringStore{}
	if max(cap(r.text.bytes), cap(r.scratch), cap(r.nesting.open), r.scripts.Cap()) <= maxPooled {
		outlineReaders.Put(r)
	}
	return outline
}

// finish fills in what is known only at the end.
func (r *outlineReader) finish() {
	o := r.outline
	r.endBlock()
	r.endHeading()
	o.Ending = r.nesting.innermost()
	for _, count := range o.Tags {
		if count > 0 {
			o.DistinctTags++
		}
	}
	if len(r.links) > 0 {
		o.Links = slices.Clone(r.links)
		clear(r.links)
		r.links = r.links[:0]
	}
	o.TagPaths = r.paths.drain()
	o.Vocabulary, o.Blocks, o.Simhash = r.words.Finish()
	if text := r.text.bytes; len(text) > 0 {
		r.text.endLine()
		o.Text, o.Lines = string(text), slices.Clone(r.text.lines)
		o.Words = 1 + bytes.Count(text, []byte(" "))
		o.FirstWords = FirstWords(o.Text)
	}
}

// read passes over source. Noscript content is read by a pass of its own, so
// that what it leaves open ends with it.
func (r *outlineReader) read(source []byte, noscript bool) {
	var s htmlscan.Scanner
	s.Reset(source)
	a := attributes{source: source}
	within := OtherTag // the element just begun, when its content is no HTML
	for {
		s.CDATA = r.nesting.inForeign()
		switch s.Next() {
		case htmlscan.End:
			return
		case htmlscan.Text:
			r.addText(s.Text(), within, noscript)
		case htmlscan.StartTag:
			tag := Tag(tagNumbers.Find(s.Name()))
			a.read(&s)
			if !s.Complete() {
				return
			}
			within = OtherTag
			if content := r.startTag(tag, &a, s.SelfClosing(), noscript); content != htmlscan.Data {
				s.SetContent(content)
				within = tag
			}
		case htmlscan.EndTag:
			within = OtherTag
			r.endTag(Tag(tagNumbers.Find(s.Name())))
		case htmlscan.Comment:
			within = OtherTag
			r.outline.Comments++
		}
	}
}

// startTag takes a start tag, and tells how the content of its element reads.
func (r *outlineReader) startTag(tag Tag, a *attributes, selfClosing, noscript bool) htmlscan.Content {
	r.part(tag)
	e := r.nesting.start(tag)
	o := r.outline
	o.Tags[tag]++
	o.TagCount++
	r.paths.add(r.nesting.path(tag))
	if r.opened < firstTags && !tag.is(unseen) {
		r.addOpening(tag, noscript)
	}
	r.addElement(tag, a, noscript)
	if selfClosing && e.foreign || tag.is(void) && !e.foreign {
		return htmlscan.Data
	}
	r.nesting.push(e)
	if tag == tagTemplate {
		r.templates++
	}
	if !tag.is(optionalEnd) {
		r.depth++
		o.Depth = max(o.Depth, r.depth)
	}
	if e.foreign || tag == tagNoscript && noscript { // or a row of them would be read once for each
		return htmlscan.Data
	}
	return tagContents[tag]
}

func (r *outlineReader) endTag(tag Tag) {
	r.part(tag)
	r.nesting.end(tag)
	switch tag {
	case tagTemplate:
		r.templates = max(0, r.templates-1)
	case tagHTML:
		r.outline.Closed = true
	case tagForm:
		r.form = -1
	case tagH1:
		r.endHeading()
	}
	if !tag.is(optionalEnd | void) {
		r.depth = max(0, r.depth-1)
	}
}

// part notes that a tag parts the text before from the text after.
func (r *outlineReader) part(tag Tag) {
	if tag.is(phrasing) {
		return
	}
	r.text.parted = true
	if !tag.is(void) || tag == tagHR {
		r.endBlock()
	}
	if !tag.is(inLine) {
		r.text.endLine()
	}
}

// endBlock reads the words of the block of text that ends here.
func (r *outlineReader) endBlock() {
	if block := r.text.endBlock(); len(block) > 0 {
		r.words.Block(block)
	}
}

// addText takes text. Within is the element it is the content of, when that is
// not read as HTML.
func (r *outlineReader) addText(text []byte, within Tag, noscript bool) {
	top := r.nesting.top()
	switch {
	case within == tagNoscript:
		r.readNoscript(text)
	case top.tag == tagScript:
		r.addScript(text)
	case within == tagTitle:
		if !noscript && r.outline.Title == "" {
			r.outline.Title = r.keepLine(r.decode(text, false))
		}
	case top.tag.is(hiddenText) || r.templates > 0 || noscript:
	case within == OtherTag || within == tagTextarea:
		r.text.add(r.decode(text, false))
	default:
		r.text.add(text)
	}
}

func (r *outlineReader) readNoscript(source []byte) {
	floor, depth, templates, form, script := r.nesting.floor, r.depth, r.templates, r.form, r.script
	r.nesting.floor = len(r.nesting.open)
	r.read(source, true)
	r.nesting.cut(r.nesting.floor)
	r.nesting.floor, r.depth, r.templates, r.form, r.script = floor, depth, templates, form, script
}

// addScript takes the code of the last script.
func (r *outlineReader) addScript(code []byte) {
	r.outline.InlineScriptBytes += len(code)
	if r.script < 0 {
		return
	}
	script := &r.outline.Scripts[r.script]
	script.Bytes += len(code)
	if !script.Inline || script.Data || len(bytes.TrimSpace(code)) == 0 {
		return
	}
	fingerprint, signs := r.scripts.Read(code)
	script.Fingerprint, script.Signs = fingerprint, ScriptSigns(signs)
	script.Addresses = r.addAddresses(script.Addresses, code, maxAddresses)
}

// decode returns source with its character references decoded. The result is
// valid until decode is called again.
func (r *outlineReader) decode(source []byte, attribute bool) []byte {
	if bytes.IndexByte(source, '&') < 0 {
		return source
	}
	r.scratch = r.references.Append(r.scratch[:0], source, attribute)
	return r.scratch
}
