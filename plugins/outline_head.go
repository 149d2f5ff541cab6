package plugins

import (
	"bytes"
	"strings"
)

// addLink takes a link element.
func (r *outlineReader) addLink(a *attributes) {
	o := r.outline
	if !a.has(attrHref) {
		return
	}
	rel := a.get(attrRel)
	if hasToken(rel, "stylesheet") {
		keep(&o.Stylesheets, &o.Counts.Stylesheets, func() Stylesheet {
			return Stylesheet{Href: r.keepURL(a.get(attrHref)), Integrity: len(a.get(attrIntegrity)) > 0}
		})
	}
	if o.Canonical == "" && hasToken(rel, "canonical") {
		o.Canonical = r.keepURL(a.get(attrHref))
	}
	if a.has(attrHreflang) && len(o.Hreflangs) < maxHreflangs && hasToken(rel, "alternate") {
		o.Hreflangs = append(o.Hreflangs, Hreflang{Lang: r.keepValue(a.get(attrHreflang)), Href: r.keepURL(a.get(attrHref))})
	}
}

// hasToken tells whether a word is among those in list, without regard to case.
func hasToken(list []byte, word string) bool {
	for len(list) >= len(word) {
		list = bytes.TrimLeft(list, " \t\n\f\r")
		end := bytes.IndexAny(list, " \t\n\f\r")
		if end < 0 {
			end = len(list)
		}
		if end == len(word) && bytes.EqualFold(list[:end], []byte(word)) {
			return true
		}
		list = list[end:]
	}
	return false
}

// addMeta takes a meta element.
func (r *outlineReader) addMeta(a *attributes, noscript bool) {
	o := r.outline
	if a.has(attrCharset) && o.Charset == "" {
		o.Charset = strings.ToLower(r.keepValue(a.get(attrCharset)))
	}
	if a.has(attrHTTPEquiv) {
		r.addPragma(a, noscript)
	}
	name := a.get(attrName)
	if name == nil {
		name = a.get(attrProperty)
	}
	var field *string
	switch name = bytes.TrimSpace(name); {
	case bytes.EqualFold(name, []byte("description")):
		field = &o.Description
	case bytes.EqualFold(name, []byte("generator")):
		field = &o.Generator
	case bytes.EqualFold(name, []byte("viewport")):
		field = &o.Viewport
	case bytes.EqualFold(name, []byte("referrer")):
		field = &o.Referrer
	case bytes.EqualFold(name, []byte("og:title")), bytes.EqualFold(a.get(attrProperty), []byte("og:title")):
		field = &o.OGTitle
	case bytes.EqualFold(name, []byte("robots")):
		r.addRobots(a)
	}
	if field != nil && *field == "" {
		*field = r.keepLine(r.decode(a.get(attrContent), true))
	}
}

// addRobots takes a meta element that tells robots what to do. All of them
// count, so they are joined.
func (r *outlineReader) addRobots(a *attributes) {
	join(&r.outline.Robots, r.keepLine(r.decode(a.get(attrContent), true)), maxLine)
}

// join adds more to a list of what is parted by commas, while there is room.
func join(list *string, more string, limit int) {
	switch {
	case *list == "":
		*list = more
	case more != "" && len(*list)+len(more)+2 <= limit:
		*list += ", " + more
	}
}

// addPragma takes a meta element that stands for a header. With scripts on,
// browsers do not follow a refresh in noscript.
func (r *outlineReader) addPragma(a *attributes, noscript bool) {
	o := r.outline
	pragma, content := bytes.TrimSpace(a.get(attrHTTPEquiv)), r.decode(a.get(attrContent), true)
	switch {
	case bytes.EqualFold(pragma, []byte("refresh")) && !noscript && o.Refresh == "":
		o.Refresh = r.keepText(refreshURL(content), maxURL)
	case bytes.EqualFold(pragma, []byte("content-security-policy")) && !noscript:
		join(&o.Policy, r.keepText(content, maxURL), maxURL)
	case bytes.EqualFold(pragma, []byte("content-type")) && o.Charset == "":
		_, charset, _ := bytes.Cut(bytes.ToLower(content), []byte("charset="))
		charset, _, _ = bytes.Cut(charset, []byte(";"))
		o.Charset = r.keepText(bytes.Trim(charset, ` "'`), maxLine)
	}
}

// refreshURL returns the address in the content of a meta refresh, as in
// "5; url='/next'". What stands before it may be left out.
func refreshURL(content []byte) []byte {
	content = bytes.TrimLeft(content, " \t\n\f\r0123456789.")
	content = bytes.TrimLeft(content, " \t\n\f\r;,")
	if len(content) >= len("url") && bytes.EqualFold(content[:len("url")], []byte("url")) {
		if rest := bytes.TrimLeft(content[len("url"):], " \t\n\f\r"); len(rest) > 0 && rest[0] == '=' {
			content = bytes.TrimLeft(rest[1:], " \t\n\f\r")
		}
	}
	if len(content) > 0 && (content[0] == '"' || content[0] == '\'') {
		content, _, _ = bytes.Cut(content[1:], content[:1])
	}
	return content
}
