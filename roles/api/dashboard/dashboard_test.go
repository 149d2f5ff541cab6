package dashboard

import (
	"net/url"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

func TestPager(t *testing.T) {
	t.Parallel()
	at := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, c := range []struct {
		path, next string
		want       pager
	}{
		{"/", "", pager{}},
		{"/?q=a+b&verdict=", "AA", pager{Next: "/?back=-&cursor=AA&q=a+b"}},
		{"/?back=-&cursor=AA&q=a", "BB", pager{First: "/?q=a", Previous: "/?q=a", Next: "/?back=-.AA&cursor=BB&q=a"}},
		{"/?back=-.AA&cursor=BB", "", pager{First: "/", Previous: "/?back=-&cursor=AA"}},
		{"/?cursor=BB", "", pager{First: "/"}},
	} {
		if got := pagerOf(at(c.path), c.next); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.path, got, c.want)
		}
	}
	// However long the way was, the address does not grow for ever.
	path := "/"
	for range 100 {
		path = pagerOf(at(path), "AAAAAAAAAAAAAAAAAAAAAAAAAAAA").Next
	}
	if len(path) > 700 {
		t.Errorf("an address of %d bytes", len(path))
	}
}

// A young asset's charts show all of its life, unless the visitor wants another
// window; an older one's show a day.
func TestWindowFitsTheAge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query, age, window, chosen string
		first                      string // that can be chosen
		life                       bool
	}{
		{"", "20s", "1m", "", "", true},
		{"", "-5s", "1m", "", "", true}, // another machine's clock
		{"", "12m30s", "13m", "", "", true},
		{"", "23h59m", "1440m", "", "", true},
		{"", "24h", "24h", "24h", "1h", false},
		{"", "8000h", "24h", "24h", "1h", false},
		{"24h", "12m", "24h", "24h", "", false},
		{"7d", "8000h", "7d", "7d", "1h", false},
		{"13m", "12m", "13m", "", "", true}, // no choice
	} {
		age, err := time.ParseDuration(c.age)
		if err != nil {
			t.Fatal(err)
		}
		got := chosen(url.Values{"window": {c.query}}, nil)
		got.fit(age)
		var marked []string
		for _, o := range got.Windows {
			if o.Chosen {
				marked = append(marked, o.Value)
			}
		}
		if got.Window != c.window || got.Life != c.life || len(marked) != 1 || marked[0] != c.chosen || got.Windows[0].Value != c.first {
			t.Errorf("%q of an asset that is %s old: %+v, want %+v", c.query, c.age, got, c)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for got, want := range map[string]string{
		ago(time.Time{}, now):                    "never",
		ago(now.Add(-500*time.Millisecond), now): "just now",
		ago(now.Add(time.Hour), now):             "just now",
		ago(now.Add(-90*time.Second), now):       "1 min ago",
		ago(now.Add(-25*time.Hour), now):         "1 d 1 h ago",
		ago(now.Add(-40*24*time.Hour), now):      "40 d ago",
		inTime(now.Add(3*time.Hour), now):        "in 3 h",
		number(0):                                "0",
		number(-6668):                            "−6668",
		number(-73.5):                            "−73.5",
		number(-123456.5):                        "−123\u202f456",
		number(-0.00002):                         "−2e-05",
		number(123456789e20):                     "1.23e+28",
		every("0s"):                              "on demand",
		every("5m"):                              "every 5m",
		plural(1, "check"):                       "1 check",
		plural(12345, "check"):                   "12\u202f345 checks",
		signed(-0.01):                            "0",
		signed(-3.14):                            "−3.1",
		signed(0.25):                             "+0.2",
		number(1234567):                          "1\u202f234\u202f567",
		number(0.129032):                         "0.129",
		number(12.3456):                          "12.35",
		number(1e20):                             "1e+20",
		number(0.00002):                          "2e-05",
		percent(99.999):                          "99.99 %",
		percent(100):                             "100 %",
		percent(0):                               "0 %",
		secondsText(0.0004):                      "0.4 ms",
		secondsText(0.25):                        "250 ms",
		secondsText(1.25):                        "1.2 s",
		sentence("this is no token"):             "This is no token.",
		sentence("Done!"):                        "Done!",
		sentence(""):                             "",
		cut("äöü", 5):                            "ä…",
		structureName("tag_div_count"):           "<div>",
		structureName("links_count"):             "links",
		structureName("page_bytes"):              "page, bytes",
		withScheme("a.example"):                  "https://a.example",
		withScheme("http://a.example"):           "http://a.example",
		localPath("/assets/x?y=1"):               "/assets/x?y=1",
		localPath("//evil.example"):              "/",
		localPath(`/\evil.example`):              "/",
		localPath("evil"):                        "/",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestReadDiff(t *testing.T) {
	t.Parallel()
	lines := readDiff("  same\n- old\n+ new\n@@\n… and 3 more lines")
	want := []diffLine{{"same", " ", "same"}, {"del", "−", "old"}, {"add", "+", "new"}, {"gap", "⋯", ""}, {"gap", "⋯", "and 3 more lines"}}
	if len(lines) != len(want) {
		t.Fatalf("%+v", lines)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("line %d is %+v, want %+v", i, lines[i], want[i])
		}
	}
	// New lines that were cut off come first.
	if first := leftOut([]string{"- old", "+ new", "+ lost"}, lines); len(first) != 2 || first[0].Text != "lost" || first[1].Kind != "gap" {
		t.Errorf("left out: %+v", first)
	}
}

func TestFindingsAreSorted(t *testing.T) {
	t.Parallel()
	r := client.Result{Reports: []client.Report{{Plugin: "a", Findings: []plugins.Finding{
		{Severity: plugins.Info, Code: "note"},
		{Severity: plugins.Warning, Code: "warning", Verdict: plugins.Changed, Points: 9},
		{Severity: plugins.Critical, Code: "far", Verdict: plugins.Changed, StdDev: 1, ZScore: 5000, Points: 1},
		{Severity: plugins.Critical, Code: "named", Verdict: plugins.Changed},
		{Severity: plugins.Critical, Code: "down", Verdict: plugins.Down},
	}}}}
	serious, quiet := findingsOf(&r)
	codes := ""
	for _, f := range serious {
		codes += f.Code + " "
	}
	if codes != "down named far warning " || len(quiet) != 1 {
		t.Errorf("%s and %d notes", codes, len(quiet))
	}
	if serious[0].Decides || !serious[1].Decides {
		t.Error("that a page is down can be accepted, or another finding cannot")
	}
	if far := serious[2]; far.Unusual != "more than 1000 σ above what is usual" || far.Scale == nil || far.Scale.At > 200 {
		t.Errorf("%+v", far)
	}
}

func TestWindows(t *testing.T) {
	t.Parallel()
	half := 50.0
	spans := make([]client.Span, 24)
	for i := range spans {
		spans[i] = client.Span{Worst: plugins.Unknown}
	}
	spans[22] = client.Span{Checks: 10, Down: 4, Availability: &half, Worst: plugins.Down} // two could not tell
	spans[23] = client.Span{Checks: 3, Worst: plugins.Inconclusive}
	w := windowOf("24 hours", spans, 24, 2)
	if w.Checks != 13 || w.Down != 4 || w.Availability == nil || *w.Availability != 50 || len(w.Bars.Paths) != 2 {
		t.Errorf("%+v", w)
	}
	if empty := windowOf("24 hours", spans[:22], 24, 2); empty.Availability != nil {
		t.Errorf("%+v", empty)
	}
}

// A single check is a column at the right, not a block as wide as the card.
func TestPhasesOfOneCheck(t *testing.T) {
	t.Parallel()
	p := phasesOf([]client.Result{{Reports: []client.Report{{
		Plugin: "timing", Metrics: map[string]float64{"connect_seconds": 0.1, "first_byte_seconds": 0.3, "total_seconds": 0.4},
	}}}})
	if len(p.Columns) != 1 || p.Width != resultsShown*columnStep || p.Columns[0].X != p.Width-columnStep {
		t.Errorf("%+v", p)
	}
}
