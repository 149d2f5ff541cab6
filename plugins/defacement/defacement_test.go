package defacement

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(body string) *plugins.Page {
	return &plugins.Page{
		URL: "https://site.example/", Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body),
	}
}

func inspect(t testing.TB, options string, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	report, err := plugin.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// usual is a shop's page with that text in a certain place of it.
func usual(top, middle string) string {
	return `<html lang=en><meta charset=utf-8><title>The garden shop</title>` + top + "<h1>Spades and rakes</h1>" +
		strings.Repeat("<p>We sell tools for the garden, and seeds for all the year.</p>", 40) + middle +
		strings.Repeat("<p>Our shops are open from nine to six, but not on Sundays.</p>", 20)
}

func TestDefacement(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, options, body string
		want                bool
	}{
		{"same", "", usual("", ""), false},
		{"replaced", "", "<title>Hacked By Dr.X</title><h1>Hacked by Dr.X</h1><p>Greetz to all cyber army", true},
		{"leet", "", "<title>[ H4ck3d By Dr.X ]</title>", true},
		{"Turkish", "", "<title>Hacklendi</title><p>Site hacklenmiştir", true},
		{"Arabic", "", "<html lang=ar><title>تم اختراق الموقع</title>", true},
		{"Russian", "", "<h1>Сайт взломан</h1>", true},
		{"Chinese", "", "<title>此网站已被黑</title>", true},
		{"banner at the top", "", usual("<div style=position:fixed>Hacked by Dr.X</div>", ""), true},
		{"weak words and all else changed", "", "<html lang=tr><meta charset=windows-1254><title>Dr.X</title><p>we are legion, expect us, hackers", true},
		{"new title and h1 only", "", strings.Replace(usual("", ""), "<title>The garden shop", "<title>Pwned by Dr.X", 1), true},
		{"own words", `{"words": ["Dr.X rules"]}`, usual("<p>Dr.X Rules", ""), true},
		{"own words with digits", `{"words": ["1337 crew"]}`, "<title>Dr. X</title><p>" + strings.Repeat("text ", 100) + "1337 crew" + strings.Repeat(" text", 100), true},

		{"new design", "", "<html lang=de><meta charset=iso-8859-1><title>Neuer Laden</title><h1>Alles neu</h1><p>" + strings.Repeat("Text ", 500), false},
		{"news in the text", "", usual("", "<p>The ministry was hacked by unknown hackers, who defaced its page."), false},
		{"news in a heading", "", usual("", "<h1>Ministry of gardens hacked by unknown group</h1>"), false},
		{"one weak word", "", usual("<p>Life hacker of the week", ""), false},
		{"other word", "", usual("<p>Bushwhacked by storms", ""), false},
		{"allowed", `{"allow": ["Hacked by"]}`, usual("<p>Hacked by friends", ""), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			past := inspect(t, test.options, page(usual("", "")), nil).Past
			report := inspect(t, test.options, page(test.body), past)
			if got := len(report.Findings) > 0; got != test.want || report.Changed != test.want {
				t.Fatalf("%v: %+v", report.Metrics, report.Findings)
			}
			if !test.want {
				return
			}
			if f := report.Findings[0]; f.Severity != plugins.Critical || f.Verdict != plugins.Changed || f.Code != "defaced" {
				t.Errorf("finding %+v", f)
			}
			for range 5 { // it stays, and never becomes usual
				again := inspect(t, test.options, page(test.body), report.Past)
				if !reflect.DeepEqual(again, report) {
					t.Errorf("then: %+v", again)
				}
				report = again
			}
			if later := inspect(t, test.options, page(test.body+" more"), report.Past); len(later.Findings) == 0 {
				t.Error("changed a little, it is no finding")
			}
			if mended := inspect(t, test.options, page(usual("", "")), report.Past); len(mended.Findings) > 0 {
				t.Errorf("mended: %+v", mended.Findings)
			}
		})
	}
}

// Words that a page has from the start are its own.
func TestOwnWords(t *testing.T) {
	t.Parallel()
	blog := func(title string) *plugins.Page {
		return page("<title>" + title + "</title><p>Hackers! " + strings.Repeat("text ", 1000))
	}
	first := inspect(t, "", blog("The art of being hacked by friends"), nil)
	if len(first.Findings) > 0 {
		t.Errorf("first: %+v", first.Findings)
	}
	if then := inspect(t, "", blog("Hacked by friends, part two"), first.Past); len(then.Findings) > 0 {
		t.Errorf("then: %+v", then.Findings)
	}
}

func TestErrorPages(t *testing.T) {
	t.Parallel()
	past := inspect(t, "", page(usual("", "")), nil).Past
	failed, defaced := page("<title>Hacked by X"), page("<title>Hacked by X")
	failed.Err, defaced.Status = errors.New("reset"), 403
	if report := inspect(t, "", failed, past); len(report.Findings) > 0 || string(report.Past) != string(past) {
		t.Errorf("no answer: %+v", report)
	}
	if report := inspect(t, "", defaced, past); len(report.Findings) == 0 {
		t.Error("a defaced error page is no finding")
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"words": ["ab"]}`: "words", `{"words": ["!abc"]}`: "words", `{"words": "abc"}`: "words", `{"allow": 1}`: "allow",
		`{"words": ["` + strings.Repeat("long", 100) + `"]}`: "words", `{"words": ["abc"` + strings.Repeat(`, "abc"`, 60) + `]}`: "words",
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.50s: error %v", options, err)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte("<title>Hacked by"), []byte{pastVersion})
	f.Fuzz(func(t *testing.T, body, past []byte) {
		past = inspect(t, "", page(string(body)), past).Past
		if m, ok := decode(past); !ok || string(m.encode()) != string(past) {
			t.Errorf("the memory does not read back: %x", past)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	shop := page(usual("", ""))
	past := inspect(b, "", shop, nil).Past
	for name, memory := range map[string][]byte{"unchanged": past, "new": nil} {
		b.Run(name, func(b *testing.B) {
			plugin, err := New(nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plugin.Inspect(b.Context(), shop, memory); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(past)), "memory-bytes")
		})
	}
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), `{"words": ["Dr.X"]}`) }
