package jsonshape

import (
	"encoding/json"
	"strings"
)

// types is a set of JSON types.
type types uint8

const (
	isNull types = 1 << iota
	isBool
	isNumber
	isText
	isList
	isObject
	allTypes = 1<<iota - 1
)

func (t types) String() string {
	var names []string
	for i, name := range []string{"null", "true or false", "a number", "a text", "a list", "an object"} {
		if t>>i&1 == 1 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

const (
	maxPaths = 200
	maxPath  = 120 // bytes
	maxDepth = 12
	manyKeys = 50 // an object with more is a table, whose keys are data
)

// shape is the types found at each path. A path is keys joined by points; the
// elements of a list are "[]", and the values of a table "*". The whole answer
// is "$".
type shape map[string]types

// readShape reads the shape of a body. It is false for what is no JSON.
func readShape(body []byte) (shape, bool) {
	var data any
	if json.Unmarshal(body, &data) != nil {
		return nil, false
	}
	s := make(shape)
	s.add("$", data, 0)
	return s, true
}

// add takes in the value at a path. What is beyond the limits is left out; so
// is, by the order of the map, another part at each check where there are too
// many paths, which is why compare passes over such answers.
func (s shape) add(path string, value any, depth int) {
	if len(path) > maxPath || depth > maxDepth {
		return
	}
	if _, known := s[path]; !known && len(s) >= maxPaths {
		return
	}
	switch value := value.(type) {
	case nil:
		s[path] |= isNull
	case bool:
		s[path] |= isBool
	case float64:
		s[path] |= isNumber
	case string:
		s[path] |= isText
	case []any:
		s[path] |= isList
		path += "[]"
		for _, element := range value {
			s.add(path, element, depth+1)
		}
	case map[string]any:
		s[path] |= isObject
		for key, element := range value {
			if len(value) > manyKeys {
				key = table
			}
			s.add(path+"."+strings.ToValidUTF8(key, "\uFFFD"), element, depth+1)
		}
	}
}

const table = "*"

// parent returns the path of the object that a key is in. It is false for
// what may come and go: elements of lists, and values of tables.
func parent(path string) (string, bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 || strings.HasSuffix(path, "[]") || path[i+1:] == table {
		return "", false
	}
	return path[:i], true
}
