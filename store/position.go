package store

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Position says up to where the events were read, in every partition. It is
// text that clients keep and hand back; empty for "from now on".
type Position string

// ErrPosition says that a position was not made here.
var ErrPosition = errors.New("this is no position in the events: leave it out to begin with what happens from now on")

// streamID is the id of an entry of a stream of Redis; the zero value is before
// all of them.
type streamID struct{ ms, seq uint64 }

func (a streamID) before(b streamID) bool { return a.ms < b.ms || a.ms == b.ms && a.seq < b.seq }
func (a streamID) String() string         { return fmt.Sprintf("%d-%d", a.ms, a.seq) }

func parseStreamID(text string) (streamID, error) {
	ms, seq, found := strings.Cut(text, "-")
	var id streamID
	var err error
	if id.ms, err = strconv.ParseUint(ms, 10, 64); err == nil {
		id.seq, err = strconv.ParseUint(seq, 10, 64)
	}
	if err != nil || !found {
		return streamID{}, fmt.Errorf("%q is no id of an entry in a stream", text)
	}
	return id, nil
}

// place is a position, taken apart.
type place [Partitions]streamID

const (
	positionVersion = 1
	maxPosition     = 2048 // bytes of text
)

// text writes the place as base64 of: the version, the latest time in it in ms,
// and for each partition 0 for none, or 1 + how much earlier its time is and its
// number. Mostly these are small, and an HTTP header can hold it.
func (p *place) text() Position {
	var latest uint64
	for _, id := range p {
		latest = max(latest, id.ms)
	}
	b := binary.AppendUvarint([]byte{positionVersion}, latest)
	for _, id := range p {
		if id == (streamID{}) {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(binary.AppendUvarint(b, latest-id.ms+1), id.seq)
	}
	return Position(base64.RawURLEncoding.EncodeToString(b))
}

func (at Position) place() (*place, error) {
	if len(at) > maxPosition {
		return nil, ErrPosition
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(string(at))
	if err != nil || len(b) == 0 || b[0] != positionVersion {
		return nil, ErrPosition
	}
	b = b[1:]
	good := true
	next := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			good, b = false, nil
			return 0
		}
		b = b[size:]
		return n
	}
	p := new(place)
	latest := next()
	for i := range p {
		earlier := next()
		if earlier == 0 {
			continue
		}
		if earlier-1 > latest {
			return nil, ErrPosition
		}
		p[i] = streamID{latest - (earlier - 1), next()}
	}
	if !good || len(b) > 0 {
		return nil, ErrPosition
	}
	return p, nil
}

// Check fails with ErrPosition when a position was not made here.
func (at Position) Check() error {
	if at == "" {
		return nil
	}
	_, err := at.place()
	return err
}

// Includes tells whether an event comes before or at a position, which is one
// that was made here.
func (at Position) Includes(e *Event) bool {
	p, err := at.place()
	return err == nil && !p[e.partition].before(e.at)
}
