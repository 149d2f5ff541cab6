package api

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"webmon/store"
	"webmon/store/secret"
	"webmon/store/token"
)

// mask stands for a secret in answers. Sent back it means: keep what is stored.
const mask = secret.Mask

// Secrets lets an admin see what is masked for all others.
type Secrets struct {
	Shown bool `query:"secrets" doc:"Show passwords and the like instead of ***; needs the scope admin."`
}

// allowed checks that the caller may see secrets, when they are asked for.
func (q Secrets) allowed(ctx context.Context) error {
	if who := callerOf(ctx); q.Shown && !who.scope.Includes(token.Admin) {
		return lacksScope(who, token.Admin)
	}
	return nil
}

// view is an asset as this caller sees it.
func (q Secrets) view(a asset) asset {
	if q.Shown {
		return a
	}
	return masked(a)
}

// masked is an asset without its secrets. The asset itself stays as it is.
func masked(shown asset) asset {
	a := shown.clone()
	a.URL = secret.MaskURL(a.URL)
	hide := func(secret *string) {
		if *secret != "" {
			*secret = mask
		}
	}
	hide(&a.Request.Body)
	hide(&a.Request.BearerToken)
	if auth := a.Request.BasicAuth; auth != nil {
		hide(&auth.Password)
	}
	for name, value := range a.Request.Headers {
		if value != "" && secret.Header(name) {
			a.Request.Headers[name] = mask
		}
	}
	return *a
}

// restore puts what is stored in the place of masks, so that what was read can
// be edited and sent back. stored is nil when there is nothing. kept tells
// whether there was any.
func (r *refusals) restore(a *asset, stored *store.Asset) (kept bool) {
	take := func(field, value, was string) string {
		if value != mask {
			return value
		}
		if was == "" {
			r.add(field, nil, mask+" stands for a secret that is stored already, and there is none: give the secret itself")
			return ""
		}
		kept = true
		return was
	}
	if stored == nil {
		stored = &store.Asset{}
	}
	was := stored.Request
	a.URL = restoreURL(a.URL, stored.URL, func(value, was string) string { return take("url", value, was) })
	a.Request.Body = take("request.body", a.Request.Body, was.Body)
	a.Request.BearerToken = take("request.bearer_token", a.Request.BearerToken, was.BearerToken)
	if auth := a.Request.BasicAuth; auth != nil {
		var before string
		if was.BasicAuth != nil {
			before = was.BasicAuth.Password
		}
		auth.Password = take("request.basic_auth.password", auth.Password, before)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Request.Headers)) {
		if !secret.Header(name) {
			continue
		}
		before := ""
		for other, value := range was.Headers {
			if strings.EqualFold(name, other) {
				before = value
			}
		}
		a.Request.Headers[name] = take("request.headers."+shorten(name), a.Request.Headers[name], before)
	}
	return kept
}

// restoreURL puts back the values of a URL's query: the first of a name in the
// place of the first, and so on.
func restoreURL(raw, stored string, take func(value, was string) string) string {
	before := map[string][]string{}
	secret.Parameters(stored, func(name, value string) string {
		before[name] = append(before[name], value)
		return value
	})
	return secret.Parameters(raw, func(name, value string) string {
		was := ""
		if len(before[name]) > 0 {
			was, before[name] = before[name][0], before[name][1:]
		}
		if unescaped, err := url.QueryUnescape(value); err == nil && unescaped == mask {
			value = mask
		}
		return take(value, was)
	})
}

// holdsMask tells whether anything in a stands for what is stored.
func (a *asset) holdsMask() bool {
	var r refusals
	r.restore(a.clone(), nil)
	return len(r) > 0
}

// clone is a copy in which secrets can be replaced.
func (a *asset) clone() *asset {
	copied := *a
	copied.Request.Headers = maps.Clone(a.Request.Headers)
	if auth := a.Request.BasicAuth; auth != nil {
		same := *auth
		copied.Request.BasicAuth = &same
	}
	return &copied
}

// sameParty tells whether a secret for one URL may go to the other, too: they
// are of one host and port, or the new one is https where the old one was http.
func sameParty(before, after string) bool {
	was, err := url.Parse(before)
	now, err2 := url.Parse(after)
	if err != nil || err2 != nil || !strings.EqualFold(was.Hostname(), now.Hostname()) {
		return false
	}
	return was.Scheme == now.Scheme && was.Port() == now.Port() ||
		was.Scheme == "http" && now.Scheme == "https" && was.Port() == "" && now.Port() == ""
}

// keepAtHome refuses to send secrets elsewhere that the caller did not give:
// else whoever may change an asset could have them sent to a host of their own.
func (r *refusals) keepAtHome(stored *store.Asset, after string) {
	if !sameParty(stored.URL, after) {
		r.add("url", nil, fmt.Sprintf("is of another host, and secrets that are stored for the old one do not go there: give them again instead of %s, or remove them with null", mask))
	}
}
