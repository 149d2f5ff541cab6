package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"webmon/plugins"
)

// Incident is a time in which an asset was bad. There is at most one open
// incident an asset. docs/incidents.md has the table of its life.
type Incident struct {
	ID    string // "<asset id>!<number in hexadecimal>": leads to all keys, like a job's
	Asset string // id
	IncidentAbout
	Opened   time.Time
	Closed   time.Time        // zero while it is open
	Verdict  plugins.Verdict  // the worst so far
	Severity plugins.Severity // the highest so far: warning or critical
	Reason   string           // one plain sentence: what the worst check found; at most 300 bytes
	Checks   int64            // bad checks so far
	Flaps    int              // how often it closed and came back
	Muted    bool             // nobody is told
	Remind   Duration         // how often it is told again while it is open; 0: never

	Acknowledged   time.Time // zero: it was not
	AcknowledgedBy string
	AckNote        string

	ClosedWhy string // "recovered", "closed by hand: NOTE", "the asset was deleted" or "paused"
	ClosedBy  string // who closed it by hand

	Deliveries []Delivery // who was told, or is to be, in the order of the notices
}

// IncidentAbout is what the asset was when the incident opened.
type IncidentAbout struct {
	Name string   `json:"name,omitempty"`
	URL  string   `json:"url"` // without user and password, secret parameters masked
	Tags []string `json:"tags,omitempty"`
}

// IsOpen tells whether the incident is open.
func (i *Incident) IsOpen() bool { return i.Closed.IsZero() }

// The kinds of notices: what there is to tell of an incident. A reminder's kind
// is [NoticeReminder] with its number.
const (
	NoticeOpened   = "opened"
	NoticeWorse    = "worse"    // a warning became critical
	NoticeFlapping = "flapping" // it closed and came back
	NoticeClosed   = "closed"
	NoticeSettled  = "settled" // closed for good after it flapped
	NoticeReminder = "reminder."
)

// MaxReason is how many bytes the reason of an incident has at most.
const MaxReason = 300

// The reasons why something cannot be done with an incident.
var (
	ErrIncidentClosed = errors.New("the incident is closed")
)

// IncidentState is the state of an incident, to list them by.
type IncidentState string

// The states of an incident.
const (
	IncidentOpen   IncidentState = "open"
	IncidentClosed IncidentState = "closed"
)

// IncidentStates lists the states in the order in which incidents are listed.
var IncidentStates = []IncidentState{IncidentOpen, IncidentClosed}

// IncidentQuery selects a page of incidents. The filters that are set must all
// hold.
type IncidentQuery struct {
	State    IncidentState // empty: both
	Asset    string        // id
	Tag      string        // that the asset had when the incident opened
	Severity plugins.Severity
	Limit    int    // most incidents in the page; 1 or more
	Cursor   string // IncidentPage.Next of the page before; empty for the first
}

// IncidentPage is a page of incidents: the open ones, of which the one that was
// opened last comes first, then those that are closed, of which the one closed
// last comes first. Next is as in [AssetPage].
type IncidentPage struct {
	Incidents []Incident
	Next      string
}

// An incident's id is its asset's id, "!" and a number in hexadecimal, of the
// same row as those of jobs.
func splitIncidentID(id string) (asset, number string, ok bool) {
	asset, number, found := strings.Cut(id, "!")
	if !found {
		return "", "", false
	}
	_, _, ok = splitJobID(asset + "." + number)
	return asset, number, ok
}

func incidentID(asset, number string) string { return asset + "!" + number }

// openIncident is the id of the incident that the field "i" of an asset says is
// open; empty for none.
func openIncident(asset, field string) string {
	number, _, _ := strings.Cut(field, "|")
	if number, open := strings.CutPrefix(number, "+"); open {
		return incidentID(asset, number)
	}
	return ""
}

// The fields of an incident in the hash of its partition: see
// scripts/incidents.lua.
func incidentFields(id string) []string {
	return []string{id, id + "/about", id + "/reason", id + "/ack", id + "/closed", id + "/sent"}
}

// incidentHand is what somebody did with an incident, as JSON in its fields.
type incidentHand struct {
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"` // of an acknowledgement
	Why  string `json:"why,omitempty"`  // of a closing
}

// decodeIncident reads the values of incidentFields; ok is false when there is
// no such incident.
func decodeIncident(id string, f []string) (i Incident, ok bool, err error) {
	if f[0] == "" {
		return Incident{}, false, nil
	}
	damaged := func(what any) (Incident, bool, error) {
		return Incident{}, false, fmt.Errorf("incident %s: its record in Redis is damaged: %v", id, what)
	}
	parts := strings.Split(f[0], "|")
	n := make([]int64, len(parts))
	for at, part := range parts {
		if n[at], err = strconv.ParseInt(part, 10, 64); err != nil {
			return damaged(err)
		}
	}
	if len(n) != 11 || n[2] < 0 || n[2] >= int64(len(plugins.Verdicts)) {
		return damaged(f[0])
	}
	asset, _, _ := splitIncidentID(id)
	i = Incident{
		ID: id, Asset: asset, Opened: parseMillis(parts[0]), Closed: parseMillis(parts[1]), Verdict: plugins.Verdicts[n[2]],
		Severity: plugins.Warning, Checks: n[4], Flaps: int(n[5]), Muted: n[6] == 1, Remind: Duration(n[7] * int64(time.Millisecond)),
		Acknowledged: parseMillis(parts[10]), Reason: f[2],
	}
	if n[3] == 1 {
		i.Severity = plugins.Critical
	}
	if err := json.Unmarshal([]byte(f[1]), &i.IncidentAbout); err != nil {
		return damaged(err)
	}
	if i.Deliveries, err = decodeDeliveries(f[5]); err != nil {
		return damaged(err)
	}
	for at, text := range f[3:5] {
		var hand incidentHand
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), &hand); err != nil {
			return damaged(err)
		}
		if at == 0 {
			i.AcknowledgedBy, i.AckNote = hand.By, hand.Note
		} else {
			i.ClosedBy, i.ClosedWhy = hand.By, hand.Why
		}
	}
	return i, true, nil
}
