package thirdparty

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(body string) *plugins.Page {
	return &plugins.Page{
		URL: "https://www.site.example/", Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body),
	}
}

func newPlugin(t testing.TB, options string) plugins.Plugin {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

func inspect(t testing.TB, plugin plugins.Plugin, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	report, err := plugin.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const usual = `<script src="//cdn.net/a.js"></script><script src=/own.js></script><iframe src="https://video.net/1"></iframe>` +
	`<form action=https://mail.net/send></form>`

func TestNewSites(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, options, add string
		want               []string // "severity code observed verdict"
	}{
		{"nothing new", "", "<p>text</p>", nil},
		{"known site, other host", "", "<script src=https://js.cdn.net/b.js integrity=x></script>", nil},
		{"own site", "", "<script src=https://static.site.example/b.js></script>", nil},
		{"images and styles", "", "<img src=//pics.net/a><link rel=stylesheet href=//pics.net/a.css integrity=x>", nil},
		{"no host", "", "<iframe src=about:blank></iframe><form action='javascript:x()'></form>", nil},
		{"script", "", "<script integrity=x src=https://a.evil.net/b.js></script>", []string{"warning new_script_site evil.net changed"}},
		{"frame", "", "<iframe src=//evil.net></iframe>", []string{"critical new_frame_site evil.net changed"}},
		{"form", "", `<form action="\\evil.net">`, []string{"critical new_form_site evil.net changed"}},
		{"service", "", "<script src=https://www.googletagmanager.com/gtm.js integrity=x></script><iframe src=//js.stripe.com></iframe>",
			[]string{"info new_script_site googletagmanager.com ", "info new_frame_site stripe.com "}},
		{"form to a service", "", "<form action=https://facebook.com>", []string{"critical new_form_site facebook.com changed"}},
		{"allowed", `{"allow": ["x.evil.net"]}`, "<script src=https://a.evil.net/b.js integrity=x></script>", nil},
		{"mixed", "", "<script src=http://cdn.net/b.js integrity=x></script><img src=http://a.net/b>", []string{"warning mixed_content 1 "}},
		{"no integrity", "", "<script src=//cdn.net/b.js></script>", []string{"info missing_integrity 2 "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plugin := newPlugin(t, test.options)
			var past []byte
			for range warmup {
				report := inspect(t, plugin, page(usual), past)
				if past = report.Past; len(report.Findings) > 0 {
					t.Fatalf("warming up: %+v", report.Findings)
				}
			}
			report := inspect(t, plugin, page(usual+test.add), past)
			var got []string
			for _, f := range report.Findings {
				got = append(got, fmt.Sprintf("%s %s %s %s", f.Severity, f.Code, f.Observed, f.Verdict))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if alarm := len(got) > 0 && strings.HasSuffix(got[0], "changed"); report.Changed != alarm {
				t.Errorf("changed is %t", report.Changed)
			}
		})
	}
}

func TestMetricsAndFacts(t *testing.T) {
	t.Parallel()
	report := inspect(t, newPlugin(t, ""), page(usual+`<img src=http://a.net><img src=//b.net><link rel=stylesheet href=http://c.net>`), nil)
	got := make(map[string]float64)
	for _, metric := range report.Metrics {
		got[metric.Name] = metric.Value
	}
	want := map[string]float64{
		"form_sites_count": 1, "frame_sites_count": 1, "image_sites_count": 2, "missing_integrity_count": 2,
		"mixed_active_count": 1, "mixed_images_count": 1, "script_sites_count": 1, "style_sites_count": 1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if want := map[string]string{"script_sites": "cdn.net", "frame_sites": "video.net", "form_sites": "mail.net"}; !reflect.DeepEqual(report.Facts, want) {
		t.Errorf("facts %v", report.Facts)
	}
}

// A new site is a finding for as long as it is there, whatever else changes,
// and error pages between do not matter.
func TestStays(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, "")
	var past []byte
	for i := range 5 {
		past = inspect(t, plugin, page(usual+fmt.Sprint(i)), past).Past
	}
	failed, unavailable := page(""), page("<script src=//evil.net>")
	failed.Err, unavailable.Status = errors.New("reset"), 503
	evil := usual + "<script src=//evil.net></script>"
	for i, step := range []struct {
		page  *plugins.Page
		alarm bool
	}{
		{unavailable, false}, {page(evil), true}, {page(evil), true}, {failed, false}, {page(evil + "more"), true},
		{page(usual), false}, {page(evil), true}, {page(usual + "last"), false},
	} {
		report := inspect(t, plugin, step.page, past)
		if past = report.Past; (len(report.Findings) > 0 && report.Findings[0].Code == "new_script_site") != step.alarm {
			t.Errorf("step %d: findings %+v", i, report.Findings)
		}
	}
}

// A page that brings another script site with each version is not alarmed
// about again and again.
func TestLivelyPage(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, "")
	var past []byte
	alarms := 0
	for i := range 400 {
		report := inspect(t, plugin, page(fmt.Sprintf("<script src=https://ads%d.net/a.js integrity=x></script>", i)), past)
		past = report.Past
		for _, f := range report.Findings {
			if f.Verdict != "" {
				alarms++
			}
		}
	}
	if alarms == 0 || alarms > 2 {
		t.Errorf("%d alarms, want one or two", alarms)
	}
	if len(past) > 4*maxKnown+100 {
		t.Errorf("%d bytes remembered", len(past))
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, options := range []string{`{"allow": [""]}`, `{"allow": "a"}`, `{"allow": ["*"]}`} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), "allow") {
			t.Errorf("%s: error %v", options, err)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(usual), []byte{pastVersion, 0})
	f.Fuzz(func(t *testing.T, body, past []byte) {
		plugin := newPlugin(t, "")
		for range warmup + 1 {
			past = inspect(t, plugin, page(string(body)), past).Past
		}
		if m, ok := decode(past); !ok || !reflect.DeepEqual(m.encode(), past) {
			t.Errorf("the memory does not read back: %x", past)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	plugin := newPlugin(b, "")
	body := usual + strings.Repeat("<p>some <a href=/x>text</a></p>\n", 1000)
	past := inspect(b, plugin, page(body), nil).Past
	for name, memory := range map[string][]byte{"unchanged": past, "new": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				unchanged := page(body)
				unchanged.Hash()
				inspect(b, plugin, unchanged, memory)
			}
			b.ReportMetric(float64(len(past)), "memory-bytes")
		})
	}
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }

// What is accepted is known, before it comes or while it alarms; the rest still
// alarms.
func TestAccept(t *testing.T) {
	t.Parallel()
	const script, frame = "<script src=//new.example/x.js></script>", "<iframe src=//shown.example/></iframe>"
	for _, test := range []struct {
		name   string
		target plugins.Target
		want   []string // codes of what still alarms on a page with both
	}{
		{"all", plugins.Target{}, nil},
		{"a kind", plugins.Target{Code: "new_script_site"}, []string{"new_frame_site"}},
		{"a site", plugins.Target{Code: "new_frame_site", Evidence: "shown.example"}, []string{"new_script_site"}},
		{"a host", plugins.Target{Code: "new_frame_site", Evidence: "www.shown.example"}, []string{"new_script_site"}},
		{"the site of another kind", plugins.Target{Code: "new_form_site", Evidence: "shown.example"}, []string{"new_script_site", "new_frame_site"}},
	} {
		for _, inAdvance := range []bool{false, true} {
			if inAdvance && test.target.Evidence == "" {
				continue
			}
			plugin := newPlugin(t, "")
			var past []byte
			for range warmup {
				past = inspect(t, plugin, page(usual), past).Past
			}
			if !inAdvance {
				past = inspect(t, plugin, page(usual+script+frame), past).Past
			}
			past = plugin.(plugins.Accepter).Accept(past, test.target)
			var got []string
			for _, f := range inspect(t, plugin, page(usual+script+frame), past).Findings {
				if f.Alarming() {
					got = append(got, f.Code)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s, in advance is %t: alarms %v, want %v", test.name, inAdvance, got, test.want)
			}
		}
	}
}

// What was accepted is no reason to take the next site for usual.
func TestNextSiteAlarms(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, "")
	body, past := usual, []byte(nil)
	for range warmup {
		past = inspect(t, plugin, page(body), past).Past
	}
	for i := range 10 {
		body += fmt.Sprintf("<script src=//new%d.example/x.js></script>", i)
		report := inspect(t, plugin, page(body), past)
		if !report.Changed {
			t.Fatalf("script %d is no alarm", i)
		}
		past = plugin.(plugins.Accepter).Accept(report.Past, plugins.Target{})
	}
}

// More new sites than are kept are seen when those kept were accepted.
func TestAcceptShowsTheRest(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, "")
	var past []byte
	for range warmup {
		past = inspect(t, plugin, page(usual), past).Past
	}
	many := usual
	for i := range maxPending + 1 {
		many += fmt.Sprintf("<script src=//new%d.example/x.js></script>", i)
	}
	past = inspect(t, plugin, page(many), past).Past
	past = plugin.(plugins.Accepter).Accept(past, plugins.Target{})
	report := inspect(t, plugin, page(many), past)
	if len(report.Findings) == 0 || len(report.Findings[0].Evidence) != 1 {
		t.Errorf("then: %+v", report.Findings)
	}
}

// The site whose page it is by its links is no third one, once and for all: what
// an intruder's page says of itself later is not believed.
func TestHomes(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, "")
	links := func(host string) string { return strings.Repeat("<a href=https://"+host+"/x>x</a>", 20) }
	script := func(host string) string { return "<script integrity=x src=https://static." + host + "/a.js></script>" }
	var past []byte
	for range warmup {
		past = inspect(t, plugin, page(usual+links("home.example")), past).Past
	}
	if report := inspect(t, plugin, page(usual+links("home.example")+script("home.example")), past); report.Changed {
		t.Errorf("%+v", report.Findings)
	}
	past = inspect(t, plugin, page(usual+links("evil.example")), past).Past
	if report := inspect(t, plugin, page(usual+links("evil.example")+script("evil.example")), past); !report.Changed {
		t.Error("an intruder's word is believed")
	}
}
