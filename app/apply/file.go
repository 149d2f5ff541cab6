// Package apply makes a plan of what to change so that webmon watches what a
// file says.
package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"webmon/store"
)

// TagPrefix begins the tag that marks the assets of a set.
const TagPrefix = "managed:"

// File is what a file says: the assets of a set, as they should be.
type File struct {
	Name   string // what errors call it
	Set    string
	Assets []Wanted
}

// Tag is the tag that all assets of the set have, and no others should.
func (f *File) Tag() string { return TagPrefix + f.Set }

// Wanted is an asset as it should be.
type Wanted struct {
	Line   int            // of the file, where it begins
	Key    string         // what it is known by in the set: its name, or its URL without one
	Fields map[string]any // as in the API's JSON; what is missing has its default
}

// document is the form of a file.
type document struct {
	Set      string       `yaml:"set"`
	Defaults definition   `yaml:"defaults"`
	Assets   []definition `yaml:"assets"`
}

// Read reads a file. name is what errors call it; they say the line, too.
func Read(name string, content []byte) (*File, error) {
	var parsed document
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&parsed); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty", name)
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", name, plain(err))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: a second document follows the first (a line ---); put all assets into one", name)
	}
	if err := checkSet(parsed.Set); err != nil {
		return nil, fmt.Errorf("%s: set: %w", name, err)
	}
	if parsed.Defaults.URL != nil || parsed.Defaults.Name != nil {
		return nil, fmt.Errorf("%s: defaults: url and name are each asset's own", name)
	}
	lines, err := linesOf(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	file := &File{Name: name, Set: parsed.Set}
	known := map[string]int{}
	for i := range parsed.Assets {
		wanted, err := parsed.Assets[i].wanted(&parsed.Defaults, file.Tag())
		wanted.Line = lines[i]
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, wanted.Line, err)
		}
		if before, twice := known[wanted.Key]; twice {
			return nil, fmt.Errorf("%s:%d: %s is the asset of line %d, too: give each a name of its own", name, wanted.Line, wanted.Key, before)
		}
		known[wanted.Key] = wanted.Line
		file.Assets = append(file.Assets, wanted)
	}
	return file, nil
}

// linesOf says where the assets of a file begin.
func linesOf(content []byte) ([]int, error) {
	var places struct {
		Assets []yaml.Node `yaml:"assets"`
	}
	if err := yaml.Unmarshal(content, &places); err != nil {
		return nil, err
	}
	lines := make([]int, len(places.Assets))
	for i, node := range places.Assets {
		lines[i] = node.Line
	}
	return lines, nil
}

// plain makes one line of yaml's errors, without words about Go.
func plain(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	var several *yaml.TypeError
	if errors.As(err, &several) {
		text = strings.Join(several.Errors, "; ")
	}
	text = strings.ReplaceAll(text, "cannot unmarshal !!", "cannot read ")
	for _, kind := range []string{"document", "definition", "request", "basicAuth", "retention", "alerts"} {
		text = strings.ReplaceAll(text, " not found in type apply."+kind, " is unknown")
		text = strings.ReplaceAll(text, "into apply."+kind, "as a group of fields")
		text = strings.ReplaceAll(text, "into []apply."+kind, "as a list")
	}
	return strings.Join(strings.Fields(text), " ")
}

func checkSet(set string) error {
	switch {
	case set == "":
		return errors.New("is missing: name the set of assets that this file is about, such as set: shop")
	case utf8.RuneCountInString(TagPrefix+set) > store.MaxTag:
		return fmt.Errorf("is longer than %d characters", store.MaxTag-len(TagPrefix))
	case strings.ContainsFunc(set, notInSet):
		return fmt.Errorf("%q has white space, a comma, a semicolon or a character that cannot be printed inside", set)
	}
	return nil
}

func notInSet(c rune) bool {
	return c == ',' || c == ';' || unicode.IsSpace(c) || !unicode.IsPrint(c)
}
