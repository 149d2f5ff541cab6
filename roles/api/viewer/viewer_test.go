package viewer_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"webmon/roles/api/viewer"
)

var files = sync.OnceValues(viewer.Files)

// get asks for a file, which must be there.
func get(t *testing.T, name string, headers ...string) *http.Response {
	t.Helper()
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	if all[name] == nil {
		t.Fatalf("there is no file %q", name)
	}
	r := httptest.NewRequest(http.MethodGet, "/docs/"+name, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	all[name].ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, from io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var (
	reference = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	inline    = regexp.MustCompile(`<script>|<script [^>]*>[^<]|<style|\son\w+=|\sstyle=`)
	elsewhere = regexp.MustCompile(`(?i)https?:|//[a-z]|@import|url\(`)
)

// The page loads nothing but files of its own, none of which is inline, and each
// is there.
func TestPageStaysHome(t *testing.T) {
	t.Parallel()
	page := body(t, get(t, "").Body)
	references := reference.FindAllStringSubmatch(page, -1)
	if len(references) < 5 {
		t.Fatalf("the page has only the references %q", references)
	}
	for _, ref := range references {
		if ref[1] == "../openapi.json" || ref[1] == "../" { // not among the viewer's own
			continue
		}
		if answer := get(t, ref[1]); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", ref[1], answer.Status)
		}
	}
	if found := inline.FindString(page); found != "" {
		t.Errorf("inline code or style: %q", found)
	}
	for _, name := range []string{"", "viewer.js", "viewer.css"} {
		if found := elsewhere.FindString(withoutComments(body(t, get(t, name).Body))); found != "" {
			t.Errorf("%q refers to another host: %q", name, found)
		}
	}
	// Swagger UI's style sheet may draw from data: only.
	for _, ref := range regexp.MustCompile(`url\(["']?([^)"']{0,40})`).FindAllStringSubmatch(body(t, get(t, "swagger-ui.css").Body), -1) {
		if !strings.HasPrefix(ref[1], "data:") {
			t.Errorf("swagger-ui.css refers to %q", ref[1])
		}
	}
}

func withoutComments(code string) string {
	return regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAllString(code, "")
}

// Whatever Swagger UI would like to load from elsewhere, the browser refuses.
func TestPolicy(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "swagger-ui-bundle.js", "favicon-32x32.png"} {
		policy := get(t, path).Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
			t.Errorf("%s: %q", path, policy)
		}
	}
}

func TestFilesAreCacheable(t *testing.T) {
	t.Parallel()
	const path = "swagger-ui-bundle.js"
	plain, zipped := get(t, path), get(t, path, "Accept-Encoding: gzip, br")
	if plain.Header.Get("Content-Encoding") != "" || zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", plain.Header.Get("Content-Encoding"), zipped.Header.Get("Content-Encoding"))
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unzipped := body(t, reader); unzipped != body(t, plain.Body) || len(unzipped) < 100_000 {
		t.Errorf("the file is another when it is compressed; it has %d bytes", len(unzipped))
	}
	tag := zipped.Header.Get("ETag")
	if tag == "" || tag == plain.Header.Get("ETag") {
		t.Errorf("ETags %q and %q", plain.Header.Get("ETag"), tag)
	}
	if again := get(t, path, "Accept-Encoding: gzip", "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified || body(t, again.Body) != "" {
		t.Errorf("with the ETag: %s", again.Status)
	}
	if other := get(t, path, "If-None-Match: "+tag); other.StatusCode != http.StatusOK {
		t.Errorf("with the ETag of the compressed file: %s", other.Status)
	}
}
