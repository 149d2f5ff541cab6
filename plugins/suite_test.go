package plugins

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// inspectFunc is a plugin made of one function.
type inspectFunc func(page *Page, past []byte) (Report, error)

func (f inspectFunc) Inspect(_ context.Context, page *Page, past []byte) (Report, error) {
	return f(page, past)
}

func define(name string, inspect inspectFunc) Definition {
	return Definition{
		Name:    name,
		Options: []OptionDoc{{Name: "limit"}},
		New: func(raw json.RawMessage) (Plugin, error) {
			var options struct {
				Limit int `json:"limit"`
			}
			if err := DecodeOptions(raw, &options); err != nil {
				return nil, err
			}
			return inspect, nil
		},
	}
}

func newSuite(t *testing.T, defs ...Definition) *Suite {
	t.Helper()
	registry, err := NewRegistry(defs...)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// silent is a plugin that says nothing.
func silent(*Page, []byte) (Report, error) { return Report{}, nil }

// count is a plugin that counts its checks in its past.
func count(_ *Page, past []byte) (Report, error) {
	return Report{Metrics: []Metric{{"checks_count", float64(len(past))}}, Past: append(bytes.Clone(past), 'x')}, nil
}

func TestSuiteJoinsReports(t *testing.T) {
	t.Parallel()
	finding := func(verdict Verdict) inspectFunc {
		return func(*Page, []byte) (Report, error) {
			return Report{Findings: []Finding{{Verdict: verdict}}, Changed: verdict == Changed}, nil
		}
	}
	suite := newSuite(t, define("c", finding(Degraded)), define("a", finding("")), define("b", finding(Changed)), define("d", finding("nonsense")))
	outcome := suite.Inspect(t.Context(), &Page{}, nil)
	if outcome.Verdict != Changed || !outcome.Changed || outcome.Memory != nil {
		t.Errorf("verdict %q, changed %t, memory %x", outcome.Verdict, outcome.Changed, outcome.Memory)
	}
	for i, want := range []string{"a", "b", "c", "d"} {
		if outcome.Reports[i].Plugin != want {
			t.Errorf("report %d is of %q, want %q", i, outcome.Reports[i].Plugin, want)
		}
	}
	if calm := newSuite(t, define("a", finding(""))).Inspect(t.Context(), &Page{}, nil); calm.Verdict != Up {
		t.Errorf("verdict %q when nobody says anything, want up", calm.Verdict)
	}
}

func TestPluginSpoilsOnlyItsOwnReport(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]inspectFunc{
		"panic":     func(*Page, []byte) (Report, error) { panic("the reason") },
		"nil map":   func(p *Page, _ []byte) (Report, error) { p.Header["the reason"] = nil; return Report{}, nil },
		"error":     func(*Page, []byte) (Report, error) { return Report{Past: []byte("lost")}, errors.New("the reason") },
		"huge past": func(*Page, []byte) (Report, error) { return Report{Past: make([]byte, MaxPast+1)}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := false
			suite := newSuite(t, define("after", count), define("before", func(page *Page, past []byte) (Report, error) {
				if broken {
					return spoil(page, past)
				}
				return count(page, past)
			}))
			memory := suite.Inspect(t.Context(), &Page{}, nil).Memory
			broken = true
			outcome := suite.Inspect(t.Context(), &Page{}, memory)
			if spoiled := outcome.Reports[1]; spoiled.Error == "" || spoiled.Metrics != nil || spoiled.Plugin != "before" {
				t.Errorf("the spoiled report is %+v", spoiled)
			}
			if fine := outcome.Reports[0]; fine.Error != "" || fine.Metrics[0].Value != 1 {
				t.Errorf("the other report is %+v", fine)
			}
			broken = false
			outcome = suite.Inspect(t.Context(), &Page{}, outcome.Memory)
			if after, before := outcome.Reports[0].Metrics[0].Value, outcome.Reports[1].Metrics[0].Value; after != 2 || before != 1 {
				t.Errorf("the plugins remember %v and %v checks, want 2, and 1 for the one that failed once", after, before)
			}
		})
	}
}

func TestSuiteCleansReports(t *testing.T) {
	t.Parallel()
	reported := []Metric{{"b", 1}, {"a", math.NaN()}, {"b", 2}, {"c", math.Inf(1)}, {"d", 4}}
	findings := []Finding{{ZScore: math.Inf(-1), StdDev: 2, Observed: Number(math.NaN()), Expected: Number(3)}}
	suite := newSuite(t, define("a", func(*Page, []byte) (Report, error) {
		return Report{Metrics: reported, Findings: findings}, nil
	}))
	report := suite.Inspect(t.Context(), &Page{}, nil).Reports[0]
	if want := []Metric{{"b", 1}, {"d", 4}}; !reflect.DeepEqual(report.Metrics, want) {
		t.Errorf("metrics %v, want %v", report.Metrics, want)
	}
	if want := []Finding{{Expected: Number(3)}}; !reflect.DeepEqual(report.Findings, want) {
		t.Errorf("findings %+v, want %+v", report.Findings, want)
	}
	if !math.IsInf(findings[0].ZScore, -1) || !math.IsNaN(reported[1].Value) {
		t.Error("what the plugin may share between calls was changed")
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	entries := []entry{{name: "a"}, {name: "bee"}, {name: "c"}}
	pasts := [][]byte{[]byte("one"), nil, bytes.Repeat([]byte{0}, 300)}
	refused := []Target{{"a", "code", "evidence"}, {"gone", "", ""}}
	memory := encodeMemory(entries, pasts, refused)
	if got, gotRefused := decodeMemory(memory, entries); !reflect.DeepEqual(gotRefused, refused) || !reflect.DeepEqual(got, pasts) {
		t.Errorf("got %q, want %q", got, pasts)
	}
	if got, _ := decodeMemory(memory, entries[2:]); len(got) != 1 || !bytes.Equal(got[0], pasts[2]) {
		t.Errorf("without two of the plugins: got %q", got)
	}
	empty := make([][]byte, len(entries))
	for i := range memory {
		flipped := bytes.Clone(memory)
		flipped[i] ^= 0x10
		if got, refused := decodeMemory(flipped, entries); !reflect.DeepEqual(got, empty) || refused != nil {
			t.Fatalf("a flipped bit in byte %d is read as %q, %v", i, got, refused)
		}
		if got, refused := decodeMemory(memory[:i], entries); !reflect.DeepEqual(got, empty) || refused != nil {
			t.Fatalf("the first %d bytes are read as %q, %v", i, got, refused)
		}
	}
}

func FuzzMemory(f *testing.F) {
	entries := []entry{{name: "a"}, {name: "bee"}}
	f.Add([]byte(nil))
	f.Add([]byte{memoryVersion})
	f.Add(encodeMemory(entries, [][]byte{[]byte("one"), []byte("two")}, []Target{{"a", "b", "c"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		decodeMemory(b, entries)
		if len(b) > memoryHeader { // a damaged memory whose checksum happens to fit
			b = bytes.Clone(b)
			b[0] = memoryVersion
			sum := checksum(b)
			b[1], b[2], b[3], b[4] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		}
		pasts, refused := decodeMemory(b, entries)
		again, refusedAgain := decodeMemory(encodeMemory(entries, pasts, refused), entries)
		if !equalPasts(again, pasts) || !slices.Equal(refusedAgain, refused) {
			t.Errorf("%q, %v became %q, %v", pasts, refused, again, refusedAgain)
		}
	})
}

func equalPasts(a, b [][]byte) bool {
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

func TestRegistryRefuses(t *testing.T) {
	t.Parallel()
	for want, defs := range map[string][]Definition{
		`"twice" is registered twice`: {define("twice", silent), define("once", silent), define("twice", silent)},
		`plugin name "No"`:            {define("No", silent)},
		`plugin name ""`:              {define("", silent)},
		`"empty" has no constructor`:  {{Name: "empty"}},
		`plugin "picky" with its default options: needs options`: {{Name: "picky", New: func(json.RawMessage) (Plugin, error) {
			return nil, errors.New("needs options")
		}}},
	} {
		if _, err := NewRegistry(defs...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestRegistrySuite(t *testing.T) {
	t.Parallel()
	registry, err := NewRegistry(define("b", count), define("a", count))
	if err != nil {
		t.Fatal(err)
	}
	options := func(name, raw string) map[string]json.RawMessage {
		return map[string]json.RawMessage{name: json.RawMessage(raw)}
	}
	suite := func(options map[string]json.RawMessage) *Suite {
		suite, err := registry.Suite(options)
		if err != nil {
			t.Fatal(err)
		}
		return suite
	}
	if suite(nil) != suite(map[string]json.RawMessage{}) {
		t.Error("without options each caller gets another suite")
	}
	one := suite(options("a", `{"limit":1}`))
	if one != suite(options("a", `{"limit":1}`)) || one == suite(options("a", `{"limit":2}`)) || one == suite(options("b", `{"limit":1}`)) {
		t.Error("suites are to be shared by equal options, and by none other")
	}
	if len(one.entries) != 2 {
		t.Errorf("%d plugins, want all", len(one.entries))
	}
	for raw, wants := range map[string][]string{
		`{"limmit": 1}`:  {`plugin "a"`, `unknown option "limmit"`, "its options are limit"},
		`{"limit": "x"}`: {`plugin "a"`, `option "limit"`},
		`[1]`:            {`plugin "a"`, "JSON object"},
		`{} {}`:          {`plugin "a"`, "follows"},
	} {
		_, err := registry.Suite(options("a", raw))
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("options %s: error %v, want one that says %s", raw, err, want)
			}
		}
	}
	_, err = registry.Suite(map[string]json.RawMessage{"zed": nil, "b": json.RawMessage(`{"x":1}`)})
	for _, want := range []string{`no plugin "zed"`, "the plugins are a, b", `unknown option "x"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
}

func TestSuiteCacheIsBounded(t *testing.T) {
	t.Parallel()
	registry, err := NewRegistry(define("a", count))
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxSuites + 10 {
		raw, _ := json.Marshal(map[string]int{"limit": i}) // cannot fail
		if _, err := registry.Suite(map[string]json.RawMessage{"a": raw}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(registry.suites); n > maxSuites {
		t.Errorf("%d suites are kept", n)
	}
}
