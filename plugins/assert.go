package plugins

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"webmon/plugins/assertion"
)

// Assertion is a condition on what all plugins measured. Where it does not hold
// that is a finding. Package assertion has the language.
type Assertion struct {
	Expr     string   `json:"expr"`
	Message  string   `json:"message,omitempty"`  // what to say when it does not hold; empty: the expression and what was seen
	Severity Severity `json:"severity,omitempty"` // empty: critical
	Verdict  Verdict  `json:"verdict,omitempty"`  // degraded, changed or down; empty: down, and nothing when it is worth noting only
}

// AssertionsName is the plugin name of the report on assertions, which no plugin
// can have.
const AssertionsName = "assertions"

// The limits of an asset's assertions.
const (
	MaxAssertions       = 32
	MaxAssertionMessage = 300 // bytes
)

// WithDefaults is the assertion with what it leaves out.
func (a Assertion) WithDefaults() Assertion {
	if a.Severity == "" {
		a.Severity = Critical
	}
	if a.Verdict == "" && a.Severity != Info {
		a.Verdict = Down
	}
	return a
}

// AssertionError says what is wrong with one of several assertions.
type AssertionError struct {
	Index int    // which, from 0
	Field string // as in its JSON; empty when it is about all of them
	At    int    // the character of the expression, from 1; 0 for anything else
	Err   error
}

// Error implements error.
func (e *AssertionError) Error() string {
	if e.Field == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("assertion %d: %s: %v", e.Index+1, e.Field, e.Err)
}

// Unwrap implements errors' Unwrap.
func (e *AssertionError) Unwrap() error { return e.Err }

// CheckAssertions tells all that is wrong with assertions. suite is what they are
// judged with; nil when that is not known, and with it what its options name.
func (r *Registry) CheckAssertions(suite *Suite, list []Assertion) []*AssertionError {
	made := r.compile(list)
	if suite == nil {
		return made.broken
	}
	return append(made.broken, suite.unnamed(made, list)...)
}

// Words lists what the metric or fact of a plugin can be called in assertions,
// its full name first.
func (r *Registry) Words(plugin, name string) []string {
	return r.vocabulary.Words(plugin + "." + name)
}

// compile makes of assertions what can be judged. Those that are wrong are in
// its broken only.
func (r *Registry) compile(list []Assertion) *asserted {
	made := new(asserted)
	if len(list) > MaxAssertions {
		made.broken = []*AssertionError{{Index: MaxAssertions, Err: fmt.Errorf("there are %d assertions, at most %d are possible", len(list), MaxAssertions)}}
		return made
	}
	for i, a := range list {
		add := func(field string, err error) {
			wrong := &AssertionError{Index: i, Field: field, Err: err}
			if place := new(assertion.Error); errors.As(err, &place) {
				wrong.At = place.At
			}
			made.broken = append(made.broken, wrong)
		}
		before := len(made.broken)
		compiled, err := assertion.Compile(a.Expr, r.vocabulary)
		if err != nil {
			add("expr", err)
		}
		if same := slices.IndexFunc(list[:i], func(b Assertion) bool { return b.Expr == a.Expr }); same >= 0 {
			add("expr", fmt.Errorf("is the same as that of assertion %d", same+1))
		}
		if len(a.Message) > MaxAssertionMessage || !utf8.ValidString(a.Message) || strings.ContainsFunc(a.Message, unicode.IsControl) {
			add("message", fmt.Errorf("must be one line of at most %d bytes", MaxAssertionMessage))
		}
		if !slices.Contains([]Severity{"", Info, Warning, Critical}, a.Severity) {
			add("severity", fmt.Errorf("%q is not possible: give info, warning or critical", a.Severity))
		}
		switch {
		case !slices.Contains([]Verdict{"", Degraded, Changed, Down}, a.Verdict):
			add("verdict", fmt.Errorf("%q is not possible: give degraded, changed or down", a.Verdict))
		case a.Verdict != "" && a.Severity == Info:
			add("verdict", fmt.Errorf("what is worth noting only makes nothing of the asset: leave the verdict out, or give severity warning or critical"))
		}
		if len(made.broken) == before {
			made.add(r, a.WithDefaults(), compiled)
		}
	}
	return made
}

// asserted are assertions that were compiled. It serves many goroutines at once.
type asserted struct {
	list     []Assertion // with their defaults
	compiled []*assertion.Assertion
	sources  []source // of all that they are about, each once
	broken   []*AssertionError
}

func (as *asserted) add(r *Registry, a Assertion, compiled *assertion.Assertion) {
	as.list, as.compiled = append(as.list, a), append(as.compiled, compiled)
	for _, name := range compiled.Names() {
		if !slices.ContainsFunc(as.sources, func(s source) bool { return s.path == name.Path }) {
			as.sources = append(as.sources, r.source(name))
		}
	}
}
