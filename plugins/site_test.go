package plugins_test

import (
	"strings"
	"testing"

	"webmon/plugins"
)

func TestSites(t *testing.T) {
	t.Parallel()
	sites := plugins.NewSites(&plugins.Page{URL: "https://asked.example/", FinalURL: "https://www.Shop.co.uk:8443/a?b"})
	if sites.Own() != "shop.co.uk" || !sites.Secure() {
		t.Errorf("own site %q, secure %t", sites.Own(), sites.Secure())
	}
	for address, want := range map[string]string{
		"":                                "shop.co.uk",
		"/a.js":                           "shop.co.uk",
		"a:b/c":                           "",
		"a.js?x=https://evil.net/":        "shop.co.uk",
		"https://cdn.shop.co.uk/a":        "shop.co.uk",
		"//CDN.Example.COM./a":            "example.com",
		`\\evil.net\a`:                    "evil.net",
		" ht\ntps://evil.net/":            "evil.net",
		"https:evil.net":                  "evil.net",
		"https:////evil.net/x":            "evil.net",
		"https://shop.co.uk@evil.net/":    "evil.net",
		"https://shop.co.uk:80@evil.net":  "evil.net",
		"http://a.github.io/":             "a.github.io",
		"http://co.uk/":                   "co.uk",
		"http://192.0.2.1:80/":            "192.0.2.1",
		"http://[2001:db8::1]/x":          "[2001:db8::1]",
		"http://[2001:db8::1]:80/x":       "[2001:db8::1]",
		"http://localhost/":               "localhost",
		"data:text/html,https://evil.net": "",
		"javascript:void(0)":              "",
		"mailto:a@evil.net":               "",
		"wss://evil.net/x":                "evil.net",
		"https://b\xff.net/":              "b\uFFFD.net",
	} {
		if got := sites.Of(address); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
	if !sites.Foreign("evil.net") || sites.Foreign("") || sites.Foreign("shop.co.uk") {
		t.Error("what is foreign is not told apart")
	}
	if !plugins.IsInsecure("HTTP://a/") || plugins.IsInsecure("//a/") || plugins.IsInsecure("https://a/") {
		t.Error("plain http is not told apart")
	}
}

func FuzzSites(f *testing.F) {
	f.Add("https://a@b:1/")
	f.Add("//[::1")
	sites := plugins.NewSites(&plugins.Page{})
	f.Fuzz(func(t *testing.T, address string) {
		if site := sites.Of(address); strings.ContainsAny(site, "/?#") {
			t.Errorf("%q leads to %q", address, site)
		}
	})
}
