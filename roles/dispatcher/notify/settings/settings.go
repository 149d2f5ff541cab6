// Package settings reads the file that says who is told of an incident, and how:
// channels, routes to them and maintenance windows. It is strict: what it does
// not know, and a channel that nobody uses, is an error with its line.
package settings

import (
	"slices"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/maintenance"
)

// Settings are the content of an alerts file.
type Settings struct {
	BaseURL  string        // of webmon's own pages, without a slash at its end; empty: messages hold no links
	GiveUp   time.Duration // how long a message is tried to be sent
	Channels []Channel
	Routes   []Route
	Windows  []Window
}

// Channel is one way to reach people. Exactly one of Service, Webhook and
// Alertmanager is set. Most of it is secret.
type Channel struct {
	Name  string
	Where string // "alerts.yaml:7: channels.chat", for errors

	Service      string // the URL of a service of shoutrrr
	Webhook      *Webhook
	Alertmanager *Alertmanager

	Timeout time.Duration // for one message
	Rate    Rate          // most messages
	Closed  bool          // whether all-clears are sent
	// Unsure says what is done after an attempt of which nobody knows whether it
	// arrived: it is repeated when true. A webhook and an Alertmanager recognise
	// what they have seen, so theirs always are.
	Unsure bool
}

// Rate is so many messages in so much time.
type Rate struct {
	Count int
	Per   time.Duration
}

// Webhook is an address that takes signed JSON.
type Webhook struct {
	URL     string
	Secret  string // signs each request; empty: not signed
	Headers map[string]string
}

// Alertmanager is one of Prometheus.
type Alertmanager struct {
	URL                string // without /api/v2/alerts
	Username, Password string
	BearerToken        string
	Labels             map[string]string // of every alert
	Refresh            time.Duration     // how often an alert that goes on is sent again
}

// Tags is what an asset's tags must be. An empty list asks for nothing.
type Tags struct {
	All, Any, Not []string
}

// Fit tells whether an asset's tags are such.
func (t Tags) Fit(tags []string) bool {
	has := func(tag string) bool { return slices.Contains(tags, tag) }
	switch {
	case slices.ContainsFunc(t.Not, has):
		return false
	case slices.ContainsFunc(t.All, func(tag string) bool { return !has(tag) }):
		return false
	}
	return len(t.Any) == 0 || slices.ContainsFunc(t.Any, has)
}

// Route says which incidents go to which channels.
type Route struct {
	Name     string // of the file, or "route 1"
	Tags     Tags
	Severity plugins.Severity  // at least; empty or warning: any
	Verdicts []plugins.Verdict // one of these; empty: any
	Channels []string
	Continue bool // whether the routes below are asked too

	GroupWait time.Duration // how long others are waited for
	GroupAt   int           // from how many on they make one message
	Remind    time.Duration // how often, while an incident goes on; 0: never
}

// Fits tells whether a route takes an incident.
func (r *Route) Fits(tags []string, severity plugins.Severity, verdict plugins.Verdict) bool {
	return r.Tags.Fit(tags) &&
		(r.Severity != plugins.Critical || severity == plugins.Critical) &&
		(len(r.Verdicts) == 0 || slices.Contains(r.Verdicts, verdict))
}

// Window is a time of maintenance.
type Window struct {
	Name string
	All  bool // every asset
	Tags Tags // else those with such tags
	*maintenance.Window
}

// Covers tells whether the window is for an asset with these tags.
func (w *Window) Covers(tags []string) bool { return w.All || w.Tags.Fit(tags) }

// Routed is where an incident goes: a channel, and the first route that leads
// there.
type Routed struct {
	Channel *Channel
	Route   *Route
}

// Route finds the channels of an incident, in the order of the routes.
func (s *Settings) Route(tags []string, severity plugins.Severity, verdict plugins.Verdict) []Routed {
	var found []Routed
	for i := range s.Routes {
		route := &s.Routes[i]
		if !route.Fits(tags, severity, verdict) {
			continue
		}
		for _, name := range route.Channels {
			channel := s.Channel(name)
			if !slices.ContainsFunc(found, func(r Routed) bool { return r.Channel == channel }) {
				found = append(found, Routed{channel, route})
			}
		}
		if !route.Continue {
			break
		}
	}
	return found
}

// Channel finds a channel by its name, or nil.
func (s *Settings) Channel(name string) *Channel {
	i := slices.IndexFunc(s.Channels, func(c Channel) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Channels[i]
}

// Maintained finds a window that is open for an asset with these tags, and
// until when it is at least.
func (s *Settings) Maintained(tags []string, at time.Time) (window *Window, until time.Time) {
	for i := range s.Windows {
		w := &s.Windows[i]
		if !w.Covers(tags) {
			continue
		}
		if end, open := w.Open(at); open && end.After(until) {
			window, until = w, end
		}
	}
	return window, until
}
