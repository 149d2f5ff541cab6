// Package channel sends messages to people and machines: by the services of
// shoutrrr, as mails, to signed webhooks and to Alertmanagers. No error of it
// tells a secret.
package channel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"webmon/plugins"
	"webmon/roles/dialguard"
	"webmon/roles/dispatcher/notify/mail"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/roles/dispatcher/notify/shout"
)

// Message is what is told at once: of one incident, or of several.
type Message struct {
	ID        string // the same at every attempt
	Kind      string // opened, worse, flapping, closed, settled, reminder or test
	At        time.Time
	Subject   string // one line
	Text      string // some lines
	Incidents []Incident
}

// Incident is what a message is about.
type Incident struct {
	ID       string           `json:"id"`
	Asset    string           `json:"asset"`
	Name     string           `json:"name,omitempty"`
	URL      string           `json:"url"` // without user and password
	Tags     []string         `json:"tags,omitempty"`
	Verdict  plugins.Verdict  `json:"verdict"`
	Severity plugins.Severity `json:"severity"`
	Reason   string           `json:"reason,omitempty"`
	Opened   time.Time        `json:"opened"`
	Closed   time.Time        `json:"closed,omitzero"`
	Why      string           `json:"closed_why,omitempty"`
	Checks   int64            `json:"bad_checks"`
	LastGood time.Time        `json:"last_good,omitzero"`
	Link     string           `json:"link,omitempty"` // of webmon's page about the asset
}

// Channel is one way to send messages. Send may be called by one goroutine at a
// time, and ends when its ctx does. An error that is ErrUnsure says that the
// message may have arrived nevertheless.
type Channel interface {
	Send(ctx context.Context, m *Message) error
}

// Refresher is a channel that must hear again and again of incidents that go on.
type Refresher interface {
	Channel
	// Every says how often.
	Every() time.Duration
	// Refresh minds the channel's timeout by itself.
	Refresh(ctx context.Context, open []Incident) error
}

// ErrUnsure is the error of a message that may have arrived.
var ErrUnsure = errors.New("it may have arrived")

// unsure is an error that is ErrUnsure and says so already.
type unsure struct{ error }

func (e *unsure) Is(target error) bool { return target == ErrUnsure }

// Options say how channels connect.
type Options struct {
	Deny []netip.Prefix // networks that are never connected to
	// Deliver runs shout.Main in a process of its own.
	Deliver []string
	Version string // webmon's
	Logger  *slog.Logger
}

// New makes a channel of its settings. It connects to nobody.
func New(c *settings.Channel, o Options) (Channel, error) {
	// People run their own mail servers and Alertmanagers, so private networks
	// are allowed; what is never let through is not either.
	guard, err := dialguard.New(dialguard.Options{Private: true, Deny: o.Deny})
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Control: guard.Control}
	made, err := build(c, o, dialer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Where, err)
	}
	hide := newHider(c)
	if refresher, ok := made.(Refresher); ok {
		return &refresherWithoutSecrets{withoutSecrets{made, hide}, refresher}, nil
	}
	return &withoutSecrets{made, hide}, nil
}

func build(c *settings.Channel, o Options, dialer *net.Dialer) (Channel, error) {
	agent := "webmon/" + o.Version
	switch {
	case c.Webhook != nil:
		return &webhook{Webhook: *c.Webhook, client: newClient(dialer), agent: agent}, nil
	case c.Alertmanager != nil:
		client := newClient(dialer)
		client.Timeout = c.Timeout // of each request: to refresh many incidents takes several
		return newAlertmanager(*c.Alertmanager, client, agent), nil
	}
	scheme, err := shout.Scheme(c.Service)
	if err == nil {
		err = shout.Check(c.Service)
	}
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	if scheme != "smtp" {
		return &service{shout.Sender{URL: c.Service, Command: o.Deliver, Private: true, Deny: o.Deny}}, nil
	}
	m, err := shout.ParseMail(c.Service)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	return &mailServer{mail.Server{
		Host: m.Host, Port: m.Port, Username: m.Username, Password: m.Password, Auth: m.Auth, From: m.From, FromName: m.FromName,
		To: m.To, Hello: m.Hello, TLS: m.TLS, Insecure: m.Insecure, Dial: dialer.DialContext,
	}, o.Logger}, nil
}

// newClient makes a client of channels that speak HTTP. It follows no redirects,
// which would take what is secret to where nobody meant it to go.
func newClient(dialer *net.Dialer) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// service is a service of shoutrrr.
type service struct{ sender shout.Sender }

func (s *service) Send(ctx context.Context, m *Message) error {
	err := s.sender.Send(ctx, m.Subject, m.Text)
	if errors.Is(err, shout.ErrUnsure) {
		return &unsure{err}
	}
	return err
}

// mailServer sends mails.
type mailServer struct {
	server mail.Server
	log    *slog.Logger
}

func (s *mailServer) Send(ctx context.Context, m *Message) error {
	refused, err := s.server.Send(ctx, mail.Mail{ID: m.ID, Subject: m.Subject, Text: m.Text, At: m.At})
	if errors.Is(err, mail.ErrUnsure) {
		return &unsure{err}
	}
	if err == nil && len(refused) > 0 && s.log != nil {
		s.log.Warn("the mail server refused some of the receivers", "refused", refused)
	}
	return err
}
