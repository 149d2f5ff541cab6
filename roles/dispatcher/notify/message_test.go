package notify

import (
	"testing"
	"time"

	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

// A Redis that came back from a snapshot may give an incident the number that another
// one had. A receiver that remembers ids must not take the alert of the one for that of
// the other.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	w := &worker{n: &Notifier{settings: &settings.Settings{}}, settings: settings.Channel{Name: "hook"}}
	first := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	for _, opened := range []time.Time{first, first.Add(time.Minute)} {
		notices := []store.Notice{notice(1, "opened"), notice(2, "opened")}
		c := current{notices: notices, incidents: map[string]*store.Incident{}}
		for _, n := range notices {
			c.incidents[n.Incident] = &store.Incident{ID: n.Incident, Opened: opened}
		}
		for range 2 { // the same at every attempt
			seen[w.message(t.Context(), notices, c).ID] = true
			seen[messageID(c.incidents[notices[0].Incident], "opened")] = true
		}
	}
	if len(seen) != 4 {
		t.Errorf("%v", seen)
	}
}
