package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// browser looks at pages as a browser without scripts does: it keeps cookies,
// follows redirects, and sends forms as they are written.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
}

func (h *harness) browser() *browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h.t, h.base, &http.Client{Jar: jar}}
}

// page is a page as it was answered, in the end.
type page struct {
	b      *browser
	status int
	path   string // where it is, with its query
	header http.Header
	root   *html.Node
	text   string
}

func (b *browser) do(r *http.Request) *page {
	b.t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	p := &page{b, response.StatusCode, response.Request.URL.RequestURI(), response.Header, root, ""}
	p.text = p.textOf("body")
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		p.check(string(body))
	}
	return p
}

// check is what holds for every page: it needs nothing that its policy forbids,
// and what can be filled in has a name for those who do not see it.
func (p *page) check(source string) {
	p.b.t.Helper()
	policy := p.header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(policy, "unsafe") {
		p.b.t.Errorf("%s: policy %q", p.path, policy)
	}
	for _, forbidden := range []string{"script:not([src])", "style", "[style]", "base", "iframe", "object", "embed", "meta[http-equiv]", `a[href^="javascript"]`} {
		if found := p.all(forbidden); len(found) > 0 {
			p.b.t.Errorf("%s: %s is not allowed", p.path, forbidden)
		}
	}
	for _, node := range p.all("*") {
		for _, a := range node.Attr {
			if strings.HasPrefix(a.Key, "on") {
				p.b.t.Errorf("%s: <%s %s=%q>", p.path, node.Data, a.Key, a.Val)
			}
		}
	}
	for _, node := range p.all("input:not([type=hidden]), select, textarea") {
		if attribute(node, "aria-label") == "" && !inside(node, "label") {
			p.b.t.Errorf("%s: <%s name=%q> has no label", p.path, node.Data, attribute(node, "name"))
		}
	}
	for _, node := range p.all("img") {
		if attribute(node, "alt") == "" {
			p.b.t.Errorf("%s: a picture without words: %s", p.path, attribute(node, "src"))
		}
	}
	ids := map[string]bool{}
	for _, node := range p.all("[id]") {
		id := attribute(node, "id")
		if ids[id] {
			p.b.t.Errorf("%s: the id %q is there twice", p.path, id)
		}
		ids[id] = true
	}
	if n := len(p.all("h1")); n != 1 {
		p.b.t.Errorf("%s: %d headings of the page", p.path, n)
	}
	if strings.Contains(source, "ZgotmplZ") || strings.Contains(source, "%!") {
		p.b.t.Errorf("%s: a value could not be written: %s", p.path, source)
	}
}

func (b *browser) get(path string) *page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form that need not be on any page.
func (b *browser) post(path string, values url.Values, headers ...string) *page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	return b.do(r)
}

// want checks the status and gives the page back.
func (p *page) want(status int) *page {
	p.b.t.Helper()
	if p.status != status {
		p.b.t.Fatalf("%s: status %d, want %d: %s", p.path, p.status, status, p.text)
	}
	return p
}

// says checks that the page says all of this.
func (p *page) says(texts ...string) *page {
	p.b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			p.b.t.Errorf("%s does not say %q: %s", p.path, text, p.text)
		}
	}
	return p
}

// hides checks that the page says nothing of this.
func (p *page) hides(texts ...string) *page {
	p.b.t.Helper()
	var source bytes.Buffer
	if err := html.Render(&source, p.root); err != nil {
		p.b.t.Fatal(err)
	}
	for _, text := range texts {
		if strings.Contains(source.String(), text) {
			p.b.t.Errorf("%s holds %q: %s", p.path, text, p.text)
		}
	}
	return p
}

func (p *page) all(selector string) []*html.Node {
	p.b.t.Helper()
	s, err := cascadia.ParseGroup(selector)
	if err != nil {
		p.b.t.Fatal(err)
	}
	return cascadia.QueryAll(p.root, s)
}

// textOf is the words of what a selector finds, with single blanks.
func (p *page) textOf(selector string) string {
	p.b.t.Helper()
	var words []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	for _, node := range p.all(selector) {
		walk(node)
	}
	return strings.Join(words, " ")
}

// submit sends the form with a button of these words, as the page has filled it
// in but for changes.
func (p *page) submit(button string, changes url.Values) *page {
	p.b.t.Helper()
	for _, node := range p.all("button") {
		if strings.TrimSpace(textIn(node)) != button {
			continue
		}
		form := p.formOf(node)
		action := attribute(form, "action")
		if own := attribute(node, "formaction"); own != "" {
			action = own
		}
		values := p.filledIn(form)
		if name := attribute(node, "name"); name != "" {
			values.Set(name, attribute(node, "value"))
		}
		for name, given := range changes {
			values[name] = given
		}
		if attribute(form, "method") != "post" {
			return p.b.get(action + "?" + values.Encode())
		}
		return p.b.post(action, values)
	}
	p.b.t.Fatalf("%s has no button %q: %s", p.path, button, p.text)
	return nil
}

func (p *page) hasButton(button string) bool {
	for _, node := range p.all("button") {
		if strings.TrimSpace(textIn(node)) == button {
			return true
		}
	}
	return false
}

func (p *page) formOf(button *html.Node) *html.Node {
	p.b.t.Helper()
	for n := button; n != nil; n = n.Parent {
		if n.Data == "form" {
			return n
		}
	}
	p.b.t.Fatalf("%s: a button without a form", p.path)
	return nil
}

// filledIn gives the values of a form's fields, also of those elsewhere that
// belong to it.
func (p *page) filledIn(form *html.Node) url.Values {
	values := url.Values{}
	for _, node := range p.all("input, textarea, select") {
		own := attribute(node, "form")
		if own == "" && !within(node, form) || own != "" && own != attribute(form, "id") {
			continue
		}
		name := attribute(node, "name")
		switch {
		case node.Data == "textarea":
			// A browser drops the first line break.
			values.Add(name, strings.TrimPrefix(textIn(node), "\n"))
		case node.Data == "select":
			values.Set(name, selected(node))
		case attribute(node, "type") == "checkbox":
			if has(node, "checked") {
				values.Add(name, attribute(node, "value"))
			}
		case attribute(node, "type") != "file":
			values.Add(name, attribute(node, "value"))
		}
	}
	return values
}

func selected(node *html.Node) (value string) {
	first := true
	for n := range node.Descendants() {
		if n.Data != "option" {
			continue
		}
		if first || has(n, "selected") {
			value = textIn(n)
			if has(n, "value") {
				value = attribute(n, "value")
			}
		}
		first = false
	}
	return value
}

func textIn(node *html.Node) string {
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func inside(node *html.Node, tag string) bool {
	for n := node.Parent; n != nil; n = n.Parent {
		if n.Data == tag {
			return true
		}
	}
	return false
}

func within(node, outer *html.Node) bool {
	for n := node; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}
