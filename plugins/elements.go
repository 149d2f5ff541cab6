package plugins

import "webmon/plugins/htmlscan"

// OpenElements follows which elements of HTML source are open, by the rules
// that an outline is read with. The zero value has none open.
type OpenElements struct{ nesting nesting }

// Len is how many elements are open.
func (o *OpenElements) Len() int { return len(o.nesting.open) }

// Top is the innermost open element, [OtherTag] when there is none.
func (o *OpenElements) Top() Tag { return o.nesting.top().tag }

// Foreign tells whether a tag or text that comes now is in SVG or MathML.
func (o *OpenElements) Foreign() bool { return o.nesting.inForeign() }

// Start closes what the start tag of an element ends, and tells whether the
// element is of SVG or MathML. It does not open it.
func (o *OpenElements) Start(tag Tag) (foreign bool) { return o.nesting.start(tag).foreign }

// Push opens an element that Start was told of.
func (o *OpenElements) Push(tag Tag, foreign bool) { o.nesting.push(element{tag, foreign}) }

// End closes the innermost element of a tag and all within it. When none is
// near, the end tag is ignored.
func (o *OpenElements) End(tag Tag) { o.nesting.end(tag) }

// Cut closes all but the n outermost elements.
func (o *OpenElements) Cut(n int) { o.nesting.cut(n) }

// Void tells whether the HTML element has neither content nor an end tag.
func (t Tag) Void() bool { return t.is(void) }

// Content says how the content of the HTML element is read.
func (t Tag) Content() htmlscan.Content { return tagContents[t] }
