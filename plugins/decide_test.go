package plugins

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// adopter is a plugin that remembers the bodies it knows, and takes another one
// for normal when it has seen it three times in a row.
func adopter(page *Page, past []byte) (Report, error) {
	known, pending, _ := strings.Cut(string(past), "|")
	body := string(page.Body)
	switch {
	case len(past) == 0:
		return Report{Past: []byte(body)}, nil
	case strings.Contains(known, body):
		return Report{Past: []byte(known)}, nil
	case pending == "?": // the page that alarmed last was accepted
		return Report{Past: []byte(known + "," + body)}, nil
	}
	if pending += "+"; len(pending) >= 3 {
		known, pending = known+","+body, ""
	}
	return Report{Changed: true, Past: []byte(known + "|" + pending), Findings: []Finding{{
		Severity: Warning, Code: "new_body", Verdict: Changed, Evidence: []string{body},
	}}}, nil
}

// accepting is an adopter that can learn single bodies.
type accepting struct{ inspectFunc }

func (accepting) Accept(past []byte, target Target) []byte {
	known, pending, _ := strings.Cut(string(past), "|")
	switch {
	case target.Evidence != "" && len(past) > 0 && !strings.Contains(known, target.Evidence):
		return []byte(known + "," + target.Evidence + "|" + pending)
	case target.Evidence == "" && strings.Contains(pending, "+"):
		return []byte(known + "|?")
	}
	return past
}

func (s *Suite) see(t *testing.T, body string, memory []byte) Outcome {
	t.Helper()
	return s.Inspect(t.Context(), &Page{Body: []byte(body)}, memory)
}

// sees plays bodies and returns the memory.
func (s *Suite) sees(t *testing.T, memory []byte, bodies ...string) []byte {
	t.Helper()
	for _, body := range bodies {
		memory = s.see(t, body, memory).Memory
	}
	return memory
}

// alarms lists the plugins that alarm.
func alarms(o Outcome) (names []string) {
	for _, target := range Find(o.Reports, Target{}) {
		names = append(names, target.Plugin)
	}
	return names
}

func deciders(t *testing.T) *Suite {
	t.Helper()
	suite := newSuite(t, define("forgets", adopter), define("learns", adopter), define("silent", count))
	suite.entries[1].plugin = accepting{adopter}
	return suite
}

func TestTargetMatches(t *testing.T) {
	t.Parallel()
	host := &Finding{Code: "new_host", Metric: "hosts_count", Evidence: []string{"a.example", "b.example"}}
	number := &Finding{Code: "unusual", Metric: "words_count"}
	for _, test := range []struct {
		target  Target
		finding *Finding
		want    bool
	}{
		{Target{}, host, true},
		{Target{Plugin: "p"}, host, true},
		{Target{Plugin: "q"}, host, false},
		{Target{Plugin: "p", Code: "new_host", Evidence: "b.example"}, host, true},
		{Target{Code: "new_host", Evidence: "c.example"}, host, false},
		{Target{Code: "new_host", Evidence: "hosts_count"}, host, false},
		{Target{Code: "other"}, host, false},
		{Target{Code: "unusual", Evidence: "words_count"}, number, true},
		{Target{Code: "unusual", Evidence: "links_count"}, number, false},
	} {
		if got := test.target.Matches("p", test.finding); got != test.want {
			t.Errorf("%+v matches %s: %t", test.target, test.finding.Code, got)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	alarm := func(code string, verdict Verdict, evidence ...string) Finding {
		return Finding{Severity: Warning, Code: code, Metric: "m", Verdict: verdict, Evidence: evidence}
	}
	info := alarm("noted", Changed, "x")
	info.Severity = Info
	reports := []Report{
		{Plugin: "a", Findings: []Finding{alarm("host", Changed, "x", "y"), info, alarm("slow", Degraded, "x")}},
		{Plugin: "b", Findings: []Finding{alarm("status", Down, "x"), alarm("number", Inconclusive)}},
	}
	for _, test := range []struct {
		target Target
		want   []Target
	}{
		{Target{}, []Target{{"a", "host", "x"}, {"a", "host", "y"}, {"b", "number", "m"}}},
		{Target{Plugin: "a"}, []Target{{"a", "host", "x"}, {"a", "host", "y"}}},
		{Target{Code: "host", Evidence: "y"}, []Target{{"a", "host", "y"}}},
		{Target{Evidence: "x"}, []Target{{"a", "host", "x"}}},
		{Target{Plugin: "b", Code: "host"}, nil},
	} {
		if got := Find(reports, test.target); !slices.Equal(got, test.want) {
			t.Errorf("%+v: found %v, want %v", test.target, got, test.want)
		}
	}
}

func TestGist(t *testing.T) {
	t.Parallel()
	finding := func(code string, points float64, evidence ...string) Finding {
		return Finding{Severity: Warning, Code: code, Metric: "m", Verdict: Changed, Points: points, Evidence: evidence}
	}
	reports := []Report{
		{Plugin: "a", Findings: []Finding{finding("host", 4, "x", "y"), finding("structure", 3), finding("title", 2, "t"), finding("nesting", 1, "n")}},
		{Plugin: "b", Findings: []Finding{finding("structure", 3), finding("nesting", 1, "n")}},
		{Plugin: "c", Findings: []Finding{finding("site", 0, "s"), finding("other", 0)}},
	}
	for _, test := range []struct {
		target Target
		want   []Target
	}{
		{Target{}, []Target{{"a", "host", "x"}, {"a", "host", "y"}, {"a", "title", "t"}, {"b", "structure", "m"}, {"c", "site", "s"}}},
		{Target{Plugin: "b"}, []Target{{"b", "structure", "m"}}},
		{Target{Code: "nesting"}, []Target{{"a", "nesting", "n"}, {"b", "nesting", "n"}}},
		{Target{Evidence: "n"}, []Target{{"a", "nesting", "n"}, {"b", "nesting", "n"}}},
	} {
		if got := Gist(reports, test.target); !slices.Equal(got, test.want) {
			t.Errorf("%+v: found %v, want %v", test.target, got, test.want)
		}
	}
}

func TestAcceptFound(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	for _, test := range []struct {
		target Target
		want   []string // who still alarms at the next check
	}{
		{Target{}, nil},
		{Target{Plugin: "learns"}, []string{"forgets"}},
		{Target{Plugin: "forgets"}, []string{"learns"}},
		{Target{Plugin: "learns", Code: "new_body"}, []string{"forgets"}},
		{Target{Code: "new_body", Evidence: "new"}, nil},
	} {
		memory := suite.sees(t, nil, "old")
		alarm := suite.see(t, "new", memory)
		after, err := suite.Accept(alarm.Memory, test.target, Find(alarm.Reports, test.target))
		if err != nil {
			t.Fatal(err)
		}
		next := suite.see(t, "new", after)
		if got := alarms(next); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v still alarm, want %v", test.target, got, test.want)
		}
		if got := next.Reports[2].Metrics[0].Value; got != 2 {
			t.Errorf("%+v: a plugin that has nothing to do with it remembers %v checks", test.target, got)
		}
		if got := alarms(suite.see(t, "another", next.Memory)); len(got) != 2 {
			t.Errorf("%+v: of another body alarm %v", test.target, got)
		}
	}
}

func TestAcceptInAdvance(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	if suite.AcceptsInAdvance("forgets") || suite.AcceptsInAdvance("nobody") || !suite.AcceptsInAdvance("learns") {
		t.Error("the wrong plugins accept in advance")
	}
	target := Target{"learns", "new_body", "new"}
	after, err := suite.Accept(suite.sees(t, nil, "old"), target, []Target{target})
	if err != nil {
		t.Fatal(err)
	}
	if got := alarms(suite.see(t, "new", after)); !slices.Equal(got, []string{"forgets"}) {
		t.Errorf("%v alarm", got)
	}
}

// A plugin that was kept from learning what was found accepts it one by one.
func TestAcceptRefused(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	alarm := suite.see(t, "evil", suite.sees(t, nil, "old"))
	found := Find(alarm.Reports, Target{})
	memory, _, err := suite.Never(alarm.Memory, nil, found)
	if err != nil {
		t.Fatal(err)
	}
	after, err := suite.Accept(suite.sees(t, memory, "evil"), Target{}, found)
	if err != nil {
		t.Fatal(err)
	}
	if got := alarms(suite.see(t, "evil", after)); got != nil {
		t.Errorf("%v alarm", got)
	}
	again, err := suite.Accept(after, Target{}, found)
	if err != nil || !bytes.Equal(again, after) {
		t.Errorf("accepting it again changes %x to %x, error %v", after, again, err)
	}
}

// A plugin that fails to accept spoils nothing.
func TestAcceptFails(t *testing.T) {
	t.Parallel()
	for name, accept := range map[string]acceptFunc{
		"panic":     func([]byte, Target) []byte { panic("the reason") },
		"huge past": func([]byte, Target) []byte { return make([]byte, MaxPast+1) },
	} {
		suite := deciders(t)
		suite.entries[1].plugin = accept
		target := Target{"learns", "a", "b"}
		if after, err := suite.Accept(suite.sees(t, nil, "old"), target, []Target{target}); err == nil || !strings.Contains(err.Error(), "learns") || after != nil {
			t.Errorf("%s: memory %x, error %v", name, after, err)
		}
	}
}

type acceptFunc func(past []byte, target Target) []byte

func (f acceptFunc) Accept(past []byte, target Target) []byte { return f(past, target) }
func (acceptFunc) Inspect(_ context.Context, page *Page, past []byte) (Report, error) {
	return adopter(page, past)
}

// What must never become normal alarms for ever, in the plugin that it is about
// and while it is there.
func TestNever(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	alarm := suite.see(t, "evil", suite.sees(t, nil, "old"))
	target := Target{"learns", "new_body", "evil"}
	memory, restored, err := suite.Never(alarm.Memory, nil, []Target{target})
	if err != nil || restored != nil {
		t.Fatalf("restored %v, error %v", restored, err)
	}
	for i := range 10 {
		o := suite.see(t, "evil", memory)
		if !slices.Contains(alarms(o), "learns") {
			t.Fatalf("check %d: %v alarm", i, alarms(o))
		}
		memory = o.Memory
	}
	if got := alarms(suite.see(t, "evil", memory)); !slices.Equal(got, []string{"learns"}) {
		t.Errorf("%v alarm, want only the plugin that it is about", got)
	}
	// Anything else is learned as before.
	memory = suite.sees(t, memory, "old", "fine", "fine", "fine")
	if got := alarms(suite.see(t, "fine", memory)); got != nil {
		t.Errorf("of another body alarm %v", got)
	}
	// Until it is accepted, or reset.
	o := suite.see(t, "evil", memory)
	accepted, err := suite.Accept(o.Memory, target, []Target{target})
	if err != nil {
		t.Fatal(err)
	}
	for name, after := range map[string][]byte{"accepted": accepted, "reset": suite.sees(t, suite.Reset(o.Memory, "learns"), "fine")} {
		if _, refused := decodeMemory(after, suite.entries); refused != nil {
			t.Errorf("%s: %v is still refused", name, refused)
		}
	}
	if got := alarms(suite.see(t, "evil", accepted)); slices.Contains(got, "learns") {
		t.Error("accepted, it still alarms")
	}
}

// What was adopted alarms again when what was remembered before comes back.
func TestNeverAfterAdoption(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	before := suite.sees(t, nil, "old", "old")
	memory := suite.sees(t, before, "evil", "evil", "evil", "evil")
	if got := alarms(suite.see(t, "evil", memory)); got != nil {
		t.Fatalf("%v alarm, want it to be adopted", got)
	}
	memory, restored, err := suite.Never(memory, before, []Target{{"learns", "new_body", "evil"}})
	if err != nil || !slices.Equal(restored, []string{"learns"}) {
		t.Fatalf("restored %v, error %v", restored, err)
	}
	for range 6 {
		o := suite.see(t, "evil", memory)
		if got := alarms(o); !slices.Equal(got, []string{"learns"}) {
			t.Fatalf("%v alarm", got)
		}
		memory = o.Memory
	}
	// Nothing remembered before is no reason to forget: that would learn it.
	if _, restored, err = suite.Never(memory, suite.Reset(before, "learns"), []Target{{"learns", "new_body", "evil"}}); restored != nil || err != nil {
		t.Errorf("restored %v, error %v", restored, err)
	}
}

func TestNeverIsBounded(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	var targets []Target
	for i := range MaxRefused {
		targets = append(targets, Target{"learns", "new_body", fmt.Sprintf("%0*d", MaxTargetText, i)})
	}
	memory, _, err := suite.Never(nil, nil, targets)
	if err != nil {
		t.Fatal(err)
	}
	if again, _, err := suite.Never(memory, nil, targets[:3]); err != nil || !bytes.Equal(again, memory) {
		t.Errorf("the same once more: error %v", err)
	}
	if _, _, err := suite.Never(memory, nil, []Target{{"learns", "new_body", "one more"}}); !errors.Is(err, ErrTooManyRefused) {
		t.Errorf("one more: error %v", err)
	}
	if _, _, err := suite.Never(nil, nil, []Target{{"learns", "new_body", strings.Repeat("x", MaxTargetText+1)}}); err == nil {
		t.Error("a long text is refused without an error, and could not be read again")
	}
	if _, refused := decodeMemory(memory, suite.entries); !reflect.DeepEqual(refused, targets) {
		t.Errorf("%d targets are read again", len(refused))
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	suite := deciders(t)
	refusals := []Target{{"learns", "a", "b"}, {"forgets", "a", "b"}}
	memory, _, err := suite.Never(suite.sees(t, nil, "old"), nil, refusals)
	if err != nil {
		t.Fatal(err)
	}
	if all := suite.Reset(memory, ""); all != nil {
		t.Errorf("all reset leaves %x", all)
	}
	pasts, refused := decodeMemory(suite.Reset(memory, "learns"), suite.entries)
	if pasts[0] == nil || pasts[1] != nil || pasts[2] == nil || !slices.Equal(refused, refusals[1:]) {
		t.Errorf("one reset leaves %q and %v", pasts, refused)
	}
}

// A memory of before there were decisions reads as it did.
func TestMemoryWithoutRefusals(t *testing.T) {
	t.Parallel()
	old, err := hex.DecodeString("01b729ba8a0161036f6e6501630474776f21")
	if err != nil {
		t.Fatal(err)
	}
	entries := []entry{{name: "a"}, {name: "bee"}, {name: "c"}}
	pasts, refused := decodeMemory(old, entries)
	if want := [][]byte{[]byte("one"), nil, []byte("two!")}; !reflect.DeepEqual(pasts, want) || refused != nil {
		t.Errorf("%q and %v", pasts, refused)
	}
	if again := encodeMemory(entries, pasts, refused); !bytes.Equal(again, old) {
		t.Errorf("%x became %x", old, again)
	}
}

// Damage within what is refused leaves the plugins' pasts alone.
func TestDamagedRefusals(t *testing.T) {
	t.Parallel()
	entries := []entry{{name: "a"}}
	good := encodeRefused([]Target{{"a", "code", "evidence"}})
	for _, damaged := range [][]byte{good[:len(good)-1], append(slices.Clone(good), 0), {refusedVersion + 1}, {refusedVersion, 0xff, 0xff}, {refusedVersion, MaxRefused}} {
		if refused := decodeRefused(damaged); refused != nil {
			t.Errorf("%x is read as %v", damaged, refused)
		}
		memory := appendBytes(appendBytes(make([]byte, memoryHeader), refusedName), damaged)
		memory = appendBytes(appendBytes(memory, "a"), "past")
		memory[0] = memoryVersion
		sum := checksum(memory)
		memory[1], memory[2], memory[3], memory[4] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		if pasts, refused := decodeMemory(memory, entries); string(pasts[0]) != "past" || refused != nil {
			t.Errorf("%x: %q and %v", damaged, pasts, refused)
		}
	}
}
