package extract

import (
	"strings"

	"github.com/antchfx/htmlquery"
	"github.com/antchfx/xpath"
	"golang.org/x/net/html"
)

// navigator walks through a tree and counts each move.
type navigator struct {
	htmlquery.NodeNavigator
	work *work
}

func newNavigator(root *html.Node, w *work) *navigator {
	return &navigator{*htmlquery.CreateXPathNavigator(root), w}
}

func (n *navigator) Copy() xpath.NodeNavigator {
	n.work.spend(1)
	c := *n
	return &c
}

func (n *navigator) MoveToParent() bool {
	n.work.spend(1)
	return n.NodeNavigator.MoveToParent()
}

func (n *navigator) MoveToNextAttribute() bool {
	n.work.spend(1)
	return n.NodeNavigator.MoveToNextAttribute()
}

func (n *navigator) MoveToChild() bool {
	n.work.spend(1)
	return n.NodeNavigator.MoveToChild()
}

func (n *navigator) MoveToFirst() bool {
	moved := false
	for n.MoveToPrevious() {
		moved = true
	}
	return moved
}

func (n *navigator) MoveToNext() bool {
	n.work.spend(1)
	return n.NodeNavigator.MoveToNext()
}

func (n *navigator) MoveToPrevious() bool {
	n.work.spend(1)
	return n.NodeNavigator.MoveToPrevious()
}

func (n *navigator) MoveTo(other xpath.NodeNavigator) bool {
	n.work.spend(1)
	o, ok := other.(*navigator)
	return ok && n.NodeNavigator.MoveTo(&o.NodeNavigator)
}

func (n *navigator) Value() string {
	if n.NodeType() == xpath.ElementNode {
		return innerText(n.Current(), n.work)
	}
	value := n.NodeNavigator.Value()
	n.work.spend(1 + len(value)/textStep)
	return value
}

func (n *navigator) String() string { return n.Value() }

// textStep is how many bytes of text are worth a step.
const textStep = 16

// innerText returns the text of a node and all nodes within.
func innerText(node *html.Node, w *work) string {
	var text strings.Builder
	var add func(*html.Node)
	add = func(node *html.Node) {
		w.spend(1)
		if node.Type == html.TextNode {
			w.spend(len(node.Data) / textStep)
			text.WriteString(node.Data)
		}
		for child := node.FirstChild; child != nil; child = child.NextSibling {
			add(child)
		}
	}
	add(node)
	return text.String()
}
