package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Delivery is what became of a notice on its way to one channel.
type Delivery struct {
	Kind     string // of the notice
	Channel  string
	State    DeliveryState
	At       time.Time // when it came into this state
	Attempts int
	Retry    time.Time // when it is tried again; zero for not, or when it is not known
	Group    string    // the same for notices that were sent, or may have been, as one message; empty for one of its own
	Error    string    // of the last attempt; it holds no secrets
	Over     bool      // it was sent, and said that the incident was over
}

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states of a delivery, in the order in which they may follow each other.
const (
	DeliveryWaiting DeliveryState = "waiting"
	DeliverySending DeliveryState = "sending"
	DeliveryFailed  DeliveryState = "failed" // it will be tried again
	DeliverySent    DeliveryState = "sent"
	DeliveryGivenUp DeliveryState = "given up"
	DeliveryUnknown DeliveryState = "unknown" // it may have arrived, and is not sent again
)

// Final tells whether nothing will come after the state.
func (s DeliveryState) Final() bool {
	return s == DeliverySent || s == DeliveryGivenUp || s == DeliveryUnknown
}

// Delivery finds what became of a notice on its way to a channel, or gives nil.
func (i *Incident) Delivery(kind, channel string) *Delivery {
	for at := range i.Deliveries {
		if d := &i.Deliveries[at]; d.Kind == kind && d.Channel == channel {
			return d
		}
	}
	return nil
}

// decodeDeliveries reads the lines that scripts/deliveries.lua writes.
func decodeDeliveries(text string) ([]Delivery, error) {
	var list []Delivery
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 8 {
			return nil, fmt.Errorf("%q is no delivery", line)
		}
		kind, channel, _ := strings.Cut(f[0], "/")
		attempts, err := strconv.Atoi(f[3])
		if err != nil {
			return nil, fmt.Errorf("%q is no delivery", line)
		}
		d := Delivery{Kind: kind, Channel: channel, State: DeliveryState(f[1]), At: parseMillis(f[2]), Attempts: attempts, Group: f[6], Error: f[7]}
		switch d.State {
		case DeliveryFailed:
			d.Retry = parseMillis(f[4])
		case DeliverySent:
			d.Over = f[4] == "1"
		}
		list = append(list, d)
	}
	return list, nil
}

// endDeliveries makes final what was not, in the lines of a backup. Its notices are
// not in the backup, so nobody would go on with it, and what comes later would wait
// for it for ever.
func endDeliveries(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		f := strings.Split(line, "|")
		if len(f) != 8 || DeliveryState(f[1]).Final() {
			continue
		}
		state, why := DeliveryGivenUp, "a backup was restored that was made before it was sent"
		if DeliveryState(f[1]) == DeliverySending {
			state, why = DeliveryUnknown, "a backup was restored that was made while it was sent"
		}
		f[1], f[4], f[7] = string(state), "0", why
		lines[i] = strings.Join(f, "|")
	}
	return strings.Join(lines, "\n")
}

// lineText is a text that fits into a line of a delivery.
func lineText(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '|':
			return '/'
		case '\n', '\r':
			return ' '
		}
		return r
	}, text)
}

// tells are the kinds of notices after which a channel knows of an incident.
var tells = []string{NoticeOpened, NoticeWorse, NoticeFlapping}

// toldTo tells whether a channel knows of the incident by a delivery, or may.
func (d *Delivery) toldTo(channel string) bool {
	return d.Channel == channel && Tells(d.Kind) && (d.State == DeliverySent || d.State == DeliveryUnknown)
}

// ToldTo tells whether a channel knows of the incident, or may.
func (i *Incident) ToldTo(channel string) bool {
	return slices.ContainsFunc(i.Deliveries, func(d Delivery) bool { return d.toldTo(channel) })
}

// ToldWith is the group in which a channel was told of the incident first; empty
// when it was by a message of its own.
func (i *Incident) ToldWith(channel string) string {
	for _, d := range i.Deliveries {
		if d.toldTo(channel) {
			return d.Group
		}
	}
	return ""
}

// Tells tells whether a channel knows of an incident after a notice of the kind.
func Tells(kind string) bool { return slices.Contains(tells, kind) }
