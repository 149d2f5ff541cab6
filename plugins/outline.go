package plugins

// Outline is what one pass over a page's HTML finds, shared by all plugins. It
// describes the source as it was sent: tags are counted as written, no script
// is run. It holds copies only, and everything in it is bounded. Its strings
// share storage, so clone one that is to outlive the page.
type Outline struct {
	Tags         [NumTags]int // start tags by element; see [Tag]
	TagCount     int          // all start tags
	DistinctTags int          // elements of which there is at least one
	Depth        int          // deepest nesting, counting only elements that must have an end tag
	Closed       bool         // an </html> was seen
	Ending       TagPath      // the three innermost elements that are still open where the page ends, 0 when none is
	Opening      string       // the first 4 elements of the body that may show, as in "header>a+img": ">" goes inwards
	TagPaths     []PathCount  // how often each path of three elements occurs, sorted by path; at most 512

	Attributes    int      // attributes of all start tags
	Comments      int      // comments, and markup that reads as one
	EventHandlers int      // attributes that hold code, such as onclick
	InlineStyles  int      // style attributes
	HiddenHints   int      // elements hidden by attribute or style, or moved off the screen
	Overlays      []string // styles that lay their element over the page, the first 8, at most 300 bytes each
	HiddenFrames  int      // iframes that are hidden, or at most two pixels wide or high
	Passwords     int      // input elements for a password, in forms or not

	Lang        string     // of the html element
	Title       string     // of the first title element, white space collapsed, at most 300 bytes
	H1          []string   // texts of the first 8 h1 elements, at most 300 bytes each
	Description string     // meta description
	Robots      string     // meta robots; several are joined by ", "
	Generator   string     // meta generator
	Charset     string     // meta charset, in lower case
	Viewport    string     // meta viewport
	OGTitle     string     // meta og:title
	Base        string     // address of the base element
	Refresh     string     // address of the meta refresh, empty when it names none
	Canonical   string     // address of the canonical link
	Hreflangs   []Hreflang // alternate links in other languages, at most 200
	Policy      string     // Content-Security-Policy of meta elements; several are joined by ", "
	Referrer    string     // meta referrer

	// Elements with an address, in document order: the first 2000 of each kind,
	// addresses as written, trimmed and cut at 2 KiB. Counts tells how many
	// there are.
	Links       []Link // a and area elements with an address that is not a mere "#…"
	Scripts     []Script
	Forms       []Form
	Frames      []Frame  // iframe and frame elements
	Embeds      []string // addresses of object and embed elements
	FormActions []string // addresses that buttons send their form to instead, the first 64
	SelfRun     []string // addresses in the code of onload and onerror attributes, the first 64
	Images      []string // img elements; those without an address are left out
	Stylesheets []Stylesheet
	Counts      Counts

	InlineScripts     int // script elements without an address
	InlineScriptBytes int // length of all code between script tags

	Text       string   // what a reader sees, valid UTF-8, each run of white space one blank
	Lines      []int    // where in Text a line ends, as a reader sees lines: paragraphs, headings, table rows; the first 10,000
	Words      int      // words of Text, as parted by blanks
	FirstWords string   // the first 16 words of Text, at most 300 bytes
	Vocabulary []uint32 // hashes of the words of Text, without case and without those that hold a digit; sorted, the first 4096
	Blocks     []uint32 // hashes of the words of each block of Text, such as a paragraph; sorted, the first 512
	Simhash    uint64   // of pairs of words: texts that are alike differ in few bits
}

// Counts are the numbers of elements, kept in the outline or not.
type Counts struct {
	Links, Scripts, Forms, Frames, Images, Stylesheets int
}

// Link is an a or area element.
type Link struct {
	Href string
	Rel  string // as written
}

// Script is a script element.
type Script struct {
	Src       string // empty when inline
	Type      string // as written
	Inline    bool   // has no src attribute
	Data      bool   // its type says that browsers do not run it
	Integrity bool   // names the hash that the script must have
	Async     bool
	Defer     bool
	Bytes     int // length of the code between the tags

	// Fingerprint tells one inline script from another: the hash of its code
	// without literals, comments, white space and the marks of lists, so that
	// neither tokens nor data within it change it. For data it is that of the
	// type alone. It is 0 when there is no code.
	Fingerprint uint64
	Signs       ScriptSigns
	Addresses   []string // in inline code, the first 8, each with host and port only
}

// ScriptSigns count what is common in code that hides what it does.
type ScriptSigns struct {
	Eval          int // eval, and the Function constructor with other code than "return this"
	Decode        int // atob, unescape, fromCharCode, decodeURIComponent
	Loads         int // names and literals "script", as in createElement("script"), and calls of import
	DocumentWrite int // document.write and document.writeln
	Reverse       int // text that is split, reversed and joined
	Escapes       int // \x and \u escapes that stand for an ASCII letter or digit
	LongestRun    int // bytes of the longest run of encoded data in a name or literal
}

// Frame is an iframe or frame element.
type Frame struct {
	Src    string
	Hidden bool // hidden, or at most two pixels wide or high
	Srcdoc bool // its content is an attribute
}

// Form is a form element.
type Form struct {
	Action    string
	Method    string // in lower case: get, post or dialog
	Inputs    int    // input, select and textarea elements within
	Passwords int    // inputs of type password within
}

// Stylesheet is a link element that names a style sheet.
type Stylesheet struct {
	Href      string
	Integrity bool
}

// Hreflang is the address of a page in another language.
type Hreflang struct {
	Lang, Href string
}

// PathCount is how often a path occurs. The count stops at 65535.
type PathCount struct {
	Path  TagPath
	Count uint16
}

// TagPath is an element, its parent and its grandparent.
type TagPath uint32

// String returns the path from the outermost element inwards, as in
// "ul>li>a". Where there is no parent, the name is left out.
func (p TagPath) String() string {
	path := Tag(p).String()
	for p >>= 8; p != 0; p >>= 8 {
		path = Tag(p).String() + ">" + path
	}
	return path
}

// The limits of what an outline keeps. Counts go on beyond them.
const (
	maxKept      = 2000 // elements of a kind
	maxURL       = 2048 // bytes of an address, as browsers and proxies have it
	maxLine      = 300  // bytes of a title, a heading, a description
	maxHeadings  = 8
	maxOverlays  = 8
	maxExtra     = 64 // addresses in attributes that few pages use
	maxAddresses = 8  // addresses in the code of a script
	maxHreflangs = 200
	maxPaths     = 512
	maxWords     = 4096
	maxBlocks    = 512
	maxLines     = 10_000
	firstWords   = 16
	firstTags    = 4
)
