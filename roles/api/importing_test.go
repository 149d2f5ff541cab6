package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

const (
	asText = "Content-Type: text/plain; charset=utf-8"
	asCSV  = "Content-Type: text/csv"
	asJSON = "Content-Type: application/json"
)

type importAnswer struct {
	Imported int
	Refused  []struct {
		Row        int
		URL, Error string
	}
}

func (h *harness) assetsByURL() map[string]map[string]any {
	h.t.Helper()
	var list struct{ Assets []map[string]any }
	h.do("GET", "/v1/assets?limit=1000&secrets=true", "").want(http.StatusOK).into(&list)
	byURL := map[string]map[string]any{}
	for _, a := range list.Assets {
		byURL[a["url"].(string)] = a
	}
	return byURL
}

func TestImportRows(t *testing.T) {
	t.Parallel()
	type refused struct {
		row       int
		url, says string
	}
	for name, test := range map[string]struct {
		kind, file string
		urls       []string
		refused    []refused
	}{
		"text": {
			asText, "\uFEFFhttps://a.example\r\n\r\n# a comment\n  http://b.example/x  \nexample.com\nhttp://u:hunter2@c.example/\nhttps://a.example",
			[]string{"https://a.example/", "http://b.example/x"},
			[]refused{{5, "example.com", "body.url: the URL has no scheme"}, {6, "http://…@c.example/", "basic_auth"}},
		},
		"empty text": {asText, "", nil, nil},
		"csv": {
			asCSV, "\uFEFFURL, name ,tags,interval,enabled,request\n" +
				"https://a.example,\"A, \"\"quoted\"\"\",x;y z,5m,false,\"{\"\"method\"\":\"\"HEAD\"\"}\"\n" +
				"https://b.example,,,,,\n" +
				"nonsense,,,,,\n" +
				"https://c.example,,,1,,\n" +
				"https://d.example\n" +
				"https://e.example,,,,maybe,\n" +
				"https://f.example,,,,,{\n" +
				",,,,,\n" +
				"https://g.example,\xff,,,,\n" +
				"https://h.example,,\"a,b\",,,\n",
			[]string{"https://a.example/", "https://b.example/"},
			[]refused{
				{4, "nonsense", "body.url: "}, {5, "https://c.example", "body.interval: "}, {6, "https://d.example", "1 cells"},
				{7, "https://e.example", "body.enabled: "}, {8, "https://f.example", "body.request: is not JSON"}, {9, "", "body.url: the URL is empty"},
				{10, "https://g.example", "body.name: is not valid UTF-8"}, {11, "https://h.example", "body.tags[0]: "},
			},
		},
		"csv with a header only": {asCSV, "url,name\n", nil, nil},
		"json list": {
			asJSON, `[{"url":"https://a.example"},{"url":"x","timeout":"x"},{"link":"https://b.example"},7,{"url":"https://c.example","id":"ignored","revision":7}]`,
			[]string{"https://a.example/", "https://c.example/"},
			[]refused{{2, "x", "body.timeout: "}, {3, "", "body.url: expected required property url to be present"}, {4, "", "body: expected object"}},
		},
		"json object": {asJSON, `{"assets":[{"url":"https://a.example"}],"next":"x"}`, []string{"https://a.example/"}, nil},
		"empty list":  {asJSON, `[]`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			var got importAnswer
			h.do("POST", "/v1/assets/import", test.file, test.kind).want(http.StatusOK).into(&got)
			if len(got.Refused) != len(test.refused) {
				t.Fatalf("refused %+v", got.Refused)
			}
			for i, want := range test.refused {
				r := got.Refused[i]
				if r.Row != want.row || r.URL != want.url || !strings.Contains(r.Error, want.says) {
					t.Errorf("refused %+v, want %+v", r, want)
				}
			}
			assets := h.assetsByURL()
			if len(assets) != len(test.urls) {
				t.Errorf("assets %v, want %v", assets, test.urls)
			}
			for _, url := range test.urls {
				if assets[url] == nil {
					t.Errorf("%s is missing", url)
				}
			}
			wantSnapshots := 0
			if got.Imported > 0 {
				wantSnapshots = 1
			}
			if h.snapshotCount() != wantSnapshots {
				t.Errorf("%d snapshots after %d rows", h.snapshotCount(), got.Imported)
			}
		})
	}
}

func TestImportKeepsColumns(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.do("POST", "/v1/assets/import", "url,name,tags,interval,timeout,enabled,plugins,retention\n"+
		`https://a.example,A,b a,5m,2s,FALSE,"{""htmlstats"":{""k"":3}}","{""count"":9}"`, asCSV).want(http.StatusOK)
	got := h.assetsByURL()["https://a.example/"]
	for name, want := range map[string]any{
		"name": "A", "tags": []any{"a", "b"}, "interval": "5m", "timeout": "2s", "enabled": false,
		"plugins": map[string]any{"htmlstats": map[string]any{"k": 3.0}}, "retention": map[string]any{"count": 9.0},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
}

func TestImportRefusesBrokenFiles(t *testing.T) {
	t.Parallel()
	h := start(t)
	rows := func(n int) string { return strings.Repeat("http://a.example/\n", n) }
	for name, test := range map[string]struct {
		kind, file string
		status     int
		says       string
	}{
		"another type":      {"Content-Type: application/xml", "<a/>", 415, "text/csv"},
		"another charset":   {"Content-Type: text/csv; charset=latin1", "url\n", 415, "UTF-8"},
		"too many rows":     {asText, rows(100_001), 413, "100000 rows"},
		"a long line":       {asText, rows(1) + strings.Repeat("x", 1<<17), 400, "line 2"},
		"empty csv":         {asCSV, "", 400, "empty"},
		"open quote":        {asCSV, "url\nhttp://a.example/\n\"http://b.example/\n", 400, "line 3"},
		"unknown column":    {asCSV, "url,colour\nhttp://a.example/,red\n", 422, "validation failed"},
		"semicolons":        {asCSV, "url;name\nhttp://a.example/;A\n", 422, "validation failed"},
		"column twice":      {asCSV, "url,url\nhttp://a.example/,http://a.example/\n", 422, "validation failed"},
		"no url":            {asCSV, "name\nA\n", 422, "validation failed"},
		"empty json":        {asJSON, " ", 400, "too early"},
		"cut off json":      {asJSON, `[{"url":"http://a.example/"},`, 400, "too early"},
		"broken json":       {asJSON, `[{"url":"http://a.example/"},}]`, 400, "byte"},
		"json goes on":      {asJSON, `[{"url":"http://a.example/"}] []`, 400, "after its end"},
		"json number":       {asJSON, `7`, 422, "validation failed"},
		"json other object": {asJSON, `{"url":"http://a.example/"}`, 422, "validation failed"},
		"json no assets":    {asJSON, `{}`, 422, "validation failed"},
		"json assets null":  {asJSON, `{"assets":null}`, 422, "validation failed"},
	} {
		p := h.do("POST", "/v1/assets/import", test.file, test.kind).problem(test.status)
		if !strings.Contains(p.Detail, test.says) {
			t.Errorf("%s: %q does not say %q", name, p.Detail, test.says)
		}
	}
	h.do("POST", "/v1/assets/import", "{}", asJSON).refuses("body.assets", "required")
	if left := h.assetsByURL(); len(left) != 0 {
		t.Errorf("broken files created %v", left)
	}
	if h.snapshotCount() != 0 {
		t.Error("a snapshot after nothing changed")
	}
}

func TestImportMany(t *testing.T) {
	t.Parallel()
	h := start(t)
	const n = 2500 // more than two chunks, and than two pages of an export
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, "http://site%d.example/\n", i)
	}
	var got importAnswer
	h.do("POST", "/v1/assets/import", file.String(), asText).want(http.StatusOK).into(&got)
	if got.Imported != n || h.snapshotCount() != 1 {
		t.Fatalf("%d imported, %d snapshots", got.Imported, h.snapshotCount())
	}
	lines := strings.Fields(string(h.do("GET", "/v1/assets/export?format=txt", "").want(http.StatusOK).body))
	seen := map[string]bool{}
	for _, line := range lines {
		seen[line] = true
	}
	if len(lines) != n || len(seen) != n {
		t.Errorf("%d lines exported, %d of them different, want %d", len(lines), len(seen), n)
	}
}

func TestExportCanBeImported(t *testing.T) {
	t.Parallel()
	from := start(t)
	from.create(wholeAsset)
	from.create(`{"url":"https://b.example/?a=1,2&b=%20\"","name":"B, \"the\" <second>; é\u2028","tags":["x"]}`)
	from.create(`{"url":"https://c.example/","interval":"0s","request":{"headers":{"X":"a,b;\"c\""},"body":"two\nlines\r\n"}}`)
	want := writable(from.assetsByURL())
	for _, export := range []struct{ format, kind string }{{"csv", "text/csv"}, {"json", "application/json"}} {
		file := from.do("GET", "/v1/assets/export?secrets=true&format="+export.format, "").want(http.StatusOK)
		if got := file.header.Get("Content-Type"); !strings.HasPrefix(got, export.kind) {
			t.Errorf("content type %q", got)
		}
		to := start(t)
		var done importAnswer
		to.do("POST", "/v1/assets/import", string(file.body), "Content-Type: "+export.kind).want(http.StatusOK).into(&done)
		if done.Imported != 3 || len(done.Refused) != 0 {
			t.Fatalf("%s: %+v from %s", export.format, done, file.body)
		}
		if got := writable(to.assetsByURL()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", export.format, got, want)
		}
		again := to.do("GET", "/v1/assets/export?secrets=true&format="+export.format, "").want(http.StatusOK)
		if len(again.body) != len(file.body) {
			t.Errorf("%s: the second export differs:\n%s\n%s", export.format, again.body, file.body)
		}
	}
}

// writable leaves out of assets what people do not write.
func writable(assets map[string]map[string]any) map[string]map[string]any {
	for _, a := range assets {
		for _, name := range []string{"id", "created", "updated", "revision", "verdict", "next_check", "skipped"} {
			delete(a, name)
		}
	}
	return assets
}

func TestExportFormats(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, format := range []string{"csv", "json", "txt"} { // of nothing, too
		h.do("GET", "/v1/assets/export?format="+format, "").want(http.StatusOK)
	}
	if got := string(h.do("GET", "/v1/assets/export", "").body); strings.TrimSpace(got) != `{"assets":[]}` {
		t.Errorf("an export of nothing: %s", got)
	}
	h.create(`{"url":"http://a/","tags":["x"]}`)
	h.create(`{"url":"http://b/"}`)
	for accept, kind := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/csv": "text/csv", "text/plain;q=0.9, text/csv;q=0.1": "text/plain",
	} {
		if got := h.do("GET", "/v1/assets/export", "", "Accept: "+accept).want(http.StatusOK).header.Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("Accept %q: %q", accept, got)
		}
	}
	if got := string(h.do("GET", "/v1/assets/export?format=txt&tag=x", "").body); got != "http://a/\n" {
		t.Errorf("filtered: %q", got)
	}
	var list struct{ Assets []json.RawMessage }
	h.do("GET", "/v1/assets/export?format=json", "").want(http.StatusOK).into(&list)
	if len(list.Assets) != 2 {
		t.Errorf("%d assets", len(list.Assets))
	}
	h.do("GET", "/v1/assets/export?format=xml", "").refuses("query.format", "")
}
