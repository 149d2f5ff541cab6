package plugintest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"webmon/plugins"
)

// Fuzz shows the plugin pages made of the fuzzer's bytes, with the options that
// are given as JSON, and checks its reports as [Run] does: they are valid, the
// same for the same page and past, and do not lean on the page's memory. What
// it remembers must serve it at the next check, of this page and of another.
func Fuzz(f *testing.F, def plugins.Definition, options string) {
	f.Helper()
	plugin, err := def.New(json.RawMessage(options))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("<!doctype html><title>A</title><p>text"), "Content-Type: text/html\nServer: nginx/1.2", 200, []byte(nil))
	f.Add([]byte(`{"a": [1, null, {"b": "c"}]}`), "Content-Type: application/json\nSet-Cookie: a=b; Secure", 200, []byte{1})
	f.Add([]byte("\x00\xff"), "", 503, []byte{2, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, body []byte, header string, status int, past []byte) {
		fuzzed := func() *plugins.Page {
			page := goodPage(1)
			page.Body, page.Status, page.Header = bytes.Clone(body), status, parseHeader(header)
			page.WireBytes = int64(len(body))
			return page
		}
		for _, next := range []func() *plugins.Page{fuzzed, fuzzed, func() *plugins.Page { return goodPage(3) }, fuzzed} {
			page := next()
			report, err := plugin.Inspect(t.Context(), page, past)
			if err != nil {
				t.Fatal(err)
			}
			checkReport(t, def, report)
			clear(page.Body)
			again, err := plugin.Inspect(t.Context(), next(), past)
			if err != nil || !reflect.DeepEqual(again, report) {
				t.Fatalf("the same page and past give another report: %+v, then %+v", report, again)
			}
			past = report.Past
		}
	})
}

// parseHeader reads a header of one field a line. Nobody checks the fields, as
// it is with odd servers.
func parseHeader(text string) http.Header {
	header := make(http.Header)
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, ":")
		header.Add(name, strings.TrimSpace(value))
	}
	return header
}
