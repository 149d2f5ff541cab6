package apply_test

import (
	"strings"
	"testing"

	"webmon/app/apply"
)

func TestRead(t *testing.T) {
	t.Parallel()
	file, err := apply.Read("f.yaml", []byte(`
set: shop
defaults:
  interval: 2m
  tags: [prod, prod]
  request: {method: head}
assets:
  - url: HTTPS://Shop.example:443
    name: " Front "
    tags: [front]
  - url: https://shop.example/b
    enabled: false
    interval: 0s
    request: {max_redirects: 0}
    plugins: {htmlstats: {k: 5, profile: null}, timing: null}
`))
	if err != nil {
		t.Fatal(err)
	}
	if file.Tag() != "managed:shop" || len(file.Assets) != 2 {
		t.Fatalf("%+v", file)
	}
	a, b := file.Assets[0], file.Assets[1]
	if a.Key != "Front" || a.Line != 8 || a.Fields["url"] != "https://shop.example/" || a.Fields["interval"] != "2m" || a.Fields["timeout"] != "10s" ||
		text(a.Fields["tags"]) != "[front managed:shop prod]" || text(a.Fields["request"]) != "map[method:HEAD]" || a.Fields["enabled"] != true {
		t.Errorf("first: %+v", a)
	}
	if b.Key != "https://shop.example/b" || b.Line != 11 || b.Fields["interval"] != "0s" || b.Fields["enabled"] != false || text(b.Fields["tags"]) != "[managed:shop prod]" ||
		text(b.Fields["request"]) != "map[max_redirects:0]" || text(b.Fields["plugins"]) != "map[htmlstats:map[k:5]]" {
		t.Errorf("second: %+v", b)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, want string }{
		"nothing":              {"", "f.yaml: the file is empty"},
		"no YAML":              {"set: [", "f.yaml: line 1"},
		"no set":               {"assets: []", "set: is missing"},
		"a set that is none":   {"set: a b", "white space"},
		"a long set":           {"set: " + strings.Repeat("x", 57), "longer than 56"},
		"an unknown key":       {"set: a\nasets: []", "line 2: field asets is unknown"},
		"an unknown field":     {"set: a\nassets:\n- url: http://x/\n  intervall: 3s", "line 4: field intervall is unknown"},
		"below request":        {"set: a\nassets:\n- url: http://x/\n  request:\n    methd: GET", "line 5: field methd is unknown"},
		"another type":         {"set: a\nassets:\n- url: http://x/\n  enabled: maybe", "line 4"},
		"a key twice":          {"set: a\nassets:\n- url: http://x/\n  url: http://y/", "line 4"},
		"no URL":               {"set: a\nassets:\n- name: x", "f.yaml:3: url is missing"},
		"a bad URL":            {"set: a\nassets:\n- url: http://x/\n- url: ftp://x/", "f.yaml:4: url: the scheme"},
		"a bad interval":       {"set: a\nassets:\n- url: http://x/\n  interval: 5", "f.yaml:3: interval"},
		"a bad age":            {"set: a\nassets:\n- url: http://x/\n  retention: {age: x}", "f.yaml:3: retention.age"},
		"one name twice":       {"set: a\nassets:\n- {url: 'http://x/', name: n}\n- {url: 'http://y/', name: n}", "f.yaml:4: n is the asset of line 3"},
		"one URL twice":        {"set: a\nassets:\n- url: http://x\n- url: http://X:80/", "f.yaml:4: http://x/ is the asset of line 3"},
		"a tag that is ours":   {"set: a\nassets:\n- url: http://x/\n  tags: ['managed:b']", "f.yaml:3: tags: managed:b is refused"},
		"a default URL":        {"set: a\ndefaults: {url: http://x}", "defaults: url and name"},
		"a second document":    {"set: a\n---\nset: b", "a second document"},
		"a list":               {"- a", "f.yaml: line 1"},
		"a word of assertions": {"set: a\nassets:\n- url: http://x/\n  assertions: [{expr: a, sevrity: info}]", "line 4: field sevrity is unknown"},
		"a list of lists":      {"set: a\nassets:\n- url: http://x/\n  assertions: [[a]]", "line 4: an assertion is an expression"},
		"a number as options":  {"set: a\nassets:\n- url: http://x/\n  plugins: {a: {1: 2}}", "f.yaml:3: plugins: options can hold only what JSON can"},
	} {
		_, err := apply.Read("f.yaml", []byte(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "apply.") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one that says %s", name, err, test.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("set: a\ndefaults: {tags: [x]}\nassets:\n- &a {url: 'http://x/', plugins: {p: {k: null}}}\n- *a\n"))
	f.Add([]byte("set: a\ndefaults: {assertions: [status == 200]}\nassets: [{url: http://x/}, {url: http://y/, assertions: [{expr: a, verdict: down}]}]"))
	f.Add([]byte("set: a\nassets: [{url: http://x/, request: {headers: {a: b}}, retention: {age: 1d}}]"))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := apply.Read("f", content)
		if err != nil {
			return
		}
		if plan, err := apply.Make(file, nil, true); err != nil || plan.Count(apply.Add) != len(file.Assets) {
			t.Errorf("%+v, %v", plan, err)
		}
	})
}
