package extract

import "golang.org/x/net/html"

// elements are those of a tree, in the order of the document. What is related
// to one is told by its number, -1 for none.
type elements struct {
	nodes            []*html.Node
	parent, previous []int
	depth, siblings  []int
	size             []int // steps it takes to look at all that is within
}

func readElements(root *html.Node) *elements {
	e := new(elements)
	e.addChildren(root, -1, 0)
	return e
}

// addChildren adds the elements within a node, and returns its size.
func (e *elements) addChildren(node *html.Node, number, depth int) (size int) {
	previous, first, count := -1, len(e.nodes), 0
	for child := node.FirstChild; child != nil; child = child.NextSibling {
		count++
		if child.Type != html.ElementNode {
			size += 1 + len(child.Data)/textStep
			continue
		}
		i := len(e.nodes)
		e.nodes = append(e.nodes, child)
		e.parent, e.previous = append(e.parent, number), append(e.previous, previous)
		e.depth, e.siblings, e.size = append(e.depth, depth), append(e.siblings, 0), append(e.size, 0)
		e.size[i] = attributeSteps(child) + e.addChildren(child, i, depth+1)
		size += e.size[i]
		previous = i
	}
	for i := previous; i >= first; i = e.previous[i] {
		e.siblings[i] = count
	}
	return size
}

func attributeSteps(node *html.Node) (steps int) {
	steps = 1
	for _, attr := range node.Attr {
		steps += 1 + len(attr.Val)/textStep
	}
	return steps
}

// first returns the first element that one of the selectors finds.
func (e *elements) first(group []selector, w *work) *html.Node {
	best := len(e.nodes)
	for _, s := range group {
		var found []bool
		for i := range s {
			found = e.step(&s[i], found, w)
		}
		for i, is := range found[:best] {
			if is {
				best = i
				break
			}
		}
	}
	if best == len(e.nodes) {
		return nil
	}
	return e.nodes[best]
}

// step tells which elements match a compound and stand to one of those before
// as its combinator says. It looks at each element once.
func (e *elements) step(c *compound, before []bool, w *work) []bool {
	found, within, after := make([]bool, len(e.nodes)), make([]bool, len(e.nodes)), make([]bool, len(e.nodes))
	is := func(set []bool, i int) bool { return i >= 0 && set[i] }
	for i := range e.nodes {
		w.spend(1)
		parent, previous := e.parent[i], e.previous[i]
		placed := true
		if c.combinator != 0 {
			within[i] = is(before, parent) || is(within, parent)
			after[i] = is(before, previous) || is(after, previous)
			switch c.combinator {
			case ' ':
				placed = within[i]
			case '>':
				placed = is(before, parent)
			case '+':
				placed = is(before, previous)
			case '~':
				placed = after[i]
			}
		}
		found[i] = placed && e.matches(c, i, w)
	}
	return found
}

// looks is how many elements cascadia looks at in the time of a step.
const looks = 16

func (e *elements) matches(c *compound, i int, w *work) bool {
	if c.plain != nil {
		w.spend(attributeSteps(e.nodes[i]))
		if !c.plain.Match(e.nodes[i]) {
			return false
		}
	}
	if c.full == nil {
		return true
	}
	w.spend(1 + power(e.depth[i]+e.siblings[i]+e.size[i], c.pseudos)/looks)
	return c.full.Match(e.nodes[i])
}
