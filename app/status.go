package app

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"webmon/roles/dispatcher"
)

// printStatus prints a dispatcher's status for people.
func printStatus(w io.Writer, s dispatcher.Status) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	state := "running"
	if s.Paused {
		state = "paused"
	}
	keys := "none"
	if s.Keys {
		keys = "needed over tcp"
	}
	line("dispatcher", "%s, %s, version %s, up %s", s.Name, state, s.Version, (time.Duration(s.Uptime) * time.Second).String())
	line("takes jobs at", "%s", s.JobsIn)
	line("hands them out at", "%s", s.JobsOut)
	line("redis", "%s", s.Redis)
	if s.Warning != "" {
		line("warning", "%s", s.Warning)
	}
	if s.Redis == "ok" {
		line("executors", "%d", s.Executors)
		line("jobs", "%d queued, %d under way", s.Queued, s.Leased)
	}
	line("ids", "%d handed on, %d wait here, %d pushed again, %d taken back", s.Stream.IDs, s.Outbox, s.Redelivered, s.Expired)
	line("bad messages", "%d", s.Stream.Bad)
	line("keys", "%s, %d peers refused", keys, s.Refused)
	if s.Snapshot != nil {
		text := s.Snapshot.State
		if !s.Snapshot.Ended.IsZero() {
			text += ", ended " + s.Snapshot.Ended.Format(time.RFC3339)
		}
		if s.Snapshot.Error != "" {
			text += ": " + s.Snapshot.Error
		}
		line("last snapshot", "%s", text)
	}
	return t.Flush()
}
