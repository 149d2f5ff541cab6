package plugins

import (
	"bytes"

	"webmon/plugins/htmlscan"
)

// attribute is the number of an attribute that an outline has use for.
type attribute uint8

const (
	attrAction attribute = iota + 1
	attrAsync
	attrCharset
	attrContent
	attrData
	attrDefer
	attrFormaction
	attrHeight
	attrHidden
	attrHref
	attrHreflang
	attrHTTPEquiv
	attrIntegrity
	attrLang
	attrMethod
	attrName
	attrProperty
	attrRel
	attrSrc
	attrSrcdoc
	attrStyle
	attrType
	attrWidth

	numAttributes
)

var attributeNumbers = htmlscan.NewNames([]string{"action", "async", "charset", "content", "data", "defer", "formaction", "height", "hidden",
	"href", "hreflang", "http-equiv", "integrity", "lang", "method", "name", "property", "rel", "src", "srcdoc",
	"style", "type", "width"})

// attributes are those of one start tag.
type attributes struct {
	source []byte                       // what is scanned
	values [numAttributes]htmlscan.Span // valid where seen
	seen   uint32                       // bit i is set when attribute i is there

	count    int
	handlers int    // that hold code
	selfRun  []byte // the code of the first handler that runs without anybody's doing, nil when there is none
}

// read takes the attributes of the scanner's current tag. Of those with the
// same name the first counts.
func (a *attributes) read(s *htmlscan.Scanner) {
	a.seen, a.count, a.handlers, a.selfRun = 0, 0, 0, nil
	for s.NextAttr() {
		a.count++
		key := s.Key()
		if id := attribute(attributeNumbers.Find(key)); id != 0 {
			if !a.has(id) {
				a.values[id] = s.ValueSpan()
				a.seen |= 1 << id
			}
		} else if isHandler(key) {
			a.handlers++
			if a.selfRun == nil && (bytes.EqualFold(key, []byte("onload")) || bytes.EqualFold(key, []byte("onerror"))) {
				a.selfRun = s.Value()
			}
		}
	}
}

func (a *attributes) has(id attribute) bool { return a.seen&(1<<id) != 0 }

// get returns the source of an attribute's value, nil when it is not there.
func (a *attributes) get(id attribute) []byte {
	if !a.has(id) {
		return nil
	}
	value := a.values[id]
	return a.source[value.Start:value.End]
}

func isHandler(key []byte) bool {
	if len(key) < 4 || key[0]|0x20 != 'o' || key[1]|0x20 != 'n' {
		return false
	}
	for _, c := range key {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
