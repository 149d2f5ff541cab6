package inject

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// parts shows an anatomy as text: what a span holds, and what follows a place.
type parts struct{ title, heading, content, headEnd, bodyStart, bodyEnd string }

func partsOf(page string) parts {
	a := read([]byte(page))
	in := func(s span) string { return page[s.start:s.end] }
	from := func(at int) string { return page[at:min(len(page), at+8)] }
	return parts{in(a.title), in(a.heading), in(a.content), from(a.headEnd), from(a.bodyStart), from(a.bodyEnd)}
}

func TestRead(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("some words ", 20)
	tests := map[string]struct {
		page string
		want parts
	}{
		"whole": {
			"<html><head><title>T</title></head><body id=b><svg><title>S</title></svg><div><nav>n</nav><main><h1>H <i>i</i></h1><p>" + text + "</p></main></div></body></html>",
			parts{"T", "H <i>i</i>", "<h1>H <i>i</i></h1><p>" + text + "</p>", "</head><", "<svg><ti", "</body><"},
		},
		"nothing closed": {
			"<head><title>T</title><body><h1>H</h1><div><p>" + text,
			parts{"T", "H", "", "<h1>H</h", "<h1>H</h", ""},
		},
		"fragment":         {"<p>a</p><div>b</div>", parts{"", "", "", "<p>a</p>", "<p>a</p>", ""}},
		"tags in a script": {"<head><script>'</head><body><title>x</title>'</script></head><body>b</body>", parts{"", "", "", "</head><", "b</body>", "</body>"}},
		"in a comment":     {"<head><!-- </head><body><h1>x</h1> --></head><body>b</body>", parts{"", "", "", "</head><", "b</body>", "</body>"}},
		"stray end tags":   {"<body></div></p></main><h1>H</h1></body>", parts{"", "H", "", "</div></", "</div></", "</body>"}},
		"empty":            {"", parts{}},
		"the end first":    {"</body><body>x", parts{"", "", "", "x", "x", ""}},
	}
	for name, test := range tests {
		if got := partsOf(test.page); got != test.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, test.want)
		}
	}
}

func TestBreaks(t *testing.T) {
	t.Parallel()
	page := "<head><p>in the head</p></head><body><p>a</p>|<ul><li>b</li></ul>|<svg><p></p></svg><!-- <p></p> --><script>'<p></p>'</script><template><div></div></template><noscript><p></p></noscript><div>c</div>|<select><div></div></select></body><p>after</p>"
	var want []int
	for bar := strings.Index(page, "|"); bar >= 0; bar = strings.Index(page, "|") {
		want = append(want, bar)
		page = page[:bar] + page[bar+1:]
	}
	if got := read([]byte(page)).breaks; !slices.Equal(got, want) {
		t.Errorf("breaks at %v, want %v", got, want)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	a := read([]byte(`<link rel="Canonical" href="https://www.shop.co.uk/x"><meta property="og:url" content="https://other.example/">
<script src="https://CDN.example:8443/a.js"></script><script src="//cdn.example/b.js"></script><script src="//cdn.example/c.js"></script>
<script src="/local.js"></script><script>x</script><script src="https://[bad"></script>
<link rel=stylesheet href="https://unpkg.com/a.css"><link rel=icon href="https://icons.example/">`))
	if a.site != "shop.co.uk" {
		t.Errorf("site %q", a.site)
	}
	if want := []string{"cdn.example:8443", "cdn.example"}; !slices.Equal(a.scriptHosts, want) {
		t.Errorf("scripts of %q, want %q", a.scriptHosts, want)
	}
	if want := []string{"unpkg.com"}; !slices.Equal(a.styleHosts, want) {
		t.Errorf("styles of %q, want %q", a.styleHosts, want)
	}
}

func TestSkimmerHosts(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`<script src="https://cdn.jsdelivr.net/x.js"></script><script src="https://static.other.example/x.js"></script>`:            "https://cdn.jsdelivr.net/",
		`<script src="https://static.other.example/x.js"></script>`:                                                                 "https://static.other.example/",
		`<link rel=stylesheet href="https://unpkg.com/x.css">`:                                                                      "https://unpkg.com/",
		`<link rel=canonical href="https://shop.example/"><script src="https://static.shop.example/x.js"></script>`:                 "",
		`<script src="https://shop.example/x.js"></script><script src="/x.js"></script>`:                                            "",
		`<script src="https://x1.cloudfront.net/x.js"></script><link rel=stylesheet href="https://static.other.example/style.css">`: "https://x1.cloudfront.net/",
	}
	for page, want := range tests {
		v := &victim{body: []byte(page), anatomy: read([]byte(page))}
		edits := skimmer(v, (&injector{}).random("", "", ""))
		switch {
		case want == "" && edits != nil:
			t.Errorf("%s: %+v", page, edits)
		case want != "" && (len(edits) != 1 || !strings.Contains(edits[0].text, want)):
			t.Errorf("%s: %+v, want a script of %s", page, edits, want)
		}
	}
}

// FuzzAttacks makes every attack on any bytes: none may panic or go beyond the
// page.
func FuzzAttacks(f *testing.F) {
	f.Add([]byte(shop("anna", 1)))
	f.Add([]byte("</body><head></p><title>"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		in := injector{}
		v := &victim{body: body, anatomy: read(body), other: func(*rand.Rand) []byte { return nil }}
		for _, attack := range Attacks() {
			attack.on(v, in.random("", "", attack.Name))
		}
	})
}
