package plugins

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Outline is what one pass over a page's HTML finds, shared by all plugins. It
// describes the source as it was sent: tags are counted as written, no script
// is run. It holds copies only, and its size is bounded by that of the page.
type Outline struct {
	Tags     [NumTags]int // start tags by element; see [Tag]
	TagCount int          // all start tags

	Title string // of the first title element, white space collapsed, at most 300 bytes
	Text  string // what a reader sees, valid UTF-8, each run of white space one blank

	Links       Refs // a and area elements with an address
	Scripts     Refs // script elements; those without an address are inline
	Forms       Refs // form elements, with their action
	Frames      Refs // iframe and frame elements
	Images      Refs // img elements
	Stylesheets Refs // link elements that name a style sheet

	InlineScripts     int // script elements without an address
	InlineScriptBytes int // length of all code between script tags

	Depth  int  // deepest nesting, counting only elements that must have an end tag
	Closed bool // an </html> was seen
}

// Refs are the addresses of one kind of element.
type Refs struct {
	Count int      // how many elements there are
	URLs  []string // the addresses of the first of them, as written; elements without one are left out
}

// The limits of what an outline keeps. Counts go on beyond them.
const (
	maxURLs  = 2000 // addresses of a kind
	maxURL   = 2048 // bytes of an address, as browsers and proxies have it
	maxTitle = 300  // bytes of a title
)

func (r *Refs) add(url []byte) {
	r.Count++
	if url = bytes.TrimSpace(url); len(url) > 0 && len(r.URLs) < maxURLs {
		r.URLs = append(r.URLs, string(url[:min(len(url), maxURL)]))
	}
}

// outlineReader is the state of a pass. The text is gathered here, since its
// size is known only at the end, and copied out.
type outlineReader struct {
	outline *Outline
	text    []byte
	parted  bool // a blank is due before the next visible character
}

var outlineReaders = sync.Pool{New: func() any { return new(outlineReader) }}

// maxPooled keeps the buffer of a rare huge page from being held for ever.
const maxPooled = 1 << 20

func readOutline(body []byte) *Outline {
	r := outlineReaders.Get().(*outlineReader)
	r.outline, r.text, r.parted = new(Outline), r.text[:0], false
	r.read(body, 0, false)
	outline := r.outline
	outline.Text = string(r.text)
	r.outline = nil
	if cap(r.text) <= maxPooled {
		outlineReaders.Put(r)
	}
	return outline
}

// read passes over source, which is nested depth deep. Noscript content is raw
// text to the tokenizer; it is read by a pass of its own, so that what it
// leaves open ends with it.
func (r *outlineReader) read(source []byte, depth int, noscript bool) {
	z := html.NewTokenizer(bytes.NewReader(source))
	var (
		within    Tag // the element just opened, if its text is not shown or its content not parsed
		foreign   int // svg and math elements open
		templates int // template elements open
	)
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return
		case html.TextToken:
			switch {
			case within == tagNoscript:
				r.read(z.Raw(), depth, true)
			case within == tagTitle && foreign == 0 && !noscript && r.outline.Title == "":
				r.outline.Title = clip(strings.Join(strings.Fields(string(z.Text())), " "), maxTitle)
			case within == tagScript:
				r.outline.InlineScriptBytes += len(z.Raw())
			case within == OtherTag && templates == 0 && !noscript:
				r.addText(z.Text())
			}
			within = OtherTag
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := currentTag(z)
			within = OtherTag
			closed := tag.is(void) || kind == html.SelfClosingTagToken && foreign > 0
			if closed {
				z.NextIsNotRawText() // <title/> is complete within svg
			}
			r.parted = r.parted || !tag.is(phrasing)
			r.addTag(z, tag)
			switch {
			case closed:
				continue
			case tag == tagNoscript && noscript:
				z.NextIsNotRawText() // or a row of them would be read once for each
			case tag == tagNoscript || tag.is(hiddenText):
				within = tag
			case tag == tagSVG || tag == tagMath:
				foreign++
			case tag == tagTemplate:
				templates++
			}
			if !tag.is(optionalEnd) {
				depth++
				r.outline.Depth = max(r.outline.Depth, depth)
			}
		case html.EndTagToken:
			tag := currentTag(z)
			within = OtherTag
			r.parted = r.parted || !tag.is(phrasing)
			switch {
			case tag == tagSVG || tag == tagMath:
				foreign = max(0, foreign-1)
			case tag == tagTemplate:
				templates = max(0, templates-1)
			case tag == tagHTML:
				r.outline.Closed = true
			}
			if !tag.is(optionalEnd | void) {
				depth = max(0, depth-1)
			}
		}
	}
}

// addTag counts z's current start tag and keeps its address.
func (r *outlineReader) addTag(z *html.Tokenizer, tag Tag) {
	o := r.outline
	o.Tags[tag]++
	o.TagCount++
	switch tag {
	case tagA, tagArea:
		if href, ok := attribute(z, "href"); ok {
			o.Links.add(href)
		}
	case tagScript:
		src, ok := attribute(z, "src")
		o.Scripts.add(src)
		if !ok {
			o.InlineScripts++
		}
	case tagForm:
		action, _ := attribute(z, "action")
		o.Forms.add(action)
	case tagIframe, tagFrame:
		src, _ := attribute(z, "src")
		o.Frames.add(src)
	case tagImg:
		src, _ := attribute(z, "src")
		o.Images.add(src)
	case tagLink:
		if href, ok := stylesheet(z); ok {
			o.Stylesheets.add(href)
		}
	}
}

// attribute returns the value of an attribute of z's current tag.
func attribute(z *html.Tokenizer, name string) (value []byte, ok bool) {
	for {
		key, value, more := z.TagAttr()
		if string(key) == name {
			return value, true
		}
		if !more {
			return nil, false
		}
	}
}

// stylesheet returns the address of z's current tag, a link, if it has one and
// is to a style sheet.
func stylesheet(z *html.Tokenizer) (href []byte, ok bool) {
	var named, addressed bool
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "rel":
			named = bytes.Contains(bytes.ToLower(value), []byte("stylesheet"))
		case "href":
			href, addressed = value, true
		}
	}
	return href, named && addressed
}

// addText appends visible text: white space and control characters collapse
// into one blank, and bytes that are not UTF-8 become U+FFFD.
func (r *outlineReader) addText(text []byte) {
	for i := 0; i < len(text); {
		c, size := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(text[i:])
		}
		i += size
		if c <= ' ' || c > unicode.MaxASCII && unicode.IsSpace(c) {
			r.parted = true
			continue
		}
		if r.parted && len(r.text) > 0 {
			r.text = append(r.text, ' ')
		}
		r.parted = false
		if c < utf8.RuneSelf {
			r.text = append(r.text, byte(c))
		} else {
			r.text = utf8.AppendRune(r.text, c)
		}
	}
}

// clip makes text valid UTF-8 of at most limit bytes.
func clip(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return strings.Clone(text[:limit])
}
