package plugins

import "golang.org/x/net/html"

// Tag is the number of an HTML or SVG element. There are fewer than 256, so a
// page cannot make up tags without bound: everything unknown, custom elements
// included, is [OtherTag]. A tag's number never changes, so it can be stored.
type Tag uint8

// OtherTag stands for every element that is not known.
const OtherTag Tag = 0

// tagNames holds the elements of HTML, living and obsolete, then those of SVG.
// The numbers are remembered with each asset: append, never insert or remove.
var tagNames = [...]string{
	"other",

	"a", "abbr", "address", "area", "article", "aside", "audio", "b", "base", "bdi", "bdo", "blockquote",
	"body", "br", "button", "canvas", "caption", "cite", "code", "col", "colgroup", "data", "datalist", "dd",
	"del", "details", "dfn", "dialog", "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure",
	"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i",
	"iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link", "main", "map", "mark", "math",
	"menu", "meta", "meter", "nav", "noscript", "object", "ol", "optgroup", "option", "output", "p",
	"picture", "pre", "progress", "q", "rp", "rt", "ruby", "s", "samp", "script", "search", "section",
	"select", "selectedcontent", "slot", "small", "source", "span", "strong", "style", "sub", "summary",
	"sup", "svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title",
	"tr", "track", "u", "ul", "var", "video", "wbr",

	"acronym", "applet", "basefont", "bgsound", "big", "blink", "center", "dir", "font", "frame", "frameset",
	"isindex", "keygen", "listing", "marquee", "menuitem", "multicol", "nextid", "nobr", "noembed",
	"noframes", "param", "plaintext", "rb", "rtc", "spacer", "strike", "tt", "xmp",

	"animate", "animatemotion", "animatetransform", "circle", "clippath", "defs", "desc", "ellipse",
	"feblend", "fecolormatrix", "fecomponenttransfer", "fecomposite", "feconvolvematrix",
	"fediffuselighting", "fedisplacementmap", "fedistantlight", "fedropshadow", "feflood", "fefunca",
	"fefuncb", "fefuncg", "fefuncr", "fegaussianblur", "feimage", "femerge", "femergenode", "femorphology",
	"feoffset", "fepointlight", "fespecularlighting", "fespotlight", "fetile", "feturbulence", "filter",
	"foreignobject", "g", "image", "line", "lineargradient", "marker", "mask", "metadata", "mpath", "path",
	"pattern", "polygon", "polyline", "radialgradient", "rect", "set", "stop", "switch", "symbol", "text",
	"textpath", "tspan", "use", "view",
}

// NumTags is how many tags there are; they are numbered from 0.
const NumTags = len(tagNames)

// String returns the element's name in lower case.
func (t Tag) String() string {
	if int(t) < NumTags {
		return tagNames[t]
	}
	return tagNames[OtherTag]
}

// TagNamed returns the tag of a name in lower case.
func TagNamed(name string) Tag { return tagNumbers[name] }

var tagNumbers = func() map[string]Tag {
	numbers := make(map[string]Tag, NumTags)
	for i, name := range tagNames {
		numbers[name] = Tag(i)
	}
	delete(numbers, tagNames[OtherTag])
	return numbers
}()

// tagTrait is what reading an outline needs to know of an element.
type tagTrait uint8

const (
	void        tagTrait = 1 << iota // has no content and no end tag
	optionalEnd                      // may lack its end tag, so it cannot be used to count depth
	phrasing                         // stands within words: does not part the text before from the text after
	hiddenText                       // its text, which holds no tags, is not shown
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
		hiddenText: {"iframe", "noembed", "noframes", "script", "style", "title"},
	} {
		for _, name := range names {
			traits[TagNamed(name)] |= trait
		}
	}
	return traits
}()

func (t Tag) is(trait tagTrait) bool { return tagTraits[t]&trait != 0 }

// The tags that reading an outline treats in their own way.
var (
	tagA        = TagNamed("a")
	tagArea     = TagNamed("area")
	tagForm     = TagNamed("form")
	tagFrame    = TagNamed("frame")
	tagHTML     = TagNamed("html")
	tagIframe   = TagNamed("iframe")
	tagImg      = TagNamed("img")
	tagLink     = TagNamed("link")
	tagMath     = TagNamed("math")
	tagNoscript = TagNamed("noscript")
	tagScript   = TagNamed("script")
	tagSVG      = TagNamed("svg")
	tagTemplate = TagNamed("template")
	tagTitle    = TagNamed("title")
)

// currentTag returns the tag of z's current token, a start or an end tag. It
// reads the raw bytes, because z.TagName copies.
func currentTag(z *html.Tokenizer) Tag {
	raw := z.Raw()[1:]
	if raw[0] == '/' {
		raw = raw[1:]
	}
	var name [len("fecomponenttransfer")]byte // the longest there is
	for i, c := range raw {
		switch {
		case c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r':
			return tagNumbers[string(name[:i])]
		case i == len(name):
			return OtherTag
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		name[i] = c
	}
	return OtherTag
}
