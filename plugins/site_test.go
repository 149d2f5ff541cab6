package plugins

import "testing"

func TestSiteOf(t *testing.T) {
	t.Parallel()
	page := &Page{URL: "http://example.com/", FinalURL: "https://www.example.co.uk:8443/a/b?c#d"}
	for ref, want := range map[string]string{
		"":                                    "example.co.uk",
		" \n":                                 "example.co.uk",
		"#top":                                "example.co.uk",
		"?page=2":                             "example.co.uk",
		"x.js":                                "example.co.uk",
		"/x.js":                               "example.co.uk",
		"./a:b":                               "example.co.uk",
		"//cdn.example.co.uk/x.js":            "example.co.uk",
		"https://cdn.evil.example/x.js":       "evil.example",
		"//a.b.c.evil.example":                "evil.example",
		"HTTPS://EVIL.Example./":              "evil.example",
		`\\evil.example\x`:                    "evil.example",
		`/\evil.example/x`:                    "evil.example",
		"///evil.example/x":                   "evil.example",
		"https:x.js":                          "example.co.uk", // a path, since the page is https too
		"http:evil.example":                   "evil.example",
		"https:///evil.example":               "evil.example",
		"https://www.example.co.uk@evil.test": "evil.test",
		"https://evil.test?@example.co.uk":    "evil.test",
		"https://u:p@evil.test:99/":           "evil.test",
		"ht\ntps://ev\til.test":               "evil.test",
		"https://ev%69l.test/":                "evil.test",
		"https://bücher.example/":             "xn--bcher-kva.example",
		"https://someone.github.io/x":         "someone.github.io",
		"https://github.io/":                  "github.io",
		"http://192.0.2.7:80/x":               "192.0.2.7",
		"http://[2001:db8::1]:80/x":           "[2001:db8::1]",
		"http://localhost:8080/":              "localhost",
		"wss://live.evil.test/":               "evil.test",
		"data:text/javascript,alert(1)":       "data:",
		"JavaScript:void(0)":                  "javascript:",
		"blob:https://x/y":                    "blob:",
		"mailto:a@evil.test":                  "mailto:",
		"about:blank":                         "about:",
		"http://":                             "",
	} {
		if got := page.SiteOf(ref); got != want {
			t.Errorf("%q leads to %q, want %q", ref, got, want)
		}
	}
}

func TestSiteOfBase(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"//cdn.evil.test/":    "evil.test",
		"/static/":            "example.com",
		"javascript:alert(1)": "example.com",
		"":                    "example.com",
	} {
		page := &Page{URL: "https://example.com/", Body: []byte(`<base href="` + base + `">`)}
		if got := page.SiteOf("x.js"); got != want {
			t.Errorf("with the base %q a relative reference leads to %q, want %q", base, got, want)
		}
		if got := page.SiteOf("#top"); got != "example.com" {
			t.Errorf("with the base %q a place on the page leads to %q", base, got)
		}
	}
}

func TestSiteOfWithoutAnswer(t *testing.T) {
	t.Parallel()
	if got := new(Page).SiteOf("x"); got != "" {
		t.Errorf("on a page without an address a reference leads to %q", got)
	}
}
