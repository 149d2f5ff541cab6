package headers

import (
	"slices"
	"strings"
)

// strength is how much a Content-Security-Policy prevents, from nothing up.
type strength int

const (
	noPolicy         strength = iota
	invalidPolicy             // browsers ignore parts of it
	unsafeInline              // lets inline scripts, or scripts from anywhere, run
	insecureScheme            // lets active content come by plain http
	unsafeEval                // lets text be run as code
	insecureImages            // lets images and media come by plain http
	unsafeStyles              // lets inline styles, or styles from anywhere, apply
	strict                    // nothing of the above
	nothingByDefault          // ...and forbids what it does not name
)

var strengths = [...]struct {
	name   string
	points int
}{
	noPolicy: {"none", -25}, invalidPolicy: {"invalid", -25}, unsafeInline: {"unsafe scripts allowed", -20},
	insecureScheme: {"plain http allowed", -20}, unsafeEval: {"eval allowed", -10}, insecureImages: {"plain http images allowed", -10},
	unsafeStyles: {"inline styles allowed", 0}, strict: {"strict", 5}, nothingByDefault: {"strict, nothing by default", 10},
}

func (s strength) stopsScripts() bool { return s > insecureScheme }

// policy is what one or more Content-Security-Policy headers say.
type policy struct {
	strength       strength
	frameAncestors bool // other sites cannot frame the page, or only named ones
}

// readPolicy reads the policies of an answer, from its headers and its meta
// elements. A browser enforces all of them, so the best counts. Secure says
// that the page came by https.
func readPolicy(headers []string, meta string, secure bool) policy {
	var all policy
	for _, header := range headers {
		for text := range strings.SplitSeq(header, ",") {
			directives, ok := readDirectives(text)
			all.strength = max(all.strength, strengthOf(directives, ok, secure))
			if ancestors, named := directives["frame-ancestors"]; named && !containsAny(ancestors, anywhere) {
				all.frameAncestors = true
			}
		}
	}
	for text := range strings.SplitSeq(meta, ",") {
		directives, ok := readDirectives(text)
		for _, name := range []string{"frame-ancestors", "report-uri", "sandbox"} {
			delete(directives, name) // do not count in a meta element
		}
		all.strength = max(all.strength, strengthOf(directives, ok, secure))
	}
	return all
}

// readDirectives returns the sources of each directive in lower case. Of
// directives with the same name the first counts, and the policy is not ok.
func readDirectives(text string) (directives map[string][]string, ok bool) {
	directives, ok = make(map[string][]string), true
	for directive := range strings.SplitSeq(strings.ToLower(text), ";") {
		fields := strings.Fields(directive)
		if len(fields) == 0 {
			continue
		}
		name, sources := fields[0], fields[1:]
		if _, twice := directives[name]; twice {
			ok = ok && strings.HasPrefix(name, "report-")
			continue
		}
		if len(sources) == 0 && strings.HasSuffix(name, "-src") {
			sources = []string{"'none'"}
		}
		directives[name] = sources
	}
	return directives, ok
}

var (
	anywhere = []string{"*", "http:", "https:", "ftp:", "http://*", "http://*.*", "https://*", "https://*.*"}
	inline   = []string{"'unsafe-inline'", "data:"}
)

func strengthOf(directives map[string][]string, ok, secure bool) strength {
	if len(directives) == 0 {
		return noPolicy
	}
	sources := func(name string) []string {
		for _, name := range []string{name, "default-src"} {
			if list, named := directives[name]; named {
				return list
			}
		}
		return []string{"*"}
	}
	scripts, styles, objects := trusted(sources("script-src")), sources("style-src"), sources("object-src")
	if pinned(styles) {
		styles = without(styles, "'unsafe-inline'")
	}
	active := slices.Clone(scripts)
	for name, list := range directives {
		if name != "script-src" && name != "img-src" && name != "media-src" {
			active = append(active, list...)
		}
	}
	var passive []string
	for _, name := range []string{"img-src", "media-src"} {
		passive = append(passive, sources(name)...)
	}
	byDefault := directives["default-src"]
	switch {
	case !ok, slices.Contains(scripts, "'strict-dynamic'") && !pinned(scripts):
		return invalidPolicy
	case containsAny(scripts, anywhere) || containsAny(scripts, inline) || containsAny(objects, anywhere):
		return unsafeInline
	case secure && slices.ContainsFunc(active, isPlain):
		return insecureScheme
	case slices.Contains(scripts, "'unsafe-eval'") || slices.Contains(styles, "'unsafe-eval'"):
		return unsafeEval
	case secure && slices.ContainsFunc(passive, isPlain):
		return insecureImages
	case containsAny(styles, anywhere) || containsAny(styles, inline):
		return unsafeStyles
	case slices.Equal(byDefault, []string{"'none'"}):
		return nothingByDefault
	}
	return strict
}

// trusted returns the sources of scripts that browsers heed: with a nonce or a
// hash they pass over 'unsafe-inline', and with 'strict-dynamic' over hosts.
func trusted(sources []string) []string {
	if !pinned(sources) {
		return sources
	}
	if !slices.Contains(sources, "'strict-dynamic'") {
		return without(sources, "'unsafe-inline'")
	}
	return slices.DeleteFunc(slices.Clone(sources), func(source string) bool {
		return source == "'self'" || source == "'unsafe-inline'" || strings.HasPrefix(source, "*") ||
			strings.HasPrefix(source, "http:") || strings.HasPrefix(source, "https:") || strings.HasPrefix(source, "ftp:")
	})
}

// pinned tells whether there is a nonce or a hash.
func pinned(sources []string) bool {
	return slices.ContainsFunc(sources, func(source string) bool {
		return strings.HasPrefix(source, "'nonce-") || strings.HasPrefix(source, "'sha256-") ||
			strings.HasPrefix(source, "'sha384-") || strings.HasPrefix(source, "'sha512-")
	})
}

func without(sources []string, source string) []string {
	return slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return s == source })
}

func containsAny(sources, wanted []string) bool {
	return slices.ContainsFunc(sources, func(source string) bool { return slices.Contains(wanted, source) })
}

func isPlain(source string) bool {
	return strings.HasPrefix(source, "http:") || strings.HasPrefix(source, "ftp:")
}
