package asseturl_test

import (
	"net/url"
	"strings"
	"testing"

	"webmon/store/asseturl"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://example.com":                   "https://example.com/",
		"  https://example.com/\t":              "https://example.com/",
		"HTTPS://Example.COM/Path?Q=A":          "https://example.com/Path?Q=A",
		"http://example.com:80/":                "http://example.com/",
		"https://example.com:443/":              "https://example.com/",
		"https://example.com:80/":               "https://example.com:80/",
		"http://example.com:0080/":              "http://example.com/",
		"http://example.com:/":                  "http://example.com/",
		"https://example.com/#part":             "https://example.com/",
		"https://example.com?q=1#part":          "https://example.com/?q=1",
		"https://example.com/?":                 "https://example.com/?",
		"https://bücher.example/käse?ü=ö":       "https://xn--bcher-kva.example/k%C3%A4se?%C3%BC=%C3%B6",
		"https://BÜCHER.example/":               "https://xn--bcher-kva.example/",
		"https://例え.jp/":                        "https://xn--r8jz45g.jp/",
		"https://xn--bcher-kva.example/":        "https://xn--bcher-kva.example/",
		"https://example。com/":                  "https://example.com/",
		"https://example.com/a%2Fb%20c?x=%20+y": "https://example.com/a%2Fb%20c?x=%20+y",
		"https://example.com/a/../b//c":         "https://example.com/a/../b//c",
		"https://my_service.internal:8080/":     "https://my_service.internal:8080/",
		"https://r3---sn-x.example.com/":        "https://r3---sn-x.example.com/",
		"http://localhost:7700":                 "http://localhost:7700/",
		"https://example.com./":                 "https://example.com./",
		"http://127.0.0.1/":                     "http://127.0.0.1/",
		"http://[::1]:8080/x":                   "http://[::1]:8080/x",
		"http://[2001:DB8:0:0::1]:80":           "http://[2001:db8::1]/",
		"https://example.com/@name":             "https://example.com/@name",
	} {
		got, err := asseturl.Normalize(raw)
		if err != nil || got != want {
			t.Errorf("Normalize(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestNormalizeRefuses(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		"":                                  "empty",
		"   ":                               "empty",
		"example.com":                       "write https://example.com",
		"//example.com/x":                   "write https://example.com/x",
		"example.com:8080/x":                "write https://example.com:8080/x",
		"localhost:8080":                    "no scheme",
		"mailto:a@example.com":              "no scheme",
		"javascript:alert(1)":               "no scheme",
		"ftp://example.com/":                "http or https",
		"file:///etc/passwd":                "http or https",
		"://example.com":                    "not valid",
		"http://":                           "no host",
		"http:///path":                      "no host",
		"http://:80/":                       "no host",
		"http://user@example.com/":          "basic_auth",
		"http://user:secret@example.com/":   "basic_auth",
		"http://user:sec ret@example.com/":  "white space",
		"http://us\"er:secret@example.com/": "basic_auth",
		"http://example.com:0/":             "65535",
		"http://example.com:65536/":         "65535",
		"http://example.com:http/":          "65535",
		"http://example.com:-1/":            "65535",
		"http://exa mple.com/":              "white space",
		"http://example.com/a b":            "%20",
		"http://example.com/\x00":           "control",
		"http://example.com/a\nb":           "white space",
		"http://example.com/\x7f":           "control",
		"http://example.com/\xff":           "UTF-8",
		"http://example.com/%zz":            "%25",
		"http://example..com/":              "between two dots",
		"http://.example.com/":              "between two dots",
		"http://./":                         "between two dots",
		"http://-example.com/":              "hyphen",
		"http://exam!ple.com/":              "cannot be in a host",
		"http://exam|ple.com/":              "not valid",
		"http://example.com\\path":          "not valid",
		"http://256.1.1.1/":                 "IPv4",
		"http://127.1/":                     "IPv4",
		"http://0x7f.0.0.1/":                "IPv4",
		"http://2130706433/":                "IPv4",
		"http://[::1/":                      "not valid",
		"http://[example.com]/":             "not valid",
		"http://[127.0.0.1]/":               "not valid",
		"http://[fe80::1%25eth0]/":          "zone",
		"http://xn--\u00fc.example/":        "international",
		"http://" + strings.Repeat("a", 64) + ".example/":       "longer than 63",
		"http://" + strings.Repeat("abcdefg.", 32) + "example/": "longer than 253",
		"http://" + strings.Repeat("\u00fc", 64) + ".example/":  "not valid",
	} {
		got, err := asseturl.Normalize(raw)
		if err == nil {
			t.Errorf("Normalize(%q) = %q; want an error that says %q", raw, got, says)
			continue
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("Normalize(%q): %q does not say %q", raw, err, says)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("Normalize(%q): %q repeats the password", raw, err)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/", "HTTP://EXAMPLE.com:80?q#f", "https://bücher.example:8443/ä?ö",
		"http://[::1]:1/", "http://1.2.3.4:080", "http://a_b/%2f", "http://xn--bcher-kva/", "x://y", "http://a/?\"<>|",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		once, err := asseturl.Normalize(raw)
		if err != nil {
			return
		}
		twice, err := asseturl.Normalize(once)
		if err != nil || twice != once {
			t.Fatalf("%q became %q, and that became %q, %v", raw, once, twice, err)
		}
		u, err := url.Parse(once)
		if err != nil {
			t.Fatalf("%q became %q, which is no URL: %v", raw, once, err)
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			t.Fatalf("%q became %q", raw, once)
		}
		for i := range len(once) {
			if once[i] <= ' ' || once[i] >= 0x7f {
				t.Fatalf("%q became %q, which has byte %#x inside", raw, once, once[i])
			}
		}
	})
}
