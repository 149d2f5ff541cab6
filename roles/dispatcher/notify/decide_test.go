package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	s, err := settings.Parse("alerts.yaml", []byte(`
channels:
  a: {url: x}
  quiet: {url: x, closed: false}
  am: {alertmanager: {url: 'http://h'}}
routes:
  - {channels: [a], severity: critical, continue: true, remind: 2h}
  - {channels: [quiet], remind: 4h, continue: true}
  - {channels: [am]}
maintenance:
  - {name: w, tags: {any: [w]}, from: 2026-06-01T00:00:00Z, until: 2026-06-02T00:00:00Z}
`), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	closed := func(i *store.Incident) { i.Closed = now.Add(-time.Minute) }
	to := func(kind, channel string, state store.DeliveryState, ago time.Duration) func(*store.Incident) {
		return func(i *store.Incident) {
			i.Deliveries = append(i.Deliveries, store.Delivery{Kind: kind, Channel: channel, State: state, At: now.Add(-ago)})
		}
	}
	saidOver := func(i *store.Incident) {
		for at := range i.Deliveries {
			i.Deliveries[at].Over = true
		}
	}
	flapped := func(i *store.Incident) { i.Flaps = 1 }
	tagged := func(i *store.Incident) { i.Tags = []string{"w"} }
	for _, tt := range []struct {
		name, kind string
		change     []func(*store.Incident)
		want       string
	}{
		{"opened", "opened", nil, "a quiet am, then reminder.1 in 2h0m0s"},
		{"only a warning", "opened", []func(*store.Incident){func(i *store.Incident) { i.Severity = plugins.Warning }}, "quiet am, then reminder.1 in 4h0m0s"},
		{"the asset reminds", "opened", []func(*store.Incident){func(i *store.Incident) { i.Remind = 1 }}, "a quiet am"},
		{"written down before", "opened", []func(*store.Incident){to("opened", "a", "waiting", 0), to("worse", "quiet", "failed", 0), to("opened", "am", "given up", 0)}, ", then reminder.1 in 2h0m0s"},
		{"written down before others were to hear", "opened", []func(*store.Incident){to("opened", "quiet", "sent", time.Hour), to("closed", "am", "given up", 0)}, "a am, then reminder.1 in 2h0m0s"},
		{"told as worse before others were to hear", "opened", []func(*store.Incident){to("worse", "a", "sent", time.Hour)}, "quiet am, then reminder.1 in 2h0m0s"},
		{"others are to hear after the maintenance", "opened", []func(*store.Incident){tagged, to("opened", "quiet", "sent", time.Hour)}, "wait"},
		{"maintenance, all have heard", "opened", []func(*store.Incident){tagged, to("opened", "quiet", "sent", 0), to("opened", "a", "waiting", 0), to("opened", "am", "sent", 0)}, ", then reminder.1 in 2h0m0s"},
		{"written down before, acknowledged", "opened", []func(*store.Incident){to("opened", "a", "waiting", 0), to("opened", "quiet", "sent", 0), to("opened", "am", "sent", 0), func(i *store.Incident) { i.Acknowledged = now }}, ""},
		{"muted", "opened", []func(*store.Incident){func(i *store.Incident) { i.Muted = true }}, ""},
		{"over before it was told", "opened", []func(*store.Incident){closed}, ""},
		{"maintenance", "opened", []func(*store.Incident){tagged}, "wait"},
		{"maintenance, over", "opened", []func(*store.Incident){tagged, closed}, ""},
		{"all-clear in maintenance", "closed", []func(*store.Incident){tagged, closed, to("opened", "a", "sent", time.Hour)}, "wait"},
		{"worse", "worse", []func(*store.Incident){to("opened", "quiet", "sent", time.Hour), to("opened", "am", "waiting", 0)}, "a quiet, then reminder.1 in 2h0m0s"},
		{"worse while it is being told", "worse", []func(*store.Incident){to("opened", "quiet", "sending", 0), to("opened", "a", "failed", 0), to("reminder.1", "am", "waiting", 0)}, "quiet am, then reminder.2 in 2h0m0s"},
		{"worse after reminders", "worse", []func(*store.Incident){to("opened", "quiet", "sent", time.Hour), to("reminder.9", "quiet", "sent", time.Hour), to("reminder.10", "quiet", "sent", 0)}, "a quiet am, then reminder.11 in 2h0m0s"},
		{"flapping", "flapping", nil, "a quiet am, then reminder.1 in 2h0m0s"},
		{"flapping again", "flapping", []func(*store.Incident){to("flapping", "a", "sent", time.Hour), to("reminder.1", "a", "sent", time.Hour)}, ", then reminder.2 in 2h0m0s"},
		{"opened, but another notice of it waits", "opened", []func(*store.Incident){to("flapping", "a", "waiting", 0)}, "quiet am, then reminder.1 in 2h0m0s"},
		{"closed", "closed", []func(*store.Incident){closed, to("opened", "a", "sent", time.Hour), to("opened", "quiet", "sent", time.Hour), to("opened", "am", "unknown", time.Hour)}, "a am"},
		{"settled, told twice", "settled", []func(*store.Incident){closed, to("opened", "a", "sent", time.Hour), to("flapping", "a", "sent", time.Hour)}, "a"},
		{"still being told", "closed", []func(*store.Incident){closed, to("opened", "a", "sent", time.Hour), to("worse", "a", "failed", time.Hour), to("opened", "am", "sent", time.Hour)}, "a am"},
		{"never told", "closed", []func(*store.Incident){closed, to("opened", "a", "given up", time.Hour)}, ""},
		{"told when it was over", "closed", []func(*store.Incident){closed, to("opened", "a", "sent", 0), to("opened", "am", "sent", 0), saidOver}, "am"},
		{"told before it was over, but slowly", "closed", []func(*store.Incident){closed, to("opened", "a", "sent", 0)}, "a"},
		{"a channel that is gone", "closed", []func(*store.Incident){closed, to("opened", "gone", "sent", time.Hour)}, ""},
		{"closed, but it came back", "closed", []func(*store.Incident){to("opened", "a", "sent", time.Hour)}, ""},
		{"closed again after it came back", "closed", []func(*store.Incident){closed, flapped, to("opened", "a", "sent", time.Hour)}, ""},
		{"settled after it came back", "settled", []func(*store.Incident){closed, flapped, to("opened", "a", "sent", time.Hour)}, "a"},
		{"flapping, still being told", "flapping", []func(*store.Incident){to("opened", "a", "failed", time.Hour)}, "quiet am, then reminder.1 in 2h0m0s"},
		{"reminder, still being told", "reminder.3", []func(*store.Incident){to("opened", "a", "failed", time.Hour)}, "quiet, then reminder.4 in 2h0m0s"},
		{"reminder, the one before waits", "reminder.3", []func(*store.Incident){to("reminder.2", "quiet", "waiting", time.Hour)}, "a, then reminder.4 in 2h0m0s"},
		{"reminder, nobody to remind now", "reminder.3", []func(*store.Incident){to("opened", "a", "sending", 0), to("reminder.2", "quiet", "failed", 0)}, ", then reminder.4 in 2h0m0s"},
		{"reminder", "reminder.3", nil, "a quiet, then reminder.4 in 2h0m0s"},
		{"reminder of the asset", "reminder.3", []func(*store.Incident){func(i *store.Incident) { i.Remind = 1 }}, "a quiet"},
		{"acknowledged", "reminder.3", []func(*store.Incident){func(i *store.Incident) { i.Acknowledged = now }}, ""},
		{"reminder, over", "reminder.3", []func(*store.Incident){closed}, ""},
	} {
		i := &store.Incident{ID: "x!1", Opened: now.Add(-2 * time.Hour), Verdict: plugins.Down, Severity: plugins.Critical}
		for _, change := range tt.change {
			change(i)
		}
		d := decide(s, i, tt.kind, now)
		got := strings.Join(d.channels, " ")
		if d.wait {
			got += "wait"
		}
		if d.reminder != "" {
			got += fmt.Sprintf(", then %s in %v", d.reminder, d.after)
		}
		if got != tt.want {
			t.Errorf("%s: %q, not %q", tt.name, got, tt.want)
		}
	}
}
