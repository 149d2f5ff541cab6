package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// Event is something that happened to an asset.
type Event struct {
	ID       string    // the [Position] after it
	At       time.Time // to the millisecond
	Kind     string    // EventVerdict or EventIncident
	Asset    string    // id
	From, To plugins.Verdict
	Incident string // its id; empty for a verdict
	What     string // what became of the incident: opened, worse, flapping, closed, settled or acknowledged
	Message  string // why, in a sentence; empty when there is nothing to say

	partition int
	at        streamID
}

// The kinds of events.
const (
	EventVerdict  = "verdict"  // the verdict of an asset is another one than before: From and To say which
	EventIncident = "incident" // something became of an incident: What says what, To is its verdict
)

// What becomes of incidents beside what there are notices of.
const EventAcknowledged = "acknowledged"

// eventsAtOnce is how many events of a partition one call reads.
const eventsAtOnce = 100

// Events gives what happened after a position, in order, and the position
// after that. When much happened it is not all: ask again from there. The first
// position is "": nothing is given then, but where to go on.
//
// About the latest thousand events of a partition are kept. Who asks too late
// gets what is left.
func (s *Store) Events(ctx context.Context, after Position) ([]Event, Position, error) {
	if after == "" {
		p, err := s.lastEvents(ctx)
		if err != nil {
			return nil, "", err
		}
		return nil, p.text(), nil
	}
	p, err := after.place()
	if err != nil {
		return nil, "", err
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, "", err
	}
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		commands[i] = c.B().Xrange().Key(s.keys.partitions[i].events).Start("(" + p[i].String()).End("+").Count(eventsAtOnce).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, "", err
	}
	var events []Event
	for i, answer := range answers {
		entries, err := answer.AsXRange()
		if err != nil {
			return nil, "", err
		}
		for _, entry := range entries {
			e, err := decodeEvent(entry)
			if err != nil {
				s.opts.Logger.Warn("an event cannot be read and is left out", "err", err)
				continue
			}
			e.partition = i
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.at.ms, b.at.ms), cmp.Compare(a.partition, b.partition), cmp.Compare(a.at.seq, b.at.seq))
	})
	position := after
	for i := range events {
		e := &events[i]
		p[e.partition] = e.at
		position = p.text()
		e.ID = string(position)
	}
	return events, position, nil
}

// lastEvents is the place after all that happened so far.
func (s *Store) lastEvents(ctx context.Context) (*place, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		commands[i] = c.B().Xrevrange().Key(s.keys.partitions[i].events).End("+").Start("-").Count(1).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	p := new(place)
	for i, answer := range answers {
		entries, err := answer.AsXRange()
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if p[i], err = parseStreamID(entry.ID); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func decodeEvent(entry rueidis.XRangeEntry) (Event, error) {
	at, err := parseStreamID(entry.ID)
	if err != nil {
		return Event{}, err
	}
	f := entry.FieldValues
	e := Event{
		at: at, At: parseMillis(f["t"]), Kind: EventVerdict, Asset: f["a"], What: f["w"], Message: f["m"],
		From: verdictOfRank(f["f"]), To: verdictOfRank(f["o"]),
	}
	if number := f["i"]; number != "" {
		e.Kind, e.Incident = EventIncident, incidentID(e.Asset, number)
	}
	if !validID(e.Asset) {
		return Event{}, fmt.Errorf("an event in Redis is damaged: %v", f)
	}
	return e, nil
}

// verdictOfRank reads a verdict as Redis holds it; empty when there is none.
func verdictOfRank(rank string) plugins.Verdict {
	if n, err := strconv.Atoi(rank); err == nil && n >= 0 && n < len(plugins.Verdicts) {
		return plugins.Verdicts[n]
	}
	return ""
}
