package plugins

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

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
				r.outline.Title = clip(strings.Join(strings.Fields(string(z.Text())), " "), maxLine)
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
	address := func(name string) (string, bool) {
		url, ok := attribute(z, name)
		url = bytes.TrimSpace(url)
		return string(url[:min(len(url), maxURL)]), ok
	}
	switch tag {
	case tagA, tagArea:
		if href, ok := address("href"); ok {
			keep(&o.Links, &o.Counts.Links, Link{Href: href})
		}
	case tagScript:
		src, ok := address("src")
		keep(&o.Scripts, &o.Counts.Scripts, Script{Src: src, Inline: !ok})
		if !ok {
			o.InlineScripts++
		}
	case tagForm:
		action, _ := address("action")
		keep(&o.Forms, &o.Counts.Forms, Form{Action: action})
	case tagIframe, tagFrame:
		src, _ := address("src")
		keep(&o.Frames, &o.Counts.Frames, Frame{Src: src})
	case tagImg:
		if src, _ := address("src"); src != "" {
			keep(&o.Images, &o.Counts.Images, src)
		} else {
			o.Counts.Images++
		}
	case tagLink:
		if href, ok := stylesheet(z); ok {
			keep(&o.Stylesheets, &o.Counts.Stylesheets, Stylesheet{Href: string(href[:min(len(href), maxURL)])})
		}
	}
}

// keep counts an element, and keeps it while there is room.
func keep[T any](kept *[]T, count *int, element T) {
	*count++
	if len(*kept) < maxKept {
		*kept = append(*kept, element)
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
