package notify

import (
	"context"
	"time"
)

// EachLeads makes a notifier send whatever others do.
func EachLeads(n *Notifier) {
	n.pace.hold = func(context.Context, time.Duration) (bool, error) { return true, nil }
}

// HurryRetries makes it try again at once.
func HurryRetries(n *Notifier) {
	n.pace.pause = func(int) time.Duration { return time.Millisecond }
}

// HurryReminders makes reminders come so soon, whatever the file says.
func HurryReminders(every time.Duration) func(*Notifier) {
	return func(n *Notifier) { n.pace.remind = func(time.Duration) time.Duration { return every } }
}

// HurryStop leaves what is under way little time when it is to stop.
func HurryStop(n *Notifier) { n.pace.grace = time.Millisecond }
