package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins/builtin"
	"webmon/store"
	"webmon/store/asseturl"
)

// fuzzImport feeds files to a reader. Whatever they hold, each row is an asset
// that is good or is refused for a reason, and each broken file is the
// client's fault.
func fuzzImport(f *testing.F, read rowReader, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	reader := newAssetReader(huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), builtin.Registry())
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := collectRows(bytes.NewReader(file), read, reader)
		if err != nil {
			var status huma.StatusError
			if !errors.As(err, &status) || status.GetStatus() < 400 || status.GetStatus() > 499 {
				t.Fatalf("a broken file is not a 4xx: %v", err)
			}
			return
		}
		last := 0
		for _, row := range rows {
			if row.row <= last {
				t.Fatalf("row %d comes after row %d", row.row, last)
			}
			last = row.row
			if len(row.refusals) > 0 {
				if joinRefusals(row.refusals) == "" {
					t.Fatalf("row %d is refused without a reason", row.row)
				}
				continue
			}
			checkImported(t, row.asset)
		}
	})
}

func checkImported(t *testing.T, a *store.Asset) {
	t.Helper()
	if again, err := asseturl.Normalize(a.URL); err != nil || again != a.URL || len(a.URL) > store.MaxURL {
		t.Fatalf("URL %q: %q, %v", a.URL, again, err)
	}
	if len(a.Tags) > store.MaxTags || a.Timeout <= 0 || a.Interval < 0 {
		t.Fatalf("asset %+v", a)
	}
	// What was accepted can be read, and sent back as it is.
	data, err := json.Marshal(viewAsset(a))
	if err != nil {
		t.Fatalf("asset %+v: %v", a, err)
	}
	reader := newAssetReader(huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), builtin.Registry())
	if _, refusals := reader.read(data, nil); len(refusals) > 0 {
		t.Fatalf("%s is refused: %v", data, refusals)
	}
}

func FuzzImportText(f *testing.F) {
	fuzzImport(f, readText, "https://a.example\n\n# comment\nexample.com\r\n", "\uFEFFhttp://b/", "\x00\xff", "http://[::1]:80/#x")
}

func FuzzImportCSV(f *testing.F) {
	fuzzImport(f, readCSV,
		"url,name,tags,interval\nhttps://a.example,\"A, b\",x;y,5m\n",
		"url,enabled,request,plugins,retention\nhttp://a/,true,\"{\"\"method\"\":\"\"get\"\"}\",{},\"{\"\"count\"\":1}\"\n",
		"name\nx\n", "url\n\"\n", "url,url\n", "\uFEFFURL\nhttp://a/\n,\n")
}

func FuzzImportJSON(f *testing.F) {
	fuzzImport(f, readJSON,
		`[{"url":"https://a.example","tags":["x"],"request":{"max_redirects":0}}]`,
		`{"assets":[{"url":"http://a/","created":"2026-01-02T03:04:05Z","verdict":"up"}],"next":""}`,
		`[7,null,"x",{}]`, `{"assets":null}`, `[`, `{}`, `[{"url":"http://a/","plugins":{"htmlstats":{"k":1e400}}}]`)
}
