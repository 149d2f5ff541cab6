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
)

// Registry knows the plugins there are. It is a value, built once in one
// visible place, and safe for use by many goroutines.
type Registry struct {
	definitions []Definition // sorted by name
	defaults    *Suite       // every plugin with its default options

	mu     sync.Mutex
	suites map[string]*Suite // by their options, see suiteKey
}

// maxSuites bounds the cache of configured suites. Most assets share a few
// sets of options; when very many differ, the cache starts anew.
const maxSuites = 4096

var definitionName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// NewRegistry makes a registry of the given plugins. It is an error when a name
// is malformed or taken, or when a plugin does not accept its own defaults.
func NewRegistry(defs ...Definition) (*Registry, error) {
	r := &Registry{definitions: slices.Clone(defs), suites: make(map[string]*Suite)}
	slices.SortStableFunc(r.definitions, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	entries := make([]entry, len(r.definitions))
	for i, def := range r.definitions {
		switch {
		case !definitionName.MatchString(def.Name):
			return nil, fmt.Errorf("plugin name %q: use one lower-case word of letters and digits", def.Name)
		case i > 0 && def.Name == r.definitions[i-1].Name:
			return nil, fmt.Errorf("plugin name %q is registered twice", def.Name)
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
