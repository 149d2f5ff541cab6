package plugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"webmon/plugins/assertion"
)

// Registry knows the plugins there are. It is a value, built once in one
// visible place, and safe for use by many goroutines.
type Registry struct {
	definitions []Definition // sorted by name
	defaults    *Suite       // every plugin with its default options
	vocabulary  *assertion.Vocabulary

	mu       sync.Mutex
	suites   map[string]*Suite    // by their options, see suiteKey
	asserted map[string]*asserted // by the assertions, see assertionsKey
}

// maxSuites bounds the caches of configured suites and of compiled assertions.
// Most assets share a few sets; when very many differ, a cache starts anew.
const maxSuites = 4096

var definitionName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// NewRegistry makes a registry of the given plugins. It is an error when a name
// is malformed or taken, or when a plugin does not accept its own defaults.
func NewRegistry(defs ...Definition) (*Registry, error) {
	r := &Registry{definitions: slices.Clone(defs), suites: make(map[string]*Suite), asserted: make(map[string]*asserted)}
	slices.SortStableFunc(r.definitions, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	entries := make([]entry, len(r.definitions))
	for i, def := range r.definitions {
		switch {
		case !definitionName.MatchString(def.Name):
			return nil, fmt.Errorf("plugin name %q: use one lower-case word of letters and digits", def.Name)
		case i > 0 && def.Name == r.definitions[i-1].Name:
			return nil, fmt.Errorf("plugin name %q is registered twice", def.Name)
		case slices.Contains(reserved, def.Name):
			return nil, fmt.Errorf("plugin name %q is a word of assertions", def.Name)
		case def.New == nil:
			return nil, fmt.Errorf("plugin %q has no constructor", def.Name)
		}
		plugin, err := def.New(nil)
		if err != nil {
			return nil, fmt.Errorf("plugin %q with its default options: %w", def.Name, err)
		}
		entries[i] = entry{name: def.Name, plugin: plugin}
	}
	r.defaults = &Suite{entries: entries}
	r.vocabulary = newVocabulary(r.definitions)
	return r, nil
}

// Definitions returns the plugins, sorted by name.
func (r *Registry) Definitions() []Definition { return slices.Clone(r.definitions) }

// Suite returns every plugin, each with its part of options or its defaults.
// Equal options share one suite, so asking again costs no decoding. An unknown
// plugin, an unknown option and a bad value are errors that name them; when
// several are wrong, the error tells of all of them.
func (r *Registry) Suite(options map[string]json.RawMessage) (*Suite, error) {
	if len(options) == 0 {
		return r.defaults, nil
	}
	names := slices.Sorted(maps.Keys(options))
	key := suiteKey(names, options)
	r.mu.Lock()
	suite := r.suites[key]
	r.mu.Unlock()
	if suite != nil {
		return suite, nil
	}
	suite, err := r.configure(names, options)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.suites) >= maxSuites {
		clear(r.suites)
	}
	r.suites[key] = suite
	return suite, nil
}

// Asserting returns a suite that also judges assertions, by what the plugins
// measured. What is wrong with the assertions are errors, too, each an
// *[AssertionError].
func (r *Registry) Asserting(options map[string]json.RawMessage, list []Assertion) (*Suite, error) {
	suite, err := r.Suite(options)
	if err != nil || len(list) == 0 {
		return suite, err
	}
	as := r.assertedOf(list)
	var wrong []error
	for _, err := range append(slices.Clone(as.broken), suite.unnamed(as, list)...) {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &Suite{entries: suite.entries, asserted: as}, nil
}

// Salvage is Asserting for what was good when it was stored, but not by this
// version perhaps. Options that are not understood, all of them then, are left
// out, which the error tells; of an assertion that is not, the suite's reports
// tell.
func (r *Registry) Salvage(options map[string]json.RawMessage, list []Assertion) (*Suite, error) {
	suite, err := r.Suite(options)
	if err != nil {
		suite = r.defaults
	}
	if len(list) > 0 {
		suite = &Suite{entries: suite.entries, asserted: r.assertedOf(list)}
	}
	return suite, err
}

// assertedOf compiles assertions, unless it has before. Those that are wrong are
// in its broken.
func (r *Registry) assertedOf(list []Assertion) *asserted {
	var key []byte
	for _, a := range list {
		key = appendBytes(key, a.Expr)
		key = appendBytes(key, a.Message)
		key = appendBytes(key, a.Severity)
		key = appendBytes(key, a.Verdict)
	}
	r.mu.Lock()
	as := r.asserted[string(key)]
	r.mu.Unlock()
	if as != nil {
		return as
	}
	as = r.compile(list)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.asserted) >= maxSuites {
		clear(r.asserted)
	}
	r.asserted[string(key)] = as
	return as
}

func (r *Registry) configure(names []string, options map[string]json.RawMessage) (*Suite, error) {
	suite := &Suite{entries: slices.Clone(r.defaults.entries)}
	var wrong []error
	for _, name := range names {
		i := slices.IndexFunc(r.definitions, func(d Definition) bool { return d.Name == name })
		if i < 0 {
			wrong = append(wrong, fmt.Errorf("there is no plugin %q; the plugins are %s", name, r.names()))
			continue
		}
		plugin, err := r.definitions[i].New(options[name])
		if err != nil {
			wrong = append(wrong, fmt.Errorf("plugin %q: %w; %s", name, err, optionList(r.definitions[i])))
			continue
		}
		suite.entries[i].plugin = plugin
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return suite, nil
}

func (r *Registry) names() string {
	names := make([]string, len(r.definitions))
	for i, def := range r.definitions {
		names[i] = def.Name
	}
	return strings.Join(names, ", ")
}

// optionList tells in words which options a plugin takes.
func optionList(def Definition) string {
	if len(def.Options) == 0 {
		return "it takes no options"
	}
	names := make([]string, len(def.Options))
	for i, option := range def.Options {
		names[i] = option.Name
	}
	return "its options are " + strings.Join(names, ", ")
}

// suiteKey writes options as one string that no other options share: every part
// is preceded by its length.
func suiteKey(names []string, options map[string]json.RawMessage) string {
	var key []byte
	for _, name := range names {
		key = appendBytes(key, name)
		key = appendBytes(key, options[name])
	}
	return string(key)
}
