// Package secret knows what of an asset is a secret: by the names of headers and
// of parameters of URLs.
package secret

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
)

// Mask stands for a secret wherever assets are shown.
const Mask = "***"

// plainHeaders are the request headers whose values are no secrets. Any other
// may be one: X-Api-Key has a hundred names.
var plainHeaders = []string{
	"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cache-Control", "Content-Type", "Dnt", "From", "Host",
	"If-Modified-Since", "Origin", "Pragma", "Range", "Upgrade-Insecure-Requests", "User-Agent", "X-Requested-With",
}

// Header tells whether the values of a request header are secrets.
func Header(name string) bool {
	return !slices.Contains(plainHeaders, http.CanonicalHeaderKey(name))
}

// parameter is a parameter of a URL's query with its value.
var parameter = regexp.MustCompile(`([?&;])([^?&;=#]*)=([^&;#]*)`)

var secretParameter = regexp.MustCompile(`(?i)token|secret|passw|pwd|api[-_.]?key|access[-_.]?key|signature|credential|session|jwt|^(key|auth|authorization|sig|pass|sid)$|[-_.](key|auth|sig|pass)$`)

// Parameters calls change for the value of each parameter that holds a
// secret by its name, and gives the URL with what comes back.
func Parameters(raw string, change func(name, value string) string) string {
	return parameter.ReplaceAllStringFunc(raw, func(whole string) string {
		part := parameter.FindStringSubmatch(whole)
		name, err := url.QueryUnescape(part[2])
		if err != nil {
			name = part[2]
		}
		if part[3] == "" || !secretParameter.MatchString(name) {
			return whole
		}
		return part[1] + part[2] + "=" + change(name, part[3])
	})
}

// MaskURL hides what are secrets by their names in a URL's query.
func MaskURL(raw string) string {
	return Parameters(raw, func(string, string) string { return Mask })
}
