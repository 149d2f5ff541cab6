package backtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder writes files, by name, into a new folder called name.
func folder(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	for file, text := range files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustOpen(t *testing.T, dir string) History {
	t.Helper()
	history, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

func fileNames(h History) []string {
	names := make([]string, len(h.Pages))
	for i, page := range h.Pages {
		names[i] = page.File
	}
	return names
}

func TestOpenIndex(t *testing.T) {
	t.Parallel()
	dir := folder(t, "My Page", map[string]string{
		"a.html": "", "b.html": "", "c": "",
		IndexName: "\ufeffnote\tlabel\tfile\ttime\trole\turl\tstatus\tcontent_type\r\n" +
			"x\tnormal\tb.html\t2026-05-14T12:30:55+02:00\tlearn\thttp://h.example/p\t404\ttext/plain; charset=utf-8\r\n" +
			"\r\n" +
			"x\tdeface\ta.html\t\tprobe\n" +
			"x\t\tc\n",
	})
	got := mustOpen(t, dir).Pages
	at := time.Date(2026, 5, 14, 10, 30, 55, 0, time.UTC)
	want := []Saved{
		{"b.html", at, Learn, Normal, "http://h.example/p", 404, "text/plain; charset=utf-8"},
		{"a.html", at.Add(time.Hour), Probe, "deface", "https://my-page.example/", 200, ""},
		{"c", at.Add(2 * time.Hour), Learn, Normal, "https://my-page.example/", 200, ""},
	}
	for i := range got {
		got[i].Time = got[i].Time.UTC()
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestOpenFolder(t *testing.T) {
	t.Parallel()
	history := mustOpen(t, folder(t, "x", map[string]string{"10.html": "", "9.html": "", "010.html": "", ".hidden": "", "a2b": "", "a10b": "", "a2": ""}))
	if got, want := fileNames(history), []string{"9.html", "010.html", "10.html", "a2", "a2b", "a10b"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	for i, page := range history.Pages {
		if want := firstTime.Add(time.Duration(i) * time.Hour); !page.Time.Equal(want) || page.Role != Learn || page.Label != Normal {
			t.Errorf("page %d: %+v", i, page)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	top := folder(t, "top", map[string]string{"h10/1.html": "", "h9/1.html": "", "deep/er/1.html": "", "h9/not-looked-at/1.html": ""})
	other := folder(t, "other", map[string]string{"1.html": ""})
	found, err := Find(other, top)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, history := range found {
		dirs = append(dirs, history.Dir)
	}
	want := []string{other, filepath.Join(top, "deep/er"), filepath.Join(top, "h9"), filepath.Join(top, "h10")}
	if !slices.Equal(dirs, want) {
		t.Errorf("found %v, want %v", dirs, want)
	}
}

func TestFindErrors(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for dir, want := range map[string]string{
		filepath.Join(empty, "none"): "no such file",
		empty:                        "no pages in it",
		filepath.Join(folder(t, "x", onePage("1.html")), "1.html"): "cannot read the folder of pages",
	} {
		if _, err := Find(dir); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want one with %q", dir, err, want)
		}
	}
}

func onePage(name string) map[string]string { return map[string]string{name: ""} }

func TestIndexErrors(t *testing.T) {
	t.Parallel()
	const head = "file\ttime\trole\tlabel\turl\tstatus\n"
	tests := map[string]struct {
		index string
		want  []string
	}{
		"empty":         {"", []string{"no page"}},
		"head only":     {head, []string{"no page"}},
		"no file":       {"name\ttime\n", []string{"line 1", `"file"`}},
		"column twice":  {"file\ttime\tfile\n", []string{"line 1", `"file"`, "twice"}},
		"commas":        {"file,time\n1.html,\n", []string{"line 1", "tabs"}},
		"empty file":    {head + "\t2026-05-14T12:30:55Z\n", []string{"line 2", "no file"}},
		"missing file":  {head + "1.html\n\ngone.html\n", []string{"line 4", `"gone.html"`}},
		"folder":        {head + "sub\n", []string{"line 2", `"sub"`, "folder"}},
		"time":          {head + "1.html\tyesterday\n", []string{"line 2", `"yesterday"`, "RFC 3339"}},
		"role":          {head + "1.html\t\tLearn\n", []string{"line 2", `"Learn"`, "learn nor probe"}},
		"url":           {head + "1.html\t\t\t\t/path\n", []string{"line 2", `"/path"`}},
		"status":        {head + "1.html\t\t\t\t\tOK\n", []string{"line 2", `"OK"`}},
		"status range":  {head + "1.html\t\t\t\t\t20\n", []string{"line 2", `"20"`}},
		"line too long": {head + strings.Repeat("x", maxLine+1), []string{"line 2", "too long"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, "x", map[string]string{"1.html": "", "sub/1.html": "", IndexName: test.index})
			_, err := Open(dir)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range append(test.want, filepath.Join(dir, IndexName)) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q: %v", part, err)
				}
			}
		})
	}
}

func TestSyntheticURL(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"/x/front-page/":                "https://front-page.example/",
		"/x/Über uns!":                  "https://ber-uns.example/",
		"/":                             "https://page.example/",
		"/" + strings.Repeat("a-", 100): "https://" + strings.TrimSuffix(strings.Repeat("a-", 32), "-") + ".example/",
	} {
		if got := syntheticURL(dir); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
}
