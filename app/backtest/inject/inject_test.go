package inject

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"webmon/app/backtest"
)

// shop is a version of an ordinary page. It uses a script of a network.
func shop(site string, version int) string {
	var page strings.Builder
	fmt.Fprintf(&page, `<!DOCTYPE html>
<html><head><title>%s shop</title><link rel="canonical" href="https://www.%s.example/">
<script src="https://cdn.jsdelivr.net/npm/cart@1.0.0/cart.js"></script></head>
<body class="x"><header><nav><ul><li>Menu of %s</li></ul></nav></header>
<main><h1>Offers of %s</h1>`, site, site, site, site)
	for i := range 12 {
		fmt.Fprintf(&page, "<article><h2>Offer %d</h2><p>In version %d of %s the offer is described at some length, café.</p></article>\n", i, version, site)
	}
	page.WriteString("</main><footer><p>Footer stays</p></footer></body></html>\n")
	return page.String()
}

// saved writes histories of shops, with that many versions each.
func saved(t *testing.T, versions int, sites ...string) []backtest.History {
	t.Helper()
	dir := t.TempDir()
	for _, site := range sites {
		for i := range versions {
			write(t, filepath.Join(dir, site, fmt.Sprintf("%d.html", i)), shop(site, i))
		}
	}
	return find(t, dir)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, dir string) []backtest.History {
	t.Helper()
	histories, err := backtest.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return histories
}

// injected runs the injection into a new folder and opens what it wrote.
func injected(t *testing.T, histories []backtest.History, opts Options) ([]backtest.History, []Written) {
	t.Helper()
	opts.Out = filepath.Join(t.TempDir(), "out")
	var all []Written
	if err := Run(histories, opts, func(w Written) error { all = append(all, w); return nil }); err != nil {
		t.Fatal(err)
	}
	return find(t, opts.Out), all
}

func content(t *testing.T, h backtest.History, page backtest.Saved) string {
	t.Helper()
	body, err := os.ReadFile(h.Path(page))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func labels() []string {
	var names []string
	for _, attack := range Attacks() {
		names = append(names, attack.Name)
	}
	return names
}

func TestRun(t *testing.T) {
	t.Parallel()
	out, written := injected(t, saved(t, 40, "anna", "berta"), Options{})
	if len(out) != 2 || len(written) != 2 {
		t.Fatalf("%d folders, %d reports", len(out), len(written))
	}
	for n, h := range out {
		var learned []backtest.Saved
		probes := map[string]int{}
		for i, page := range h.Pages {
			if page.Role == backtest.Learn {
				learned = append(learned, page)
				continue
			}
			probes[page.Label]++
			last := learned[len(learned)-1]
			if len(learned) < firstVersion {
				t.Errorf("%s comes after only %d learned pages", page.File, len(learned))
			}
			if !strings.HasPrefix(page.File, strings.TrimSuffix(last.File, ".html")+".") || content(t, h, page) == content(t, h, last) {
				t.Errorf("%s is not an attack on %s", page.File, last.File)
			}
			if !page.Time.After(last.Time) || page.Time.Sub(last.Time) >= time.Hour {
				t.Errorf("%s is at %v, its version at %v", page.File, page.Time, last.Time)
			}
			if i+1 == len(h.Pages) && len(learned) != 40 {
				t.Errorf("%d learned pages", len(learned))
			}
		}
		for i, page := range learned {
			if page.Label != backtest.Normal || content(t, h, page) != shop([]string{"anna", "berta"}[n], i) {
				t.Errorf("version %d of the history was not kept", i)
			}
		}
		for _, label := range labels() {
			if probes[label] != Sample {
				t.Errorf("%d probes of %s, want %d", probes[label], label, Sample)
			}
		}
		w := written[n]
		if w.Pages != 40 || w.Attacked != Sample || w.Probes != Sample*len(Attacks()) || len(w.Skipped) != 0 || w.Dir != h.Dir {
			t.Errorf("it says of itself: %+v", w)
		}
	}
}

// TestAttacksDoWhatTheySay looks at many probes of each label.
func TestAttacksDoWhatTheySay(t *testing.T) {
	t.Parallel()
	out, _ := injected(t, saved(t, 60, "anna", "berta"), Options{Every: 1})
	has := func(pattern string) func(page, _ string) bool {
		re := regexp.MustCompile("(?s)" + pattern)
		return func(page, added string) bool { return strings.Contains(page, "Footer stays") && re.MatchString(added) }
	}
	checks := map[string]func(page, added string) bool{
		"deface":          func(page, _ string) bool { return !strings.Contains(page, "Offer") && len(page) > 20 },
		"banner":          has(`by |was here|por |par |von |tarafından|oleh |Взломано|بواسطة|توسط|黑客`),
		"banner-wordless": has(`<(img|svg|picture)|url\(`),
		"title-h1": func(page, _ string) bool {
			return !strings.Contains(page, " shop</title>") && !strings.Contains(page, "Offers of") && strings.Contains(page, "Menu of") && strings.Count(page, "described at") == 12
		},
		"seo-spam":          has(`(<a href="https://[^"]+">[^<]+</a>.*){8}`),
		"script":            has(`<script [^>]*src=["'](https?:)?//[^>]+></script>$`),
		"inline-script":     has(`<script[^>]*>[^<]{100,}</script>`),
		"skimmer-known-cdn": has(`^<script src="https://cdn\.jsdelivr\.net/(npm|gh)/[^"]+"( async| defer)?></script>$`),
		"iframe":            has(`<iframe [^>]*src=["']https?://`),
		"phishing-form":     has(`<form [^>]*action="https://.*(type="password"|name="cc")`),
		"blank":             func(page, _ string) bool { return !regexp.MustCompile(`>[^<>\s]`).MatchString(page) && len(page) < 100 },
		"error-page": func(page, _ string) bool {
			return !strings.Contains(page, "Offer") && len(page) > 10 && len(page) < 600
		},
		"half": func(page, _ string) bool { return strings.Contains(page, "shop") && !strings.Contains(page, "</html>") },
		"wipe": func(page, _ string) bool {
			return strings.Contains(page, "Menu of") && strings.Contains(page, "Footer stays") && !strings.Contains(page, "described")
		},
		"swap": nil, // see below
	}
	for n, h := range out {
		var version string
		for _, probe := range h.Pages {
			if probe.Role == backtest.Learn {
				version = content(t, h, probe)
				continue
			}
			page := content(t, h, probe)
			if !utf8.ValidString(page) && probe.Label != "half" {
				t.Errorf("%s is not UTF-8", probe.File)
			}
			if probe.Label == "swap" {
				if want := []string{"berta", "anna"}[n] + " shop"; !strings.Contains(page, want) {
					t.Errorf("%s is not the other site's page", probe.File)
				}
				continue
			}
			added := inserted(version, page)
			if check := checks[probe.Label]; check == nil || !check(page, added) {
				t.Errorf("%s does not do what %s says; added:\n%.300s", probe.File, probe.Label, added)
			}
		}
	}
}

// inserted gives what page has more than version, when that is in one place.
func inserted(version, page string) string {
	start := 0
	for start < min(len(version), len(page)) && version[start] == page[start] {
		start++
	}
	for start > 0 && page[start-1] == '<' { // the tag that follows begins alike
		start--
	}
	if len(page) <= len(version) {
		return ""
	}
	return page[start : start+len(page)-len(version)]
}

// tree reads all files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	matches, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(matches) == 0 {
		t.Fatalf("nothing in %s: %v", dir, err)
	}
	for _, match := range matches {
		body, err := os.ReadFile(match)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(dir, match)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(body)
	}
	return files
}

func TestSeed(t *testing.T) {
	t.Parallel()
	histories := saved(t, 10, "anna", "berta")
	run := func(seed uint64) map[string]string {
		out, _ := injected(t, histories, Options{Seed: seed})
		return tree(t, filepath.Dir(out[0].Dir))
	}
	first, again, other := run(1), run(1), run(2)
	if !maps.Equal(first, again) {
		t.Error("the same seed gives something else")
	}
	if maps.Equal(first, other) {
		t.Error("another seed gives the same")
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	pages := func(n int) []backtest.Saved {
		all := make([]backtest.Saved, n)
		for i := range all {
			all[i] = backtest.Saved{Role: backtest.Learn, Label: backtest.Normal, Status: 200}
		}
		return all
	}
	mixed := pages(8)
	mixed[1].Role, mixed[3].Label, mixed[5].Status = backtest.Probe, "outage", 500
	tests := map[string]struct {
		pages []backtest.Saved
		every int
		want  []int
	}{
		"none":      {pages(0), 0, nil},
		"too few":   {pages(2), 0, nil},
		"three":     {pages(3), 0, []int{2}},
		"few":       {pages(5), 0, []int{2, 3, 4}},
		"many":      {pages(36), 0, []int{2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35}},
		"every ten": {pages(36), 10, []int{2, 12, 22, 32}},
		"mixed":     {mixed, 1, []int{4, 6, 7}},
	}
	for name, test := range tests {
		if got := slices.Sorted(maps.Keys(sample(test.pages, test.every))); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestUnfit holds pages that attacks cannot be made on.
func TestUnfit(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"json.json": `{"a": %d}`, "utf16.html": "\xff\xfe<\x00p\x00>\x00%d", "tiny.html": "<p>%d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i := range 3 {
				write(t, filepath.Join(dir, "h", fmt.Sprint(i)+name), fmt.Sprintf(body, i))
			}
			out, written := injected(t, find(t, dir), Options{})
			if len(out[0].Pages) != 3+written[0].Probes || written[0].Probes+total(written[0].Skipped) != len(Attacks()) {
				t.Errorf("%d pages; %+v", len(out[0].Pages), written[0])
			}
			if name != "tiny.html" && written[0].Attacked != 0 {
				t.Errorf("%d were attacked", written[0].Attacked)
			}
			for _, unfit := range []string{"half", "wipe", "skimmer-known-cdn", "title-h1"} {
				if written[0].Skipped[unfit] != 1 {
					t.Errorf("%s was tried", unfit)
				}
			}
		})
	}
}

func total(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// TestOtherCharset attacks pages that are not UTF-8: what is added must read
// the same.
func TestOtherCharset(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 30 {
		write(t, filepath.Join(dir, "h", fmt.Sprint(i)+".html"), strings.ReplaceAll(shop("anna", i), "é", "\xe9"))
	}
	out, _ := injected(t, find(t, dir), Options{Every: 1})
	references := 0
	for _, page := range out[0].Pages {
		for i, c := range content(t, out[0], page) {
			if c >= utf8.RuneSelf && c != utf8.RuneError {
				t.Fatalf("%s has %q at %d", page.File, c, i)
			}
		}
		references += strings.Count(content(t, out[0], page), "&#")
	}
	if references == 0 {
		t.Error("no attack has a character beyond ASCII: nothing was proved")
	}
}

func TestIndexIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "outside.html"), shop("anna", 0))
	write(t, filepath.Join(dir, "h", "sub", "1.html"), shop("anna", 1))
	write(t, filepath.Join(dir, "h", "2"), shop("anna", 2))
	write(t, filepath.Join(dir, "h", backtest.IndexName), "file\ttime\trole\tlabel\turl\tstatus\tcontent_type\n"+
		"../outside.html\t2026-05-14T12:00:00+02:00\t\t\thttp://a.example/x\t\t\n"+
		"sub/1.html\t2026-05-14T13:00:00+02:00\t\t\thttp://a.example/x\t203\ttext/html; charset=utf-8\n"+
		"2\t2026-05-14T12:30:00+02:00\t\t\t\t\t\n"+
		"2\t2026-05-14T14:00:00+02:00\tprobe\toutage\t\t503\t\n")
	out, _ := injected(t, find(t, filepath.Join(dir, "h")), Options{})
	var kept []backtest.Saved
	for _, page := range out[0].Pages {
		if page.Role == backtest.Learn || page.Label == "outage" {
			kept = append(kept, page)
		} else if page.URL != "https://h.example/" || page.Time.UTC().Format("15:04") != "11:15" {
			t.Errorf("%+v", page) // halfway to the next page
		}
	}
	want := [][5]any{
		{"outside/0000-outside.html", backtest.Learn, "http://a.example/x", 200, ""},
		{"sub/1.html", backtest.Learn, "http://a.example/x", 203, "text/html; charset=utf-8"},
		{"2", backtest.Learn, "https://h.example/", 200, ""},
		{"2", backtest.Probe, "https://h.example/", 503, ""},
	}
	for i, page := range kept {
		if got := [5]any{page.File, page.Role, page.URL, page.Status, page.ContentType}; got != want[i] {
			t.Errorf("got %v, want %v", got, want[i])
		}
	}
	if len(kept) != len(want) || len(out[0].Pages) <= len(want) {
		t.Errorf("%d pages, %d of them kept", len(out[0].Pages), len(kept))
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	histories := saved(t, 3, "anna")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "anna", "x"), "mine")
	for want, opts := range map[string]Options{
		"no folder": {},
		"every -1":  {Out: dir, Every: -1},
		"anna":      {Out: dir},
	} {
		err := Run(histories, opts, func(Written) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if got := tree(t, dir); len(got) != 1 || got["anna/x"] != "mine" {
		t.Errorf("files were written: %v", slices.Collect(maps.Keys(got)))
	}
}

func TestFoldersOfOneName(t *testing.T) {
	t.Parallel()
	out, _ := injected(t, append(saved(t, 3, "anna"), saved(t, 3, "anna")...), Options{})
	if len(out) != 2 || filepath.Base(out[0].Dir) != "anna" || filepath.Base(out[1].Dir) != "anna-2" {
		t.Errorf("%v", out)
	}
}

// TestSwapAlone has no other history, or only one of the same site.
func TestSwapAlone(t *testing.T) {
	t.Parallel()
	for name, histories := range map[string][]backtest.History{
		"alone":    saved(t, 5, "anna"),
		"one site": append(saved(t, 5, "anna"), saved(t, 5, "anna")...),
	} {
		out, _ := injected(t, histories, Options{})
		swaps := 0
		for _, page := range out[0].Pages {
			if page.Label == "swap" {
				swaps++
				if body := content(t, out[0], page); strings.Contains(body, "anna") || len(body) < 1000 {
					t.Errorf("%s: %s is no other site's page", name, page.File)
				}
			}
		}
		if swaps != 3 {
			t.Errorf("%s: %d swaps", name, swaps)
		}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	v := victim{body: []byte("0123456789")}
	got := v.apply([]edit{{8, 10, "Z"}, {0, 0, "A"}, {2, 4, ""}, {5, 5, "é"}})
	if string(got) != "A014é567Z" {
		t.Errorf("%s", got)
	}
	v.ascii = true
	if got := v.apply(insert(10, "é")); !bytes.Equal(got, []byte("0123456789&#233;")) {
		t.Errorf("%s", got)
	}
}
