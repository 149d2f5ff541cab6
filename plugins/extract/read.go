package extract

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/antchfx/htmlquery"
	"github.com/antchfx/xpath"
	"golang.org/x/net/html"
)

// maxParsed is the largest body that is made into a tree: a tree takes some
// ten times the space.
const maxParsed = 4 << 20

// source is a body, parsed when first asked for, and the work that is left for
// the value that is read.
type source struct {
	body       []byte
	work       work
	html       *html.Node
	elements   *elements
	data       any
	triedHTML  bool
	triedJSON  bool
	parsesJSON bool
}

// tree returns the body as HTML, or nil when it cannot be read as that.
func (s *source) tree() *html.Node {
	if !s.triedHTML && len(s.body) <= maxParsed {
		s.triedHTML = true
		if root, err := html.Parse(bytes.NewReader(s.body)); err == nil {
			s.html = root
		}
	}
	return s.html
}

// decoded returns the body as JSON.
func (s *source) decoded() (data any, ok bool) {
	if !s.triedJSON && len(s.body) <= maxParsed {
		s.triedJSON = true
		s.parsesJSON = json.Unmarshal(s.body, &s.data) == nil
	}
	return s.data, s.parsesJSON
}

// read takes the number out of a body. Costly says that it would have been more
// work than is allowed. Any other panic in an expression is a number that is
// not there.
func (v value) read(s *source) (x float64, found, costly bool) {
	s.work.left = maxWork
	defer func() {
		if cause := recover(); cause != nil {
			_, costly = cause.(overspent)
			x, found = 0, false
		}
	}()
	x, found = v.find(s)
	return x, found, false
}

func (v value) find(s *source) (x float64, found bool) {
	switch v.Kind {
	case "css":
		return v.findCSS(s)
	case "xpath":
		return v.findXPath(s)
	case "jsonpath":
		data, ok := s.decoded()
		if !ok {
			return 0, false
		}
		result, found := follow(v.json, data, &s.work)
		if !found {
			return 0, false
		}
		return v.number(result)
	}
	match := v.regex.FindSubmatch(s.body[:min(len(s.body), v.searched)])
	if match == nil {
		return 0, false
	}
	return v.parse(string(match[min(1, len(match)-1)]))
}

func (v value) findCSS(s *source) (x float64, found bool) {
	root := s.tree()
	if root == nil {
		return 0, false
	}
	if s.elements == nil {
		s.elements = readElements(root)
	}
	node := s.elements.first(v.css, &s.work)
	switch {
	case node == nil:
		return 0, false
	case v.Attribute != "":
		return v.parse(htmlquery.SelectAttr(node, v.Attribute))
	}
	return v.parse(innerText(node, &s.work))
}

func (v value) findXPath(s *source) (x float64, found bool) {
	root := s.tree()
	if root == nil {
		return 0, false
	}
	expression, err := xpath.Compile(v.Expression)
	if err != nil {
		return 0, false
	}
	result := expression.Evaluate(newNavigator(root, &s.work))
	if nodes, ok := result.(*xpath.NodeIterator); ok {
		if !nodes.MoveNext() {
			return 0, false
		}
		return v.parse(nodes.Current().Value())
	}
	return v.number(result)
}

// number makes a number of what an expression gives.
func (v value) number(result any) (x float64, found bool) {
	switch result := result.(type) {
	case float64:
		return result, !math.IsNaN(result) && !math.IsInf(result, 0)
	case int64:
		return float64(result), true
	case bool:
		if result {
			return 1, true
		}
		return 0, true
	case string:
		return v.parse(result)
	}
	return 0, false
}

// numeral is a number as people write it, with blanks, points, commas or
// apostrophes between groups of digits.
var numeral = regexp.MustCompile(`[-+\x{2212}]?(?:\d(?:[.,'’ \x{a0}\x{202f}]?\d)*|\.\d+)(?:[eE][-+]?\d+)?`)

// parse reads the first number in a text, as in "from 1,234.50 EUR".
func (v value) parse(text string) (x float64, found bool) {
	match := numeral.FindString(text)
	if match == "" {
		return 0, false
	}
	var plain strings.Builder
	for _, c := range match {
		switch {
		case c == '\u2212':
			plain.WriteByte('-')
		case string(c) == v.Decimal:
			plain.WriteByte('.')
		case strings.ContainsRune("0123456789+-eE", c):
			plain.WriteRune(c)
		}
	}
	x, err := strconv.ParseFloat(plain.String(), 64)
	return x, err == nil && !math.IsInf(x, 0)
}
