package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// reader walks the nodes of a file. Its errors name the line and the path of
// what they are about; none repeats a value, which may be a secret.
type reader struct {
	file    string
	secrets *secrets
}

func (r *reader) errorf(n *yaml.Node, path, format string, args ...any) error {
	return fmt.Errorf("%s: %s", r.at(n, path), fmt.Sprintf(format, args...))
}

func (r *reader) at(n *yaml.Node, path string) string {
	if path == "" {
		return fmt.Sprintf("%s:%d", r.file, n.Line)
	}
	return fmt.Sprintf("%s:%d: %s", r.file, n.Line, path)
}

func plain(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// fields says what reads the value of each key that a mapping may have.
type fields map[string]func(n *yaml.Node, path string) error

// mapping reads a mapping of keys that are all known.
func (r *reader) mapping(n *yaml.Node, path string, known fields) error {
	return r.pairs(n, path, func(key string, value *yaml.Node, path string) error {
		read, ok := known[key]
		if !ok {
			return r.errorf(value, path, "unknown key; known here are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		return read(value, path)
	})
}

// pairs visits the pairs of a mapping with keys of any name.
func (r *reader) pairs(n *yaml.Node, path string, visit func(key string, value *yaml.Node, path string) error) error {
	n = plain(n)
	if n.Kind != yaml.MappingNode {
		return r.errorf(n, path, "give a group of lines \"key: value\"")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return r.errorf(key, path, "a key must be a plain word")
		}
		under := below(path, key.Value)
		if seen[key.Value] {
			return r.errorf(key, under, "it is there a second time")
		}
		seen[key.Value] = true
		if err := visit(key.Value, value, under); err != nil {
			return err
		}
	}
	return nil
}

// items visits the items of a list that is not empty.
func (r *reader) items(n *yaml.Node, path string, visit func(i int, n *yaml.Node, path string) error) error {
	n = plain(n)
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return r.errorf(n, path, "give a list that is not empty")
	}
	for i, item := range n.Content {
		if err := visit(i, item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

// text reads a plain value that is not empty, and is no secret.
func (r *reader) text(n *yaml.Node, path string) (string, error) {
	n = plain(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		return "", r.errorf(n, path, "give one plain value that is not empty")
	}
	return n.Value, nil
}

// into makes a reader of a value of the text that a function understands. The
// function's errors say what is allowed.
func into[T any](r *reader, to *T, parse func(string) (T, error)) func(*yaml.Node, string) error {
	return func(n *yaml.Node, path string) error {
		text, err := r.text(n, path)
		if err != nil {
			return err
		}
		v, err := parse(text)
		if err != nil {
			return r.errorf(n, path, "%v", err)
		}
		*to = v
		return nil
	}
}

// list makes a reader of a list of such values, none of them twice.
func list[T comparable](r *reader, to *[]T, parse func(string) (T, error)) func(*yaml.Node, string) error {
	return func(n *yaml.Node, path string) error {
		return r.items(n, path, func(_ int, n *yaml.Node, path string) error {
			var one T
			if err := into(r, &one, parse)(n, path); err != nil {
				return err
			}
			if slices.Contains(*to, one) {
				return r.errorf(n, path, "it is there a second time")
			}
			*to = append(*to, one)
			return nil
		})
	}
}

func truth(text string) (bool, error) {
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("give true or false")
}

func anyText(text string) (string, error) { return text, nil }

// between makes a parser of durations within bounds.
func between(least, most time.Duration) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < least || d > most {
			return 0, fmt.Errorf("give a duration with a unit, such as 30s or 5m, from %v to %v", least, most)
		}
		return d, nil
	}
}
