package api

import (
	"net/url"
	"slices"
	"strings"

	"webmon/plugins"
	"webmon/store"
)

// minHidden is the shortest secret that is looked for in texts: shorter ones
// are in too many words.
const minHidden = 4

// hider replaces an asset's secrets in what the plugins say of it, such as in a
// URL that was redirected to. It is nil when there are none.
func hider(a *store.Asset) *strings.Replacer {
	var secrets []string
	add := func(texts ...string) {
		for _, text := range texts {
			if len(text) >= minHidden {
				secrets = append(secrets, text)
			}
		}
	}
	secretParameters(a.URL, func(_, value string) string {
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
		if secretHeader(name) {
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
	for _, secret := range secrets {
		pairs = append(pairs, secret, mask)
	}
	return strings.NewReplacer(pairs...)
}

// hide takes an asset's secrets out of a result.
func (r *result) hide(secrets *strings.Replacer) {
	if secrets == nil {
		return
	}
	for i := range r.Reports {
		report := &r.Reports[i]
		report.Error = secrets.Replace(report.Error)
		facts := make(map[string]string, len(report.Facts))
		for name, text := range report.Facts {
			facts[name] = secrets.Replace(text)
		}
		report.Facts = facts
		for j := range report.Findings {
			report.Findings[j].hide(secrets)
		}
	}
}

func (f *Finding) hide(secrets *strings.Replacer) {
	f.Message = secrets.Replace(f.Message)
	f.Observed, f.Expected = f.Observed.hide(secrets), f.Expected.hide(secrets)
	f.Evidence = slices.Clone(f.Evidence)
	for i, text := range f.Evidence {
		f.Evidence[i] = secrets.Replace(text)
	}
}

func (v value) hide(secrets *strings.Replacer) value {
	if _, isNumber := v.Number(); isNumber || v.IsZero() {
		return v
	}
	return value{plugins.Text(secrets.Replace(v.String()))}
}
