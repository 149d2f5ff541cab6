package builtin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"webmon/plugins"
	"webmon/plugins/builtin"
)

// hostileBodies are pages made to be expensive, of up to a few MB: what takes
// time in the order of n² of any of them does not end in time.
func hostileBodies() map[string]string {
	const million = 1_000_000
	return map[string]string{
		"nested 100,000 deep":      strings.Repeat("<div>", 100_000) + "x" + strings.Repeat("</div>", 100_000),
		"nested and never closed":  strings.Repeat("<b><table><tr><td><ul><li><form><a href=x>", 20_000),
		"tags":                     strings.Repeat("<a>", million),
		"closing tags":             strings.Repeat("</p>", million),
		"different tags":           numbered("<x%d>", million/10),
		"attributes of one tag":    "<p" + numbered(" a%d=1", million) + ">",
		"equal attributes":         "<p" + strings.Repeat(" a", million) + ">",
		"classes":                  "<p class='" + numbered("c%d ", million/10) + "'>",
		"scripts":                  numbered("<script src=//h%d.test/></script>", 20_000),
		"inline scripts":           numbered("<script>var a%d</script>", 20_000),
		"one script":               "<script>" + strings.Repeat("a(\"b\"+'c')/*d*/;`${", 40_000),
		"strings never closed":     "<script>" + strings.Repeat("'\\\n\"`", million/10),
		"styles":                   numbered("<p style='display:none;position:absolute;left:-%dpx'>x</p>", 12_000),
		"style sheets":             "<style>" + strings.Repeat("a{b:url(c)}", 60_000),
		"links":                    numbered("<a href='http://h%d.test/?q=1'>x</a>", 20_000),
		"forms":                    numbered("<form action=//h%d.test/><input name=a type=password>", 12_000),
		"frames":                   numbered("<iframe src=//h%d.test/>", 20_000),
		"images":                   numbered("<img src=//h%d.test/a.png alt=x>", 20_000),
		"metas":                    numbered("<meta name=robots content='noindex,%d'><meta http-equiv=refresh content='0;url=/%d'>", 10_000),
		"titles":                   numbered("<title>hacked by %d</title>", 20_000),
		"headings":                 numbered("<h1>hacked by %d</h1>", 20_000),
		"structured data":          "<script type=application/ld+json>" + strings.Repeat("[{\"@type\":", 40_000) + "</script>",
		"comments":                 strings.Repeat("<!---->", million/10),
		"comment never closed":     "<!--" + strings.Repeat("--!<!--", million/10),
		"less-than signs":          strings.Repeat("<", million/8),
		"ampersands":               strings.Repeat("&", million/8),
		"entities":                 strings.Repeat("&amp;&#x41;&notit;&#99999999999;", 20_000),
		"quotes in a tag":          "<p a=" + strings.Repeat("'\"", million/5),
		"words":                    numbered("w%d ", million/10),
		"one word":                 strings.Repeat("w", million/8),
		"a lexicon":                strings.Repeat("hacked by greetz defaced casino viagra ", 16_000),
		"white space":              strings.Repeat(" \t\n", million/5),
		"invalid UTF-8":            "<title>\xff</title>" + strings.Repeat("\xff\xfe\xc0\x80\xed\xa0\x80<p class=\xf5 id=\xff>", 30_000),
		"NUL":                      strings.Repeat("\x00<\x00a\x00>", 80_000),
		"combining characters":     "<p>a" + strings.Repeat("\u0300", million/5),
		"right-to-left overrides":  strings.Repeat("<p>\u202e\u200b\ufeffx", 40_000),
		"CDATA and declarations":   strings.Repeat("<![CDATA[<!DOCTYPE x [<!ENTITY a 'b'>]><?php ", 14_000),
		"elements of raw text":     strings.Repeat("<textarea><title><xmp><noscript></noscript>", 14_000),
		"JSON nested 100,000 deep": strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"JSON objects nested":      strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"JSON never closed":        strings.Repeat(`{"a":[`, 100_000),
		"JSON keys":                "{" + numbered(`"k%d":1,`, 60_000) + `"z":0}`,
		"JSON equal keys":          "{" + strings.Repeat(`"k":1,`, 100_000) + `"z":0}`,
		"JSON numbers":             "[" + strings.Repeat("1e999999999,", 60_000) + "0]",
		"JSON digits":              strings.Repeat("9", million/8),
		"JSON strings":             "[" + strings.Repeat(`"\ud800\u0000",`, 40_000) + `""]`,
	}
}

// numbered repeats a text n times, with the count for each %d.
func numbered(format string, n int) string {
	var b strings.Builder
	before, after, _ := strings.Cut(format, "%d")
	for i := range n {
		number := strconv.Itoa(i)
		b.WriteString(before + number + strings.ReplaceAll(after, "%d", number))
	}
	return b.String()
}

// All plugins, over each hostile body as a page and as JSON, learning from the
// one before. Not parallel: it measures the memory of the process.
func TestHostileBodies(t *testing.T) {
	suite, err := builtin.Registry().Suite(map[string]json.RawMessage{
		"extract": json.RawMessage(`{"values": [
			{"name": "css", "kind": "css", "expression": "div > a[href]:not(.x)"},
			{"name": "xpath", "kind": "xpath", "expression": "count(//p/a)"},
			{"name": "json", "kind": "jsonpath", "expression": "$..a"},
			{"name": "regex", "kind": "regex", "expression": "(a+)+b$"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var memory []byte
	for name, body := range hostileBodies() {
		for _, kind := range []string{"text/html", "application/json"} {
			page := &plugins.Page{
				URL: "https://site.test/", FinalURL: "https://site.test/", Proto: "HTTP/1.1", Status: 200,
				Header: http.Header{"Content-Type": {kind}}, Body: []byte(body), WireBytes: int64(len(body)),
				At: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC),
			}
			memory = inspectHostile(t, suite, name+" as "+kind, page, memory)
		}
	}
}

// maxAsked is how many MiB all plugins together may ask for in one check, given
// back or not; they ask for 130 at most.
const maxAsked = 512

// inspectHostile runs the suite and bounds what it costs. The time is what no
// machine is slow enough for.
func inspectHostile(t *testing.T, suite *plugins.Suite, name string, page *plugins.Page, memory []byte) []byte {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan plugins.Outcome, 1)
	go func() { done <- suite.Inspect(t.Context(), page, memory) }()
	select {
	case outcome := <-done:
		runtime.ReadMemStats(&after)
		if asked := (after.TotalAlloc - before.TotalAlloc) >> 20; asked > maxAsked {
			t.Errorf("%s: the plugins asked for %d MiB", name, asked)
		}
		for _, report := range outcome.Reports {
			if report.Error != "" {
				t.Errorf("%s: %s: %s", name, report.Plugin, report.Error)
			}
			if n := len(fmt.Sprint(report)); n > 64<<10 {
				t.Errorf("%s: the report of %s has %d bytes", name, report.Plugin, n)
			}
			text, err := json.Marshal(report)
			if err != nil || !utf8.Valid(text) {
				t.Errorf("%s: the report of %s cannot be written: %v", name, report.Plugin, err)
			}
		}
		return outcome.Memory
	case <-time.After(time.Minute):
		t.Fatalf("%s: the plugins do not end", name)
	}
	return nil
}

// Headers by the thousand, as large as an answer may have them.
func TestHostileHeaders(t *testing.T) {
	suite, err := builtin.Registry().Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	many := func(name, format string, n int) http.Header {
		h := http.Header{"Content-Type": {"text/html"}}
		for i := range n {
			h.Add(name, fmt.Sprintf(format, i))
		}
		return h
	}
	different := http.Header{"Content-Type": {"text/html"}}
	for i := range 10_000 {
		different.Set(fmt.Sprintf("X-%d", i), "y\xff")
	}
	huge := func(name, part string) http.Header {
		return http.Header{"Content-Type": {"text/html"}, name: {strings.Repeat(part, (256<<10)/len(part))}}
	}
	var memory []byte
	for name, header := range map[string]http.Header{
		"different":         different,
		"cookies":           many("Set-Cookie", "c%d=x; Path=/; Domain=\xff", 5000),
		"one cookie":        huge("Set-Cookie", "a=b; "),
		"policies":          many("Content-Security-Policy", "script-src h%d.test 'unsafe-inline'", 5000),
		"one policy":        huge("Content-Security-Policy", "script-src * ; "),
		"sources":           huge("Content-Security-Policy", "script-src\xff 'nonce-a' "),
		"transport":         huge("Strict-Transport-Security", "max-age=9999999999999999999;"),
		"cache":             huge("Cache-Control", "max-age=1,s-maxage=-1,"),
		"vary":              many("Vary", "X-%d", 10_000),
		"alternatives":      huge("Alt-Svc", "h3=\":443\"; ma=1,"),
		"server":            huge("Server", "\x1b[2J\xff"),
		"content type":      huge("Content-Type", "text/html; charset=\""),
		"permissions":       huge("Permissions-Policy", "camera=(),"),
		"robots":            huge("X-Robots-Tag", "noindex,"),
		"links":             huge("Link", "</x>; rel=canonical,"),
		"refresh":           huge("Refresh", "0; url=//evil.test,"),
		"age":               huge("Age", "9"),
		"no value":          {"Content-Type": {}, "Set-Cookie": nil, "Server": {""}},
		"generator by name": many("X-Generator", "g%d", 5000),
	} {
		page := &plugins.Page{
			URL: "https://site.test/", FinalURL: "https://site.test/?" + strings.Repeat("\xff%", 4<<10), Proto: "HTTP/2.0", Status: 200,
			Header: header, Body: []byte("<title>a</title><p>b"), WireBytes: 20, At: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC),
		}
		memory = inspectHostile(t, suite, name, page, memory)
	}
}
