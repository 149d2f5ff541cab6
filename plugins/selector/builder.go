package selector

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"webmon/plugins"
	"webmon/plugins/htmlscan"
)

// builder reads a tree.
type builder struct {
	tree
	slab       []html.Node
	keys       map[string]bool
	scan       htmlscan.Scanner
	open       plugins.OpenElements
	path       []int32 // the elements that are open, or none for those not in the tree
	references htmlscan.References
	scratch    []byte
	key        []byte

	seenHTML, seenHead, seenBody bool
}

// readTree reads a page as a browser that runs scripts would: elements that may
// be left out, such as body and tbody, are there.
func readTree(source []byte, keys map[string]bool) *tree {
	b := &builder{keys: keys}
	b.root.Type, b.top.last = html.DocumentNode, none
	b.elements = make([]element, 0, min(maxElements, 8+bytes.Count(source, []byte("<"))/2))
	b.scan.Reset(slices.Clip(source))
	for {
		b.scan.CDATA = b.open.Foreign()
		before := b.scan.Pos()
		switch b.scan.Next() {
		case htmlscan.End:
			b.close(0, len(source))
			b.measure()
			return &b.tree
		case htmlscan.StartTag:
			b.startTag()
		case htmlscan.EndTag:
			b.endTag(before)
		}
	}
}

var (
	tagHTML  = plugins.TagNamed("html")
	tagHead  = plugins.TagNamed("head")
	tagBody  = plugins.TagNamed("body")
	tagTable = plugins.TagNamed("table")
	tagTbody = plugins.TagNamed("tbody")
	tagThead = plugins.TagNamed("thead")
	tagTfoot = plugins.TagNamed("tfoot")
	tagTr    = plugins.TagNamed("tr")
	tagTd    = plugins.TagNamed("td")
	tagTh    = plugins.TagNamed("th")
)

// inHead are the elements that do not begin a body.
var inHead = func() (in [256]bool) {
	for _, name := range []string{"base", "basefont", "bgsound", "link", "meta", "noframes", "noscript", "script", "style", "template", "title"} {
		in[plugins.TagNamed(name)] = true
	}
	return in
}()

// startTag takes the start tag whose name was just read.
func (b *builder) startTag() {
	name := b.scan.Name()
	tag := plugins.TagNamed(string(name))
	start := b.scan.Pos() - len(name) - len("<")
	attributes := b.attributes()
	if !b.scan.Complete() {
		return
	}
	switch {
	case tag == tagHTML && b.seenHTML, tag == tagHead && (b.seenHead || b.seenBody), tag == tagBody && b.seenBody:
		return
	}
	foreign := b.open.Start(tag)
	b.close(b.open.Len(), start)
	b.imply(tag, start)
	id := b.add(name, tag, start, attributes)
	if foreign && b.scan.SelfClosing() || !foreign && tag.Void() {
		b.end(id, b.scan.Pos())
		return
	}
	b.push(tag, foreign, id)
	if !foreign {
		if content := tag.Content(); content != htmlscan.Data {
			b.scan.SetContent(content)
		}
	}
}

// imply opens the elements that the tag needs around it and that are not there.
func (b *builder) imply(tag plugins.Tag, at int) {
	open := func(tag plugins.Tag) { b.push(tag, false, b.add([]byte(tag.String()), tag, at, nil)) }
	if tag == tagHTML {
		b.seenHTML = true
		return
	}
	if !b.seenHTML {
		b.seenHTML = true
		open(tagHTML)
	}
	switch {
	case tag == tagHead:
		b.seenHead = true
	case tag == tagBody:
		b.seenHead, b.seenBody = true, true
	case b.seenBody:
	case inHead[tag]:
		if !b.seenHead {
			b.seenHead = true
			open(tagHead)
		}
	case b.open.Top() == tagHead || b.open.Top() == tagHTML:
		b.seenHead, b.seenBody = true, true
		if b.open.Top() == tagHead {
			b.open.Cut(b.open.Len() - 1)
			b.close(b.open.Len(), at)
		}
		open(tagBody)
	}
	if top := b.open.Top(); top == tagTable && (tag == tagTr || tag == tagTd || tag == tagTh) {
		open(tagTbody)
	}
	if top := b.open.Top(); (top == tagTbody || top == tagThead || top == tagTfoot) && (tag == tagTd || tag == tagTh) {
		open(tagTr)
	}
}

// endTag takes the end tag that was just read. Before is where the token before
// it ended.
func (b *builder) endTag(before int) {
	name := b.scan.Name()
	tag := plugins.TagNamed(string(name))
	if tag == tagBody || tag == tagHTML {
		return // what follows is still in the body
	}
	if tag == plugins.OtherTag {
		b.open.Cut(b.named(name))
	} else {
		b.open.End(tag)
	}
	if b.open.Len() == len(b.path) {
		return
	}
	b.close(b.open.Len()+1, before)
	b.close(b.open.Len(), b.scan.Pos())
}

// farthest is how many elements the end tag of an unknown one may close.
const farthest = 64

// named returns how many elements are around the innermost one of that name,
// or how many are open when there is none.
func (b *builder) named(name []byte) int {
	lower := strings.ToLower(string(name[:min(len(name), maxName)]))
	for i := len(b.path) - 1; i >= max(0, len(b.path)-farthest); i-- {
		if id := b.path[i]; id != none && b.elements[id].node.Data == lower {
			return i
		}
	}
	return len(b.path)
}

func (b *builder) push(tag plugins.Tag, foreign bool, id int32) {
	b.open.Push(tag, foreign)
	b.path = append(b.path, id)
}

// close ends all but the n outermost open elements.
func (b *builder) close(n, at int) {
	for i := n; i < len(b.path); i++ {
		b.end(b.path[i], at)
	}
	b.path = b.path[:min(n, len(b.path))]
}

func (b *builder) end(id int32, at int) {
	if id != none {
		b.elements[id].span.end = at
	}
}

// add makes an element the last child of the innermost open one.
func (b *builder) add(name []byte, tag plugins.Tag, start int, attributes []html.Attribute) int32 {
	if len(b.elements) >= maxElements || len(b.path) >= maxNesting {
		return none
	}
	if len(b.slab) == 0 {
		b.slab = make([]html.Node, min(1024, 64+len(b.elements)))
	}
	node := &b.slab[0]
	b.slab = b.slab[1:]
	node.Type, node.Attr = html.ElementNode, attributes
	if node.Data = tag.String(); tag == plugins.OtherTag {
		node.Data = strings.ToLower(string(name[:min(len(name), maxName)]))
	}
	node.DataAtom = atom.Lookup([]byte(node.Data))
	id := int32(len(b.elements))
	e := element{node: node, span: span{start, start}, parent: none, children: children{last: none}, size: 1, cost: 1}
	for _, attribute := range attributes {
		e.cost += len(attribute.Val) / 16
	}
	e.family = e.cost
	parent, family := &b.root, &b.top
	if len(b.path) > 0 {
		e.parent = b.path[len(b.path)-1]
		parent, family = b.elements[e.parent].node, &b.elements[e.parent].children
	}
	e.before, family.last = family.last, id
	family.count++
	link(parent, node)
	b.elements = append(b.elements, e)
	return id
}

// link makes child the last child of parent.
func link(parent, child *html.Node) {
	child.Parent, child.PrevSibling = parent, parent.LastChild
	if parent.LastChild == nil {
		parent.FirstChild = child
	} else {
		parent.LastChild.NextSibling = child
	}
	parent.LastChild = child
}

// measure adds up the sizes of subtrees.
func (b *builder) measure() {
	for i := len(b.elements) - 1; i >= 0; i-- {
		if e := &b.elements[i]; e.parent != none {
			b.elements[e.parent].size += e.size
			b.elements[e.parent].family += e.family
		}
	}
}

// attributes reads those of the current tag that the selectors ask for.
func (b *builder) attributes() (list []html.Attribute) {
next:
	for b.scan.NextAttr() {
		b.key = append(b.key[:0], b.scan.Key()...)
		for i, c := range b.key {
			if 'A' <= c && c <= 'Z' {
				b.key[i] += 'a' - 'A'
			}
		}
		if !b.keys[string(b.key)] {
			continue
		}
		for _, known := range list {
			if known.Key == string(b.key) {
				continue next // of two with the same name the first counts
			}
		}
		value := b.scan.Value()
		if bytes.IndexByte(value, '&') >= 0 {
			b.scratch = b.references.Append(b.scratch[:0], value, true)
			value = b.scratch
		}
		list = append(list, html.Attribute{Key: string(b.key), Val: string(value)})
	}
	return list
}
