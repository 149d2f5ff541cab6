package assertion

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"webmon/nearest"
)

// Kind is what a name stands for.
type Kind uint8

// The kinds of names.
const (
	Number Kind = iota // a float64
	Truth              // a float64, too: 0 is no, all else is yes
	Text               // a string
	Body               // the page's body, which can only be searched
)

// Name is something that an expression can be about.
type Name struct {
	Path  string   // the one that it is looked up by, such as timing.first_byte_seconds
	Kind  Kind     //
	Words []string // all that a text may be; nil: anything
}

// family are names of which a part is free, such as htmlstats.tag_<name>_count.
type family struct {
	before, after string // of the path as it is written
	Name                 // its Path has <> in the place of the free part
}

// Vocabulary knows all names. Make it with [NewVocabulary]; once made it is safe
// for use by many goroutines.
type Vocabulary struct {
	names    map[string]Name // as written
	twofold  map[string][]string
	families []family
	free     map[string]bool // what any name may follow, such as header
	taken    map[string]bool // paths, which no short name may be
}

// NewVocabulary makes an empty vocabulary.
func NewVocabulary() *Vocabulary {
	return &Vocabulary{names: map[string]Name{}, twofold: map[string][]string{}, free: map[string]bool{}, taken: map[string]bool{}}
}

// Add adds a name by its path.
func (v *Vocabulary) Add(name Name) {
	v.names[name.Path] = name
	v.taken[name.Path] = true
	delete(v.twofold, name.Path)
}

// AddFamily adds names of which the part in angle brackets is free, in the path
// and in what else it may be written as.
func (v *Vocabulary) AddFamily(name Name, also ...string) {
	for _, written := range append([]string{name.Path}, also...) {
		before, rest, _ := strings.Cut(written, "<")
		_, after, _ := strings.Cut(rest, ">")
		v.families = append(v.families, family{before: before, after: after, Name: name})
	}
}

// AddFree makes any text in brackets a name, as in header["server"]. Case does
// not matter.
func (v *Vocabulary) AddFree(before string) { v.free[before] = true }

// Also adds another word for a name that was added. Where the same word is
// asked for twice, or is a path itself, it stands for neither.
func (v *Vocabulary) Also(short, path string) {
	before, known := v.names[short]
	switch {
	case v.taken[short]:
	case len(v.twofold[short]) > 0:
		v.twofold[short] = append(v.twofold[short], path)
	case known && before.Path != path:
		delete(v.names, short)
		v.twofold[short] = []string{before.Path, path}
	default:
		v.names[short] = v.names[path]
	}
}

// Words lists all that can be written for a path, the path first.
func (v *Vocabulary) Words(path string) []string {
	words := []string{path}
	for _, written := range slices.Sorted(maps.Keys(v.names)) {
		if written != path && v.names[written].Path == path {
			words = append(words, written)
		}
	}
	for _, f := range v.families {
		if written := f.before + "<name>" + f.after; f.Path == path && written != path {
			words = append(words, written)
		}
	}
	return words
}

// freePath is the path of a free name.
func freePath(before, name string) string {
	return fmt.Sprintf("%s[%q]", before, strings.ToLower(name))
}

// FreeName takes the path of a free name apart.
func FreeName(path string) (before, name string, ok bool) {
	before, quoted, ok := strings.Cut(path, `["`)
	return before, strings.TrimSuffix(quoted, `"]`), ok
}

// lookup finds what is meant by a written name: one word, or two with a point
// between.
func (v *Vocabulary) lookup(first, second string) (Name, error) {
	if second != "" && v.free[first] {
		if strings.ContainsFunc(second, notInHeader) {
			return Name{}, fmt.Errorf("%q cannot be the name of a header", second)
		}
		return Name{Path: freePath(first, second), Kind: Text}, nil
	}
	written := first
	if second != "" {
		written += "." + second
	}
	if name, known := v.names[written]; known {
		return name, nil
	}
	if paths := v.twofold[written]; len(paths) > 0 {
		return Name{}, fmt.Errorf("%s could be %s: write which", written, strings.Join(paths, " or "))
	}
	for _, f := range v.families {
		rest, fits := strings.CutPrefix(written, f.before)
		if part, ends := strings.CutSuffix(rest, f.after); fits && ends && part != "" && !strings.ContainsFunc(part, notInName) {
			name := f.Name
			before, rest, _ := strings.Cut(f.Path, "<")
			_, after, _ := strings.Cut(rest, ">")
			name.Path = before + part + after
			return name, nil
		}
	}
	return Name{}, v.unknown(first, second)
}

// unknown says that there is no such name, and which is meant perhaps.
func (v *Vocabulary) unknown(first, second string) error {
	if v.free[first] {
		return fmt.Errorf("say which: %s[%q]", first, "content-type")
	}
	if second == "" {
		if near := nearest.Word(first, v.sorted()); near != "" {
			return fmt.Errorf("there is no %s; do you mean %s?", first, near)
		}
		return fmt.Errorf("there is no %s; names are status, url and the like, and what plugins measure, such as timing.total: see webmon plugins", first)
	}
	var members []string
	for known := range v.sorted() {
		if member, below := strings.CutPrefix(known, first+"."); below {
			members = append(members, member)
		}
	}
	near := Nearest(second, members)
	switch {
	case near != "":
		return fmt.Errorf("there is no %s.%s; do you mean %[1]s.%[3]s?", first, second, near)
	case len(members) > 0:
		return fmt.Errorf("there is no %s.%s; webmon plugins show %[1]s lists what there is", first, second)
	}
	if near := nearest.Word(first+"."+second, v.sorted()); near != "" {
		return fmt.Errorf("there is no %s.%s; do you mean %s?", first, second, near)
	}
	return fmt.Errorf("there is no plugin %s; see webmon plugins", first)
}

// Nearest is the name that a mistyped one most likely means, or "".
func Nearest(typed string, known []string) string { return nearest.Word(typed, slices.Values(known)) }

func notInName(c rune) bool {
	return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')
}

func notInHeader(c rune) bool {
	return c <= ' ' || c >= 0x7f || c == '"' || c == '\\'
}

// sorted gives all that can be written, always in the same order.
func (v *Vocabulary) sorted() iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(v.names)))
}
