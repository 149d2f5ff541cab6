package plugins

import "webmon/plugins/htmlscan"

// tagTrait is what reading an outline needs to know of an element.
type tagTrait uint16

const (
	void        tagTrait = 1 << iota // has no content and no end tag
	optionalEnd                      // may lack its end tag, so it cannot be used to count depth
	phrasing                         // stands within words: does not part the text before from the text after
	hiddenText                       // its text, which holds no tags, is not shown
	integration                      // of SVG, but its content is HTML
	breakout                         // ends SVG and MathML around it
	endsP                            // ends a p element that is open
	inLine                           // parts words, but what follows is on the same line
	unseen                           // shows nothing by itself: the frame of the page, and what belongs in its head
)

var tagTraits = func() (traits [256]tagTrait) {
	for trait, names := range map[tagTrait][]string{
		void: {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
			"keygen", "link", "meta", "param", "source", "track", "wbr"},
		optionalEnd: {"body", "caption", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p",
			"rb", "rp", "rt", "rtc", "tbody", "td", "tfoot", "th", "thead", "tr"},
		phrasing: {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
			"font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
			"sup", "time", "tspan", "tt", "u", "var", "wbr"},
		hiddenText: {"iframe", "noembed", "noframes", "noscript", "script", "style", "title"},
		inLine: {"area", "button", "embed", "img", "input", "label", "link", "meta", "object", "param", "picture",
			"script", "select", "source", "style", "svg", "td", "template", "th", "track"},
		integration: {"foreignobject", "desc", "title"},
		breakout: {"b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed",
			"h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr",
			"ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u",
			"ul", "var"},
		endsP: {"address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div", "dl",
			"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
			"hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table",
			"tbody", "td", "tfoot", "th", "thead", "tr", "ul"},
		unseen: {"base", "body", "bgsound", "head", "html", "link", "meta", "noscript", "script", "style", "template", "title"},
	} {
		for _, name := range names {
			traits[TagNamed(name)] |= trait
		}
	}
	return traits
}()

func (t Tag) is(trait tagTrait) bool { return tagTraits[t]&trait != 0 }

// tagContents says how the content of HTML elements is read, when not as tags.
// Browsers run scripts, so to them the content of noscript is text.
var tagContents = func() (contents [256]htmlscan.Content) {
	for content, names := range map[htmlscan.Content][]string{
		htmlscan.RCData:    {"textarea", "title"},
		htmlscan.RawText:   {"iframe", "noembed", "noframes", "noscript", "style", "xmp"},
		htmlscan.Script:    {"script"},
		htmlscan.PlainText: {"plaintext"},
	} {
		for _, name := range names {
			contents[TagNamed(name)] = content
		}
	}
	return contents
}()

// tagEnds says which open elements a start tag ends, if the innermost open one
// is among them: those that may lack an end tag. Any p is ended by [endsP].
var tagEnds = func() (ends [256][]Tag) {
	for _, group := range []struct{ tags, ended []string }{
		{[]string{"body"}, []string{"head"}},
		{[]string{"li"}, []string{"li"}},
		{[]string{"dd", "dt"}, []string{"dd", "dt"}},
		{[]string{"option"}, []string{"option"}},
		{[]string{"optgroup"}, []string{"option", "optgroup"}},
		{[]string{"rb", "rp", "rt", "rtc"}, []string{"rb", "rp", "rt", "rtc"}},
		{[]string{"td", "th"}, []string{"td", "th"}},
		{[]string{"tr"}, []string{"td", "th", "tr", "caption", "colgroup"}},
		{[]string{"tbody", "tfoot", "thead"}, []string{"td", "th", "tr", "tbody", "tfoot", "thead", "caption", "colgroup"}},
	} {
		for _, tag := range group.tags {
			for _, ended := range group.ended {
				ends[TagNamed(tag)] = append(ends[TagNamed(tag)], TagNamed(ended))
			}
		}
	}
	return ends
}()
