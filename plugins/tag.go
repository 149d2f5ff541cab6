package plugins

import "webmon/plugins/htmlscan"

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

// TagNamed returns the tag of a name, in whatever case.
func TagNamed(name string) Tag { return Tag(tagNumbers.Find([]byte(name))) }

var tagNumbers = htmlscan.NewNames(tagNames[OtherTag+1:])

// The tags that reading an outline treats in their own way.
var (
	tagA        = TagNamed("a")
	tagArea     = TagNamed("area")
	tagBase     = TagNamed("base")
	tagForm     = TagNamed("form")
	tagFrame    = TagNamed("frame")
	tagH1       = TagNamed("h1")
	tagHR       = TagNamed("hr")
	tagHTML     = TagNamed("html")
	tagIframe   = TagNamed("iframe")
	tagEmbed    = TagNamed("embed")
	tagImg      = TagNamed("img")
	tagObject   = TagNamed("object")
	tagInput    = TagNamed("input")
	tagLink     = TagNamed("link")
	tagMath     = TagNamed("math")
	tagMeta     = TagNamed("meta")
	tagNoscript = TagNamed("noscript")
	tagP        = TagNamed("p")
	tagScript   = TagNamed("script")
	tagSelect   = TagNamed("select")
	tagSVG      = TagNamed("svg")
	tagTemplate = TagNamed("template")
	tagTextarea = TagNamed("textarea")
	tagTitle    = TagNamed("title")
)
