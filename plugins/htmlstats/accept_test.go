package htmlstats

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"webmon/plugins"
)

// accept is what somebody says of the last page. It must have an effect.
func (w *watch) accept(target plugins.Target) {
	w.t.Helper()
	after := w.plugin.(plugins.Accepter).Accept(w.past, target)
	if bytes.Equal(after, w.past) {
		w.t.Errorf("accepting %v changes nothing", target)
	}
	w.past = after
}

// learned is a watch of a page that is known.
func learned(t *testing.T, body string) *watch {
	t.Helper()
	w := newWatch(t, "")
	for range 5 {
		w.calm(body)
	}
	return w
}

// Whatever is done to a page, when it is accepted it is normal at the next
// check, and what it was before is not.
func TestAcceptPage(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	for name, attack := range attacks {
		attacked := attack.do(steady)
		w := learned(t, steady)
		w.alarmed(attacked)
		w.accept(plugins.Target{})
		w.calm(attacked)
		w.calm(attacked)
		if m, ok := read(w.past); !ok || len(m.accepted) > 0 || m.aside != nil {
			t.Errorf("%s: what was accepted is still waited for: %v, %+v", name, m.accepted, m.aside)
		}
	}
}

func TestAcceptIsForThatPageOnly(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := learned(t, steady)
	accepter := w.plugin.(plugins.Accepter)
	if before := string(w.past); string(accepter.Accept(w.past, plugins.Target{})) != before || accepter.Accept(nil, plugins.Target{}) != nil {
		t.Error("something was accepted although nothing alarms")
	}
	w.alarmed(attacks["script"].do(steady))
	w.accept(plugins.Target{})
	other := strings.ReplaceAll(attacks["script"].do(steady), "evil.example.org", "worse.example.com")
	for range 5 {
		w.alarmed(other)
	}
}

// A notice in place of the page is not what alarmed before it.
func TestAcceptIsForTheLastAlarm(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	attacked := attacks["script"].do(steady)
	w := learned(t, steady)
	w.alarmed(attacked)
	w.alarmed("")
	accepter := w.plugin.(plugins.Accepter)
	w.past = accepter.Accept(w.past, plugins.Target{})
	w.alarmed(attacked)
}

// A notice in place of the page is accepted by what it looks like.
func TestAcceptNotice(t *testing.T) {
	t.Parallel()
	const closed, blank = "<h1>Wartungsarbeiten</h1><p>We are sorry, and will be back at noon with more of the usual news for you.", ""
	steady := site(20, seeded(1))
	w := learned(t, steady)
	w.accept(plugins.Target{Code: notThePage, Evidence: w.probe(closed).Findings[0].Evidence[0]})
	w.alarmed(blank)
	w.calm(closed)
	w.calm(closed)
	w.alarmed(steady)
}

// One thing is accepted before it comes or while it alarms; the rest is not,
// and what was learned stays.
func TestAcceptOneThing(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	with := func(hosts ...string) string {
		body := steady
		for _, host := range hosts {
			body = before(body, "</body>", "<script src=https://"+host+"/x.js></script>")
		}
		return body
	}
	one := plugins.Target{Code: "new_script_host", Evidence: "one.example"}
	for name, first := range map[string]func(w *watch){
		"in advance":       func(*watch) {},
		"while it alarms":  func(w *watch) { w.alarmed(with("one.example")) },
		"beside another":   func(w *watch) { w.alarmed(with("one.example", "two.example")) },
		"gone for a while": func(w *watch) { w.alarmed(with("one.example")); w.calm(steady) },
	} {
		w := learned(t, steady)
		first(w)
		w.accept(one)
		report := w.alarmed(with("one.example", "two.example"))
		if text := messages(report); strings.Contains(text, "one.example") || !strings.Contains(text, "two.example") {
			t.Errorf("%s: %s", name, text)
		}
		w.calm(with("one.example"))
		if !w.probe(hacked).Changed {
			t.Errorf("%s: the page is not watched any more", name)
		}
	}
}

// A host is accepted as its site, and what is none as it is written.
func TestAcceptHost(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	for evidence, more := range map[string]string{
		"CDN.one.example": "<script src=https://www.one.example/x.js></script>", "data:": "<script src=data:,f()></script>",
	} {
		w := learned(t, steady)
		w.accept(plugins.Target{Code: "new_script_host", Evidence: evidence})
		w.calm(before(steady, "</body>", more))
	}
}

// What was accepted is no reason to take the next thing of its kind for usual.
func TestNextThingAlarms(t *testing.T) {
	t.Parallel()
	body := site(20, seeded(1))
	w := learned(t, body)
	for i := range 10 {
		body = before(body, "</body>", fmt.Sprintf("<script src=//host%d.example/x.js></script>", i))
		w.alarmed(body)
		w.accept(plugins.Target{})
		w.calm(body)
	}
}

// Each finding of a page can be accepted on its own, and when all are, the page
// is normal.
func TestAcceptEachFinding(t *testing.T) {
	t.Parallel()
	steady := site(60, seeded(1))
	redesigned := "<html><head><title>News</title></head><body><h1>All the news</h1><table>" +
		strings.Repeat("<tr><td>other words altogether<td>in a table", 40) + "</table></body>"
	w := learned(t, steady)
	for range 12 { // a page shows its weightiest findings only
		report := w.check(htmlPage(redesigned))
		if !report.Changed {
			break
		}
		for _, target := range plugins.Find([]plugins.Report{report}, plugins.Target{}) {
			w.past = w.plugin.(plugins.Accepter).Accept(w.past, target)
		}
	}
	m, _ := read(w.past)
	if !m.calm || len(m.accepted) > 0 {
		t.Errorf("calm is %t, and %d things are still waited for", m.calm, len(m.accepted))
	}
	w.calm(redesigned)
}

func TestAcceptRefusesWhatNoFindingSays(t *testing.T) {
	t.Parallel()
	w := learned(t, site(20, seeded(1)))
	for _, target := range []plugins.Target{
		{Code: "new_script_host"}, {Code: "no_such_code", Evidence: "x"}, {Code: unusualValue, Evidence: "no_such_count"}, {Code: "new_title", Evidence: "2026"},
	} {
		if after := w.plugin.(plugins.Accepter).Accept(w.past, target); !bytes.Equal(after, w.past) {
			t.Errorf("%v is accepted", target)
		}
	}
}

func TestAcceptedIsBounded(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := learned(t, steady)
	for i := range 3 * maxAccepted {
		w.accept(plugins.Target{Code: "new_script_host", Evidence: fmt.Sprintf("host%d.example", i)})
	}
	if m, ok := read(w.past); !ok || len(m.accepted) != maxAccepted {
		t.Fatalf("%d accepted", len(m.accepted))
	}
	script := func(i int) string {
		return before(steady, "</body>", fmt.Sprintf("<script src=//host%d.example/x.js></script>", i))
	}
	if !w.probe(script(0)).Changed || w.probe(script(3*maxAccepted-1)).Changed {
		t.Error("not the oldest was dropped")
	}
}

// A full collection makes room for what is accepted.
func TestAcceptIntoFullCollection(t *testing.T) {
	t.Parallel()
	c := collection{}
	for i := range maxItems[formSites] {
		c.items = append(c.items, memorised{hash: uint32(10 * i), age: uint8(i)})
	}
	c.know(formSites, 15)
	if last := uint32(10 * (maxItems[formSites] - 1)); len(c.items) != maxItems[formSites] || !c.has(15) || !c.has(0) || c.has(last) {
		t.Errorf("%v", c.items)
	}
}
