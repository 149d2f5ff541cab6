package headers

import (
	"slices"
	"strings"
)

// grade is how much a Content-Security-Policy prevents, from nothing up.
type grade int

const (
	noPolicy         grade = iota
	insecureScheme         // lets active content come by plain http
	unsafeInline           // lets inline scripts, or scripts from anywhere, run
	unsafeEval             // lets text be run as code
	insecureImages         // lets images and media come by plain http
	unsafeStyles           // lets inline styles apply
	strict                 // nothing of the above
	nothingByDefault       // ...and forbids what it does not name
)

func (g grade) String() string {
	return [...]string{
		"none", "plain http allowed", "unsafe scripts allowed", "eval allowed", "plain http images allowed",
		"inline styles allowed", "strict", "strict, nothing by default",
	}[g]
}

func (g grade) points() int { return [...]int{-25, -20, -20, -10, -10, 0, 5, 10}[g] }

func (g grade) stopsScripts() bool { return g > unsafeInline }

// policy is what one or more Content-Security-Policy headers say.
type policy struct {
	grade          grade
	frameAncestors bool // other sites cannot frame the page, or only named ones
}

// readPolicy reads the policies of an answer. A browser enforces all of them,
// so the best grade counts.
func readPolicy(headers []string) policy {
	var all policy
	for _, header := range headers {
		for text := range strings.SplitSeq(header, ",") {
			directives := readDirectives(text)
			if len(directives) == 0 {
				continue
			}
			all.grade = max(all.grade, gradeOf(directives))
			if ancestors, ok := directives["frame-ancestors"]; ok && !anywhere(ancestors) {
				all.frameAncestors = true
			}
		}
	}
	return all
}

// readDirectives returns the sources of each directive in lower case. Of
// directives with the same name, the first counts.
func readDirectives(text string) map[string][]string {
	directives := make(map[string][]string)
	for directive := range strings.SplitSeq(strings.ToLower(text), ";") {
		fields := strings.Fields(directive)
		if len(fields) == 0 {
			continue
		}
		if _, twice := directives[fields[0]]; !twice {
			directives[fields[0]] = fields[1:]
		}
	}
	return directives
}

func gradeOf(directives map[string][]string) grade {
	sources := func(name string) (list []string, restricted bool) {
		if list, restricted = directives[name]; !restricted {
			list, restricted = directives["default-src"]
		}
		return list, restricted
	}
	scripts, restricted := sources("script-src")
	objects, _ := sources("object-src")
	styles, stylesRestricted := sources("style-src")
	images, _ := sources("img-src")
	media, _ := sources("media-src")
	byDefault, hasDefault := directives["default-src"]
	switch {
	case !restricted:
		return unsafeInline
	case plainHTTP(scripts) || plainHTTP(objects) || plainHTTP(styles):
		return insecureScheme
	case !guarded(scripts) && (slices.Contains(scripts, "'unsafe-inline'") || anywhere(scripts)) || anywhere(objects):
		return unsafeInline
	case slices.Contains(scripts, "'unsafe-eval'"):
		return unsafeEval
	case plainHTTP(images) || plainHTTP(media):
		return insecureImages
	case !stylesRestricted || slices.Contains(styles, "'unsafe-inline'") || anywhere(styles):
		return unsafeStyles
	case hasDefault && (len(byDefault) == 0 || slices.Contains(byDefault, "'none'")):
		return nothingByDefault
	}
	return strict
}

// guarded tells whether a nonce or a hash makes browsers pass over
// 'unsafe-inline', and 'strict-dynamic' over hosts.
func guarded(sources []string) bool {
	for _, source := range sources {
		for _, prefix := range []string{"'nonce-", "'sha256-", "'sha384-", "'sha512-"} {
			if strings.HasPrefix(source, prefix) {
				return !anywhere(sources) || slices.Contains(sources, "'strict-dynamic'")
			}
		}
	}
	return false
}

// anywhere tells whether the sources leave anybody a way in.
func anywhere(sources []string) bool {
	for _, source := range sources {
		switch source {
		case "*", "http:", "https:", "data:", "blob:":
			return true
		}
	}
	return false
}

func plainHTTP(sources []string) bool {
	return slices.ContainsFunc(sources, func(source string) bool { return strings.HasPrefix(source, "http://") })
}
