package store

import (
	"net/url"
	"slices"
	"strings"

	"webmon/store/secret"
)

// minHidden is the shortest secret that is looked for in texts: shorter ones
// are in too many words.
const minHidden = 4

// Hider replaces the asset's secrets in what the plugins say of it, such as in a
// URL that was redirected to. It is nil when there are none.
func (a *Asset) Hider() *strings.Replacer {
	var secrets []string
	add := func(texts ...string) {
		for _, text := range texts {
			if len(text) >= minHidden {
				secrets = append(secrets, text)
			}
		}
	}
	secret.Parameters(a.URL, func(_, value string) string {
		add(value)
		if unescaped, err := url.QueryUnescape(value); err == nil {
			add(unescaped)
		}
		return value
	})
	add(a.Request.Body, a.Request.BearerToken)
	if a.Request.BasicAuth != nil {
		add(a.Request.BasicAuth.Password)
	}
	for name, value := range a.Request.Headers {
		if secret.Header(name) {
			add(value)
			if _, credentials, found := strings.Cut(value, " "); found { // Bearer X
				add(credentials)
			}
		}
	}
	if len(secrets) == 0 {
		return nil
	}
	// A long one before a short one that is its beginning.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, one := range secrets {
		pairs = append(pairs, one, secret.Mask)
	}
	return strings.NewReplacer(pairs...)
}
