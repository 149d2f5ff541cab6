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

// Browsers, resolvers and libraries read these in different ways. What is kept
// must be read in one way only, the way that the person who reads it does.
func TestTricks(t *testing.T) {
	t.Parallel()
	for raw, says := range map[string]string{
		// Addresses in notations of old.
		"http://0177.0.0.1/":         "IPv4",
		"http://0x7f.1/":             "IPv4",
		"http://0X7F000001/":         "IPv4",
		"http://017700000001/":       "IPv4",
		"http://127.0.1/":            "IPv4",
		"http://127.0.0.0x1/":        "IPv4",
		"http://127.0.0.1./":         "IPv4",
		"http://127.0.0.01/":         "IPv4",
		"http://4294967297/":         "IPv4",
		"http://0/":                  "IPv4",
		"http://２１３０７０６４３３/":         "IPv4", // full-width digits
		"http://127.0.0.1../":        "between two dots",
		"http://example.com../":      "between two dots",
		"http://[127.0.0.1]/":        "not valid",
		"http://[::1%25lo]/":         "zone",
		"http://[::ffff:999.0.0.1]/": "not valid",
		// A host that looks like another.
		"http://good.example@evil.example/":         "basic_auth",
		"http://good.example:80@evil.example/":      "basic_auth",
		"http://@evil.example/":                     "basic_auth",
		"http://:@evil.example/":                    "basic_auth",
		"http://good.example%40evil.example/":       "not valid",
		"http://good.example\\@evil.example/":       "basic_auth",
		"http://good.example\\.evil.example/":       "not valid",
		"http:\\\\evil.example/":                    "no scheme",
		"http:/\\evil.example/":                     "no scheme",
		"http:/evil.example/":                       "no scheme",
		"http:evil.example":                         "no scheme",
		"http://good.example%00.evil.example/":      "not valid",
		"http://good.example%2f.evil.example/":      "not valid",
		"http://good.example%0d%0a.evil.example/":   "not valid",
		"http://%67ood.example/":                    "not valid",
		"http://good.example\t.evil.example/":       "white space",
		"http://good.example\n.evil.example/":       "white space",
		"ht\ntp://evil.example/":                    "white space",
		"http://good.example\u00a0.evil.example/":   "white space",
		"http://good.example\u2028.evil.example/":   "white space",
		"http://good.example\uff0fevil.example/":    "international", // a full-width slash
		"http://good.example\uff20evil.example/":    "international", // a full-width @
		"http://good.example\uff1a80.evil.example/": "international", // a full-width colon
		"http://good.example;.evil.example/":        "cannot be in a host",
		"http://good.example,evil.example/":         "cannot be in a host",
		"http://good.example&evil.example/":         "cannot be in a host",
		// Ports.
		"http://evil.example:80:80/":                "65535",
		"http://evil.example:+80/":                  "65535",
		"http://evil.example:0x50/":                 "65535",
		"http://evil.example:\uff18\uff10/":         "65535",
		"http://evil.example:99999999999999999999/": "65535",
		// Schemes.
		"gopher://evil.example/":                "http or https",
		"ws://evil.example/":                    "http or https",
		"http+unix://evil.example/":             "http or https",
		"view-source:http://evil.example/":      "http or https",
		"data:text/html,x":                      "no scheme",
		"javascript://evil.example/%0aalert(1)": "http or https",
		"jar:http://evil.example!/":             "http or https",
		"feed://evil.example/":                  "http or https",
	} {
		if got, err := asseturl.Normalize(raw); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Normalize(%q) = %q, %v; want an error that says %q", raw, got, err, says)
		}
	}
	for raw, want := range map[string]string{
		"http://\uff11\uff12\uff17.0.0.1/":        "http://127.0.0.1/", // what is kept says where it goes
		"http://127\u30020\u30020\u30021/":        "http://127.0.0.1/",
		"http://\u2460\u2461\u2466.0.0.1/":        "http://127.0.0.1/", // digits in circles
		"http://evil\u3002example/":               "http://evil.example/",
		"http://\uff45vil.example/":               "http://evil.example/",
		"http://ev\u00adil.example/":              "http://evil.example/", // a soft hyphen
		"http://evil.example#@good.example/":      "http://evil.example/",
		"http://evil.example?@good.example/":      "http://evil.example/?@good.example/",
		"http://evil.example/@good.example/":      "http://evil.example/@good.example/",
		"http://evil.example/..\\good.example":    "http://evil.example/..%5Cgood.example",
		"http://good.example\u2044.evil.example/": "http://good.xn--example-7d7c.evil.example/", // a fraction slash
		"http://g\u043e\u043ed.example/":          "http://xn--gd-fmca.example/",                // Cyrillic letters
		"http://[::ffff:127.0.0.1]/":              "http://[::ffff:127.0.0.1]/",
		"http://[::FFFF:7f00:1]/":                 "http://[::ffff:127.0.0.1]/",
		"http://1e1.example/":                     "http://1e1.example/",
		"http://127.0.0.1.evil.example/":          "http://127.0.0.1.evil.example/",
		"http://0x7g/":                            "http://0x7g/",
	} {
		if got, err := asseturl.Normalize(raw); err != nil || got != want {
			t.Errorf("Normalize(%q) = %q, %v; want %q", raw, got, err, want)
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
