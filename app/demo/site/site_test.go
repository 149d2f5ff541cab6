package site_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"webmon/app/demo/site"
)

// visitor fetches pages of a site as they come: packed, redirects not followed.
type visitor struct {
	site   *site.Site
	server *httptest.Server
}

func visit(t *testing.T, seed uint64) visitor {
	t.Helper()
	v := visitor{site: site.New(seed)}
	v.server = httptest.NewServer(v.site)
	t.Cleanup(v.server.Close)
	return v
}

type answer struct {
	status   int
	header   http.Header
	body     string
	location string
}

func (v visitor) try(ctx context.Context, path string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.server.URL+path, nil)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Accept-Encoding", "identity") // else the client unpacks
	response, err := v.server.Client().Transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body), response.Header.Get("Location")}, err
}

func (v visitor) get(t *testing.T, path string) answer {
	t.Helper()
	got, err := v.try(t.Context(), path)
	if err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	return got
}

// TestPages fetches every page twice: each is what its description says.
func TestPages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		steady bool // the same at each visit
		has    string
	}{
		"home":     {200, true, "<title>Harbour Town | Harbour Town</title>"},
		"about":    {200, true, "<h1>About us</h1>"},
		"terms":    {200, true, "<h1>Terms of use</h1>"},
		"login":    {200, false, `type="password"`},
		"news":     {200, false, "<h1>News</h1>"},
		"shop":     {200, false, "Add to basket"},
		"forum":    {200, false, "<h1>Forum</h1>"},
		"wien":     {200, true, ""},
		"old":      {301, true, ""},
		"reports":  {200, true, "<h1>Yearly reports</h1>"},
		"search":   {200, true, "<h1>Search</h1>"},
		"stats":    {500, true, "Internal error"},
		"council":  {200, true, "<h1>Town council</h1>"},
		"checkout": {200, true, "Card number"},
	}
	v := visit(t, 1)
	pages := v.site.Pages()
	if len(pages) != len(tests) {
		t.Errorf("%d pages, want %d", len(pages), len(tests))
	}
	for _, page := range pages {
		t.Run(page.Name, func(t *testing.T) {
			t.Parallel()
			want, known := tests[page.Name]
			if !known {
				t.Fatal("no expectations of this page")
			}
			if page.Description == "" || page.Interval < time.Second || page.Timeout <= 0 {
				t.Errorf("incomplete: %+v", page)
			}
			first, second := v.get(t, page.Path), v.get(t, page.Path)
			if first.status != want.status || !strings.Contains(first.body, want.has) {
				t.Errorf("status %d, want %d; body must have %q:\n%s", first.status, want.status, want.has, first.body)
			}
			if steady := first.body == second.body; steady != want.steady {
				t.Errorf("the same at each visit: %v, want %v", steady, want.steady)
			}
		})
	}
}

func TestUnknownPage(t *testing.T) {
	t.Parallel()
	v := visit(t, 1)
	if got := v.get(t, "/nowhere").status; got != http.StatusNotFound {
		t.Errorf("status %d, want 404", got)
	}
	if got := v.get(t, "/static/site.css"); got.status != http.StatusOK || !strings.Contains(got.header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %v", got.status, got.header)
	}
}

// TestLivelyPages counts items: they vary by no more than a tenth.
func TestLivelyPages(t *testing.T) {
	t.Parallel()
	v := visit(t, 1)
	for path, want := range map[string]struct {
		item string
		mean int
	}{
		"/news":  {"<h3>", 40},
		"/shop":  {"<button>", 30},
		"/forum": {"<h2>", 20},
	} {
		var counts []int
		for range 30 {
			counts = append(counts, strings.Count(v.get(t, path).body, want.item))
		}
		low, high := slices.Min(counts), slices.Max(counts)
		if low < want.mean*9/10 || high > want.mean*11/10 || low == high {
			t.Errorf("%s: %d to %d items, want them to vary by a tenth around %d", path, low, high, want.mean)
		}
	}
}

func TestSameSeedSameSite(t *testing.T) {
	t.Parallel()
	a, b, c := visit(t, 1), visit(t, 1), visit(t, 2)
	for range 3 {
		news := a.get(t, "/news").body
		if news != b.get(t, "/news").body {
			t.Error("two sites of one seed differ")
		}
		if news == c.get(t, "/news").body {
			t.Error("sites of two seeds are the same")
		}
	}
}

func TestSlowPage(t *testing.T) {
	t.Parallel()
	v := visit(t, 1)
	// Not a matter of speed: the page must not come earlier.
	began := time.Now()
	v.get(t, "/reports")
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("took %v, want at least 300ms", took)
	}
}

func TestHangingPage(t *testing.T) {
	t.Parallel()
	v := visit(t, 1)
	for range 11 {
		v.get(t, "/search")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := v.try(ctx, "/search"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the 12th fetch: %v, want no answer", err)
	}
	if got := v.get(t, "/search").status; got != http.StatusOK {
		t.Errorf("the 13th fetch: %d", got)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	v := visit(t, 1)
	path := "/old"
	for range 2 {
		got := v.get(t, path)
		if got.status != http.StatusMovedPermanently {
			t.Fatalf("%s: %d", path, got.status)
		}
		path = got.location
	}
	if got := v.get(t, path); got.status != http.StatusOK || !strings.Contains(got.body, "Archive") {
		t.Errorf("%s: %d\n%s", path, got.status, got.body)
	}
}

func TestOldFashionedPage(t *testing.T) {
	t.Parallel()
	got := visit(t, 1).get(t, "/wien")
	if got.header.Get("Content-Encoding") != "gzip" || got.header.Get("Content-Type") != "text/html; charset=windows-1252" {
		t.Errorf("headers %v", got.header)
	}
	unpacked, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(charmap.Windows1252.NewDecoder().Reader(unpacked))
	if err != nil || !strings.Contains(string(text), "<h2>Öffnungszeiten</h2>") || !strings.Contains(string(text), "in € und") {
		t.Errorf("%v:\n%s", err, text)
	}
}

// TestAttacks fetches the pages that are attacked through two attacks.
func TestAttacks(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{ // what shows each attack
		"council":  {"Hacked by Cr1ms0n F0x</h1>", "hacked by null_harbour"},
		"checkout": {"cdn-metrics.example/jquery", "<iframe"},
	}
	v := visit(t, 1)
	for _, page := range v.site.Pages() {
		signs, attacked := tests[page.Name]
		if attacked != (page.AttackedAt > 0) {
			t.Errorf("%s: attacked at %d", page.Name, page.AttackedAt)
		}
		if !attacked {
			continue
		}
		t.Run(page.Name, func(t *testing.T) {
			t.Parallel()
			calm := ""
			for fetch := 1; fetch < page.AttackedAt+35; fetch++ {
				body := v.get(t, page.Path).body
				if fetch == 1 {
					calm = body
				}
				sign := ""
				switch fetch - page.AttackedAt {
				case 0, 1:
					sign = signs[0]
				case 30, 31:
					sign = signs[1]
				}
				if sign == "" && body != calm || !strings.Contains(body, sign) {
					t.Errorf("fetch %d must show %q:\n%s", fetch, sign, body)
				}
				if got, want := v.site.Attacked(page.Path), fetch >= page.AttackedAt; got != want {
					t.Errorf("fetch %d: attacked %v, want %v", fetch, got, want)
				}
			}
		})
	}
	if v.site.Attacked("/about") || v.site.Attacked("/nowhere") {
		t.Error("a page that is left alone counts as attacked")
	}
}
