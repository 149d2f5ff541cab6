package backtest

import (
	"strings"
	"testing"

	"webmon/roles/executor/fetch"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	const latin = "<meta charset=iso-8859-1><p>caf\xe9</p>"
	tests := map[string]struct {
		file, body, kind   string
		wantBody, wantKind string
		html               bool
	}{
		"empty page":             {"a.html", "", "", "", "text/html", true},
		"sniffed":                {"a", "<!doctype html><p>x", "", "<!doctype html><p>x", "text/html", true},
		"plain":                  {"a.txt", "hello", "", "hello", "text/plain", false},
		"json":                   {"a.JSON", `{"a":1}`, "", `{"a":1}`, "application/json", false},
		"the index knows":        {"a.html", "hello", "text/plain", "hello", "text/plain", false},
		"the page's charset":     {"a.html", latin, "", strings.ReplaceAll(latin, "\xe9", "é"), "text/html", true},
		"the index' charset":     {"a.html", "\xef\xf0\xe8", "text/html; charset=windows-1251", "при", "text/html; charset=windows-1251", true},
		"UTF-8 despite its tag":  {"a.html", "<meta charset=iso-8859-1>é", "", "<meta charset=iso-8859-1>é", "text/html", true},
		"byte order mark":        {"a.html", "\ufeff<p>é", "", "<p>é", "text/html", true},
		"UTF-16":                 {"a.html", "\xff\xfe<\x00p\x00>\x00", "", "<p>", "text/html", true},
		"a charset nobody knows": {"a.html", latin, "text/html; charset=klingon", strings.ReplaceAll(latin, "\xe9", "é"), "text/html; charset=klingon", true},
		"the mark counts first":  {"a.html", "\ufeffé", "text/html; charset=windows-1251", "é", "text/html; charset=windows-1251", true},
		"an XML declaration":     {"a.xml", "<?xml version=\"1.0\" encoding=\"koi8-r\"?>\xc1", "application/xml", "<?xml version=\"1.0\" encoding=\"koi8-r\"?>а", "application/xml", false},
		"no text":                {"a", "\x89PNG\r\n\x1a\n\xff", "", "\x89PNG\r\n\x1a\n\xff", "image/png", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, "x", map[string]string{test.file: test.body})
			saved := mustOpen(t, dir).Pages[0]
			saved.ContentType = test.kind
			page, err := History{Dir: dir}.Load(saved)
			if err != nil {
				t.Fatal(err)
			}
			if string(page.Body) != test.wantBody || page.Header.Get("Content-Type") != test.wantKind || page.IsHTML() != test.html {
				t.Errorf("body %q, type %q, HTML %t", page.Body, page.Header.Get("Content-Type"), page.IsHTML())
			}
			if page.URL != "https://x.example/" || page.FinalURL != page.URL || page.Status != 200 || !page.At.Equal(firstTime) {
				t.Errorf("%s, %s, status %d, at %v", page.URL, page.FinalURL, page.Status, page.At)
			}
		})
	}
}

func TestLoadCutsAtTheFetchersLimit(t *testing.T) {
	t.Parallel()
	dir := folder(t, "x", map[string]string{"a.html": strings.Repeat("x", fetch.DefaultMaxBody+1)})
	history := mustOpen(t, dir)
	page, err := history.Load(history.Pages[0])
	if err != nil {
		t.Fatal(err)
	}
	if !page.Truncated || len(page.Body) != fetch.DefaultMaxBody {
		t.Errorf("truncated: %t, %d bytes", page.Truncated, len(page.Body))
	}
}
