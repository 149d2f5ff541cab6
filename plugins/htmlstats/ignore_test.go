package htmlstats

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// adBlock is another at every check: in size, in words, and in what it loads
// from where.
func adBlock(n int) string {
	random := seeded(uint64(n))
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="box ad"><script src="https://ads%d.example/x.js"></script><iframe src="https://pay%d.example/" width=1 height=1></iframe>`, n, n)
	for range 1 + random.IntN(60) {
		fmt.Fprintf(&b, `<p><a href="https://shop%d.example.com/">%x cheap %x</a><img src=/%d.png>`, random.IntN(1000), random.Uint64(), random.Uint64(), n)
	}
	return b.String() + "</div>"
}

// What the selectors match is no part of the page. What happens outside is seen
// as before.
func TestIgnoreSelectors(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	with := func(body string, n int) string { return before(body, "</main>", adBlock(n)) }
	plain, ignoring := newWatch(t, ""), newWatch(t, `{"ignore_selectors": ["main > .ad"]}`)
	alarms := 0
	for n := range 15 {
		body := with(steady, max(0, n-5)) // at first it stays as it is
		if plain.check(htmlPage(body)).Changed {
			alarms++
		}
		ignoring.calm(body)
	}
	if alarms == 0 {
		t.Error("the block alarms nobody without the option: the test says nothing")
	}
	for name, attack := range attacks {
		if report := ignoring.probe(with(attack.do(steady), 20)); !report.Changed {
			t.Errorf("%s: no alarm", name)
		}
	}
	attacked := attacks["script"].do(steady)
	for n := range 3 {
		ignoring.alarmed(with(attacked, 30+n))
	}
}

func TestBadIgnoreSelectors(t *testing.T) {
	t.Parallel()
	_, err := New(json.RawMessage(`{"ignore_selectors": ["p", "p["]}`))
	if err == nil || !strings.Contains(err.Error(), `option "ignore_selectors": the selector "p["`) {
		t.Errorf("error %v, want one that names the option and the selector", err)
	}
}
