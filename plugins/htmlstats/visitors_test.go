package htmlstats

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What came twice and went by itself is known, whatever else is on the page by
// then. Other things are not, nor is what intruders write.
func TestVisitors(t *testing.T) {
	t.Parallel()
	random := seeded(1)
	body := func(more string) string { return before(lively(30, random), "</body>", more) }
	visitor, other := "<script src=https://ads.example.org/a.js></script>", "<script src=https://evil.example.com/a.js></script>"
	w := learned(t, body(""))
	for range 2 {
		w.alarmed(body(visitor))
		w.alarmed(body(visitor + "<iframe hidden src=https://once.example.net></iframe>"))
		w.calm(body(""))
	}
	w.calm(body(visitor))
	w.calm(body(""))
	w.alarmed(body(other))
	w.alarmed(body(visitor + other))

	w = learned(t, body(""))
	for range 5 {
		w.alarmed(body("<b>Hacked by nobody</b>"))
		w.calm(body(""))
	}
}

// One script more is told by itself, even where scripts have new addresses all the
// time, and until it is adopted.
func TestAddedScript(t *testing.T) {
	t.Parallel()
	const cdn = "<script src=https://cdn.example.net/%s/%s.js></script>"
	random := seeded(1)
	steady := site(20, random)
	build := func(name string) string {
		return before(steady, "</head>", fmt.Sprintf(cdn, name, "page")+fmt.Sprintf(cdn, name, "shop"))
	}
	w := learned(t, build("first"))
	for _, name := range strings.Fields("second third fourth fifth sixth seventh eighth ninth") {
		w.check(htmlPage(build(name)))
		w.calm(build(name))
		w.calm(build(name))
	}
	attacked := before(build("ninth"), "</body>", fmt.Sprintf(cdn, "jquery", "slider"))
	for range adoptAfter {
		if report := w.alarmed(attacked); !slices.Contains(codes(report), "added_script") {
			t.Errorf("%v", codes(report))
		}
	}
	w.calm(attacked)
}

// Lesser news alarm in a known state, too.
func TestLesserNewsInKnownVariant(t *testing.T) {
	t.Parallel()
	usual, sale := site(60, seeded(1)), site(12, seeded(2))
	w := learned(t, usual)
	for range knownAfter {
		w.alarmed(sale)
		w.calm(usual)
	}
	if got := codes(w.probe(sale)); !slices.Equal(got, []string{"known_variant"}) {
		t.Errorf("%v", got)
	}
	if report := w.probe(before(sale, "</body>", "<script>x(1, 'https://one.example.org')</script><img src=//two.example.org/a.png>")); !report.Changed {
		t.Errorf("not seen: %s", messages(report))
	}
}

// A widespread service is noted. What anybody can put his code on alarms, and so
// does another account of a tag manager, and a service's script around the very
// same words.
func TestServices(t *testing.T) {
	t.Parallel()
	steady := before(site(20, seeded(1)), "</head>", "<script src='https://www.googletagmanager.com/gtm.js?id=GTM-AAAA&l=x'></script>")
	w := learned(t, steady)
	for code, more := range map[string]string{
		"new_service":  "<script>s('https://js.stripe.com')</script><script src=https://js.stripe.com/v3/></script><iframe hidden src=https://js.stripe.com/v3/m></iframe>",
		"added_script": "<script src='https://www.googletagmanager.com/gtag/js?id=G-1234'></script><p>More</p>",
	} {
		report := w.probe(before(steady, "</body>", more))
		if report.Changed || !slices.Contains(codes(report), code) {
			t.Errorf("%s: changed is %t, %s", more, report.Changed, messages(report))
		}
	}
	for _, more := range []string{
		"<script src=https://cdn.jsdelivr.net/npm/x/x.js></script>",
		"<iframe hidden src=https://x.pages.dev></iframe>",
		"<script src='https://www.googletagmanager.com/gtm.js?id=GTM-BBBB&l=x'></script>",
		"<form action=https://facebook.com/x><input type=password></form>",
		"<script src='https://www.googletagmanager.com/gtag/js?id=G-1234'></script>",
	} {
		if report := w.probe(before(steady, "</body>", more)); !report.Changed {
			t.Errorf("%s is not seen: %s", more, messages(report))
		}
	}
}

// A hidden frame of the page's own and other elements above a changed text are no
// alarm by themselves, and code that decodes text is worth less than worse.
func TestWeakReasons(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	edited := strings.Replace(steady, "The end", "Until next time", 1)
	w := learned(t, steady)
	for code, changed := range map[string]string{
		"new_hidden_frame": before(edited, "</body>", "<iframe hidden src=/frame></iframe>"),
		"strange_script":   strings.Replace(edited, "start()", "start(atob(y))", 1),
	} {
		report := w.probe(changed)
		if i := slices.Index(codes(report), code); report.Changed != (code == "strange_script") || i < 0 || report.Findings[i].Points > 2 {
			t.Errorf("%s: changed is %t, %s", code, report.Changed, messages(report))
		}
	}
	const banner = "<div><img src=/sale.png><b><i></i></b></div>"
	silent, spoken := w.probe(before(steady, "<nav>", banner)), w.probe(before(edited, "<nav>", banner))
	if !silent.Changed || spoken.Changed {
		t.Errorf("above the same text: %t, %s\nabove another text: %t, %s", silent.Changed, messages(silent), spoken.Changed, messages(spoken))
	}
}

// A page that brought one new site before it was judged has no habit of it.
func TestOnceIsNoHabit(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	for element, format := range map[string]string{
		"script": "<script src=https://%s/x.js></script>", "frame": "<iframe src=https://%s></iframe>", "form": "<form action=https://%s><input></form>",
	} {
		w := newWatch(t, "")
		w.calm(steady)
		second := before(steady, "</body>", fmt.Sprintf(format, "ads.example.org"))
		w.calm(second)
		for _, body := range []string{second, before(second, "</main>", "<p>More</p>")} {
			if !w.probe(before(body, "</body>", fmt.Sprintf(format, "evil.example.com"))).Changed {
				t.Errorf("a new %s at the third check is not seen", element)
			}
		}
		w.calm(second)
	}
}

// Lesser news that come and go by themselves are a habit from the third time on,
// though each time they are others. A foreign script is none.
func TestComingAndGoingIsAHabit(t *testing.T) {
	t.Parallel()
	random := seeded(1)
	w := newWatch(t, `{"profile": "strict"}`)
	for range 10 {
		w.calm(lively(30, random))
	}
	for n := range 4 {
		body := lively(30, random)
		w.calm(body)
		shown := before(body, "</main>", strings.Repeat("<div><p><img src=/more.png></p></div>", n+1))
		if n < 2 {
			w.alarmed(shown)
		} else {
			w.calm(shown)
		}
		w.calm(lively(30, random))
	}
	for n := range 4 {
		w.alarmed(before(lively(30, random), "</body>", fmt.Sprintf("<script src=https://evil%d.example/x.js></script>", n)))
		w.calm(lively(30, random))
	}
}

// What one thing brings along is no other reason: a tag manager its first
// container, elements around the very same words the page's own scripts.
func TestWhatOneThingBringsAlong(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := learned(t, steady)
	for code, more := range map[string]string{
		"new_service":   "<script src='https://www.googletagmanager.com/gtm.js?id=GTM-AAAA'></script>",
		"silent_change": "<script>more(1)</script><script src=/more.js></script>",
	} {
		if report := w.probe(before(steady, "</body>", more)); report.Changed || !slices.Contains(codes(report), code) {
			t.Errorf("%s: changed is %t, %s", more, report.Changed, messages(report))
		}
	}
}
