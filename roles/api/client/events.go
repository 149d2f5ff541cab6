package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"webmon/plugins"
)

// Event is something that happened to an asset.
type Event struct {
	ID       string          `json:"-"` // to go on after it
	At       time.Time       `json:"at"`
	Kind     string          `json:"kind"`     // verdict or incident
	Asset    string          `json:"asset"`    // id
	From     plugins.Verdict `json:"from"`     // of a verdict
	To       plugins.Verdict `json:"to"`       // or the worst of the incident so far
	Incident string          `json:"incident"` // id
	What     string          `json:"what"`     // what became of the incident: opened, worse, flapping, closed, settled or acknowledged
	Message  string          `json:"message"`  // why, in a sentence
}

// EventFilter selects events. What is set must all hold.
type EventFilter struct {
	Asset string // id
	Kind  string // verdict or incident
	After string // Event.ID of the last one that was seen; empty: begin now
}

const maxEvent = 1 << 20 // bytes of a line of the stream

// Events gives events as they come, until ctx ends or the stream breaks, which is
// the last error. Ask again with the last one's ID to go on. begun, which may be
// nil, is called when the stream has begun.
func (c *Client) Events(ctx context.Context, f EventFilter, begun func()) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		query := url.Values{}
		for name, value := range map[string]string{"asset": f.Asset, "kind": f.Kind} {
			if value != "" {
				query.Set(name, value)
			}
		}
		path := "/v1/events?" + query.Encode()
		body, err := c.open(ctx, call{method: http.MethodGet, path: path, lastEvent: f.After})
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer body.Close()
		if begun != nil {
			begun()
		}
		if err := readEvents(body, func(e Event) bool { return yield(e, nil) }); err != nil {
			yield(Event{}, fmt.Errorf("GET %s: %w", path, err))
		}
	}
}

// readEvents reads a stream of server-sent events until its end, which is
// io.ErrUnexpectedEOF, or until yield is false.
func readEvents(body io.Reader, yield func(Event) bool) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxEvent)
	id := ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			id = value
		case "data":
			e := Event{ID: id}
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				return fmt.Errorf("the answer is not what webmon's API gives: %w", err)
			}
			if !yield(e) {
				return nil
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}
