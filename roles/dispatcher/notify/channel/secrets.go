package channel

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"webmon/roles/dispatcher/notify/settings"
)

// hider takes out of texts what is secret of a channel. Which part of a
// service's URL is a token only the service knows, so every word of it goes that
// is long enough to be one, except a host's name.
type hider struct{ words []string }

// shortest is how long a word must be to be hidden. Shorter ones would turn
// errors into stars, and are no secrets worth it.
const shortest = 5

func newHider(c *settings.Channel) *hider {
	h := &hider{}
	if c.Service != "" {
		h.url(c.Service)
	}
	if w := c.Webhook; w != nil {
		h.url(w.URL)
		h.add(w.Secret)
		for _, value := range w.Headers {
			h.add(value)
			h.add(strings.Fields(value)...) // "Bearer TOKEN"
		}
	}
	if a := c.Alertmanager; a != nil {
		h.url(a.URL)
		h.add(a.Password, a.BearerToken)
	}
	slices.SortFunc(h.words, func(a, b string) int { return len(b) - len(a) }) // the longest first
	return h
}

func (h *hider) add(words ...string) {
	for _, word := range words {
		if len(word) >= shortest {
			h.words = append(h.words, word)
		}
	}
}

func (h *hider) url(text string) {
	h.add(text)
	u, err := url.Parse(text)
	if err != nil {
		return
	}
	password, _ := u.User.Password()
	h.add(password)
	query, _ := url.QueryUnescape(u.RawQuery)
	parts := []string{u.User.Username(), password, u.Path, u.RawPath, u.RawQuery, query, u.Fragment}
	if host := u.Hostname(); !strings.Contains(host, ".") && host != "localhost" {
		parts = append(parts, u.Host) // a token in the place of a host
	}
	for _, part := range parts {
		h.add(strings.FieldsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
		})...)
		h.add(strings.Split(part, "/")...)
	}
}

var anyURL = regexp.MustCompile(`([a-z][a-z0-9+.-]*://)[^\s"]+`)

// hide is a text without secrets, and without control characters and the end of
// what is very long.
func (h *hider) hide(text string) string {
	text = anyURL.ReplaceAllStringFunc(text, func(found string) string {
		scheme, rest, _ := strings.Cut(found, "://")
		host := rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			host = rest[:end]
		}
		host = host[strings.LastIndex(host, "@")+1:]
		return scheme + "://" + host + "/***"
	})
	for _, word := range h.words {
		text = strings.ReplaceAll(text, word, "***")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	const most = 300
	if len(text) > most {
		text = text[:most]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
		text += "…"
	}
	return text
}

// withoutSecrets is a channel whose errors are only text without secrets.
type withoutSecrets struct {
	Channel
	hide *hider
}

func (c *withoutSecrets) Send(ctx context.Context, m *Message) error {
	return c.hide.error(c.Channel.Send(ctx, m))
}

type refresherWithoutSecrets struct {
	withoutSecrets
	refresher Refresher
}

func (c *refresherWithoutSecrets) Every() time.Duration { return c.refresher.Every() }

func (c *refresherWithoutSecrets) Refresh(ctx context.Context, open []Incident) error {
	return c.hide.error(c.refresher.Refresh(ctx, open))
}

// hidden is an error that keeps nothing of the one that it was.
type hidden struct {
	text   string
	unsure bool
}

func (e *hidden) Error() string        { return e.text }
func (e *hidden) Is(target error) bool { return e.unsure && target == ErrUnsure }

func (h *hider) error(err error) error {
	if err == nil {
		return nil
	}
	return &hidden{h.hide(err.Error()), errors.Is(err, ErrUnsure)}
}
