package selector

import "golang.org/x/net/html"

// tree is a page's elements in document order. Texts are not in it.
type tree struct {
	elements []element
	root     html.Node // the document
	top      children  // of the document
}

// element is a node and what is known of it.
type element struct {
	node     *html.Node
	span     span
	parent   int32 // none: the document
	before   int32 // the sibling before, or none
	children children
	size     int32 // elements of its subtree, itself included
	cost     int   // of matching a selector with the element; see budget
	family   int   // the cost of all in its subtree
}

type children struct {
	count int32
	last  int32 // or none
}

// The limits of what is made into a tree. Elements beyond them match nothing.
const (
	maxElements = 200_000
	maxNesting  = 512           // as browsers have it
	maxName     = MaxLength + 1 // bytes; no selector names a longer one
)

const none = -1
