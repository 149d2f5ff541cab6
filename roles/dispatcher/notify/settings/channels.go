package settings

import (
	"errors"
	"fmt"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/http/httpguts"
)

// What a channel has that names nothing else.
const (
	defaultTimeout = 15 * time.Second
	defaultRefresh = time.Minute
)

var defaultRate = Rate{30, time.Minute}

var name = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

func (r *reader) channels(n *yaml.Node, path string, s *Settings) error {
	return r.pairs(n, path, func(key string, n *yaml.Node, path string) error {
		if !name.MatchString(key) {
			return r.errorf(n, path, "the name of a channel has 1 to 40 of a-z, 0-9, - and _")
		}
		c := Channel{Name: key, Where: r.at(n, path), Timeout: defaultTimeout, Rate: defaultRate, Closed: true}
		if err := r.channel(n, path, &c); err != nil {
			return err
		}
		s.Channels = append(s.Channels, c)
		return nil
	})
}

func (r *reader) channel(n *yaml.Node, path string, c *Channel) error {
	var unsure string
	err := r.mapping(n, path, fields{
		"url":          r.secret(&c.Service, nil),
		"webhook":      func(n *yaml.Node, path string) error { c.Webhook = &Webhook{}; return r.webhook(n, path, c.Webhook) },
		"alertmanager": func(n *yaml.Node, path string) error { return r.alertmanager(n, path, c) },
		"timeout":      into(r, &c.Timeout, between(time.Second, 2*time.Minute)),
		"rate":         into(r, &c.Rate, rate),
		"closed":       into(r, &c.Closed, truth),
		"unsure":       into(r, &unsure, oneOf("stop", "repeat")),
	})
	if err != nil {
		return err
	}
	kinds := 0
	for _, set := range []bool{c.Service != "", c.Webhook != nil, c.Alertmanager != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return r.errorf(n, path, "give it one of url, webhook and alertmanager")
	case unsure != "" && c.Service == "":
		return r.errorf(n, path, "unsure is for channels with a url: the others recognise a message that comes twice")
	case !c.Closed && c.Alertmanager != nil:
		return r.errorf(n, path, "closed: an Alertmanager must hear when an alert is over")
	}
	c.Unsure = c.Service == "" || unsure == "repeat"
	return nil
}

func (r *reader) webhook(n *yaml.Node, path string, w *Webhook) error {
	err := r.mapping(n, path, fields{
		"url":    r.secret(&w.URL, httpURL),
		"secret": r.secret(&w.Secret, nil),
		"headers": func(n *yaml.Node, path string) error {
			w.Headers = map[string]string{}
			return r.pairs(n, path, func(key string, n *yaml.Node, path string) error {
				canonical := textproto.CanonicalMIMEHeaderKey(key)
				if _, twice := w.Headers[canonical]; twice || !httpguts.ValidHeaderFieldName(key) ||
					strings.HasPrefix(canonical, "Webmon-") || canonical == "Content-Type" || canonical == "Content-Length" || canonical == "Host" {
					return r.errorf(n, path, "it is no name of a header, one that webmon sets itself, or there a second time")
				}
				var value string
				err := r.secret(&value, checkHeader)(n, path)
				w.Headers[canonical] = value
				return err
			})
		},
	})
	if err == nil && w.URL == "" {
		err = r.errorf(n, path, "url is missing")
	}
	return err
}

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func (r *reader) alertmanager(n *yaml.Node, path string, c *Channel) error {
	a := &Alertmanager{Refresh: defaultRefresh}
	c.Alertmanager = a
	err := r.mapping(n, path, fields{
		"url":          r.secret(&a.URL, httpURL),
		"username":     r.secret(&a.Username, nil),
		"password":     r.secret(&a.Password, nil),
		"bearer-token": r.secret(&a.BearerToken, checkHeader),
		"refresh":      into(r, &a.Refresh, between(time.Second, time.Hour)),
		"labels": func(n *yaml.Node, path string) error {
			a.Labels = map[string]string{}
			return r.pairs(n, path, func(key string, n *yaml.Node, path string) error {
				if !labelName.MatchString(key) || OwnLabels[key] {
					return r.errorf(n, path, "it is no name of a label, or one that webmon sets itself")
				}
				value, err := r.text(n, path)
				a.Labels[key] = value
				return err
			})
		},
	})
	a.URL = strings.TrimSuffix(a.URL, "/")
	switch {
	case err != nil:
		return err
	case a.URL == "":
		return r.errorf(n, path, "url is missing")
	case (a.Username == "") != (a.Password == ""):
		return r.errorf(n, path, "username and password belong together")
	case a.Username != "" && a.BearerToken != "":
		return r.errorf(n, path, "give either username and password or bearer-token")
	}
	return nil
}

// OwnLabels are the labels of an alert that webmon sets itself.
var OwnLabels = map[string]bool{"alertname": true, "incident": true, "asset": true, "name": true, "url": true, "tags": true, "severity": true}

// checkHeader refuses what cannot be a header's value; it repeats nothing of it.
func checkHeader(text string) error {
	if !httpguts.ValidHeaderFieldValue(text) {
		return errors.New("it cannot be the value of a header")
	}
	return nil
}

func httpURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Fragment != "" {
		return errors.New("give http://HOST/PATH or https://HOST/PATH")
	}
	return nil
}

func baseURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("give the address under which people open webmon, such as https://webmon.example.org")
	}
	return strings.TrimRight(text, "/"), nil
}

func rate(text string) (Rate, error) {
	left, right, _ := strings.Cut(text, "/")
	count, err := strconv.Atoi(left)
	per, failure := time.ParseDuration(right)
	if err != nil || failure != nil || count < 1 || count > 10_000 || per < time.Second || per > 24*time.Hour {
		return Rate{}, errors.New("give so many messages in so much time, such as 20/1m")
	}
	return Rate{count, per}, nil
}

func oneOf(words ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		for _, word := range words {
			if text == word {
				return word, nil
			}
		}
		return "", fmt.Errorf("give one of %s", strings.Join(words, ", "))
	}
}
