// Package maintenance tells whether a maintenance window is open: one that comes
// back by a cron expression in a time zone, or one that happens once.
package maintenance

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // an image without zone files must not turn zones into errors

	"github.com/netresearch/go-cron"
)

// MaxDuration bounds a window that comes back.
const MaxDuration = 31 * 24 * time.Hour

// Window is a time in which nobody wants to be told. Make it with Recurring or
// Once.
type Window struct {
	starts      cron.Schedule // nil for one that happens once
	zone        *time.Location
	duration    time.Duration
	from, until time.Time
}

// parser reads the five fields of cron, and @daily and the like. Where both the
// day of the month and the day of the week are named, either one is enough, as
// in every crontab.
var parser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom)

// Recurring is a window that begins whenever the clock of a time zone fits a
// cron expression, and lasts so long by a stopwatch. Where that clock is put
// forward, a start within the hour that is left out is at its end; where it is
// put back, only the first of the two counts.
func Recurring(expression, zone string, duration time.Duration) (*Window, error) {
	location, err := time.LoadLocation(zone)
	switch {
	case zone == "" || zone == "Local" || err != nil:
		return nil, fmt.Errorf("%q is no time zone: give one such as Europe/Berlin or UTC", zone)
	case duration <= 0 || duration > MaxDuration:
		return nil, fmt.Errorf("the duration %v is refused: give one up to %d days", duration, MaxDuration/(24*time.Hour))
	case strings.Contains(expression, "TZ="):
		return nil, errors.New("the time zone has a key of its own: take it out of the cron expression")
	case strings.HasPrefix(expression, "@every"):
		return nil, errors.New("@every counts from when webmon starts: give the five fields minute, hour, day, month, weekday")
	}
	starts, err := parser.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("%q is no cron expression (minute, hour, day, month, weekday), such as \"30 2 * * SUN\": %w", expression, err)
	}
	if starts.Next(readClock(time.Now(), location)).IsZero() {
		return nil, fmt.Errorf("the cron expression %q never comes true", expression)
	}
	return &Window{starts: starts, zone: location, duration: duration}, nil
}

// Once is the window between two times.
func Once(from, until time.Time) (*Window, error) {
	if !until.After(from) {
		return nil, fmt.Errorf("it ends at %s, which is not after its beginning at %s", until.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	return &Window{from: from, until: until}, nil
}

// Open tells whether the window is open at a time, and until when at least.
func (w *Window) Open(at time.Time) (until time.Time, open bool) {
	if w.starts == nil {
		return w.until, !at.Before(w.from) && at.Before(w.until)
	}
	// The first start that is not over by now. Around a change of the clock the
	// readings of it run ahead or behind, by much less than a day.
	over := at.Add(-w.duration)
	for reading := w.starts.Next(readClock(over, w.zone).Add(-24 * time.Hour)); !reading.IsZero(); reading = w.starts.Next(reading) {
		start := whenClockReads(reading, w.zone)
		switch {
		case start.After(at):
			return time.Time{}, false
		case start.After(over):
			return start.Add(w.duration), true
		}
	}
	return time.Time{}, false
}
