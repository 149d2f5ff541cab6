package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// found stores a check with a verdict, as a plugin finds it, and gives the job that
// is to confirm it. After a slash the verdict may have a cause.
func found(t *testing.T, s *store.Store, id string, at time.Time, what plugins.Verdict) (confirm string) {
	t.Helper()
	verdict, _, _ := strings.Cut(string(what), "/")
	v := plugins.Verdict(verdict)
	l := leaseOf(t, s, id)
	o := outcome(l, at, v)
	if v != plugins.Up {
		o.Result.Reports[0].Findings = []plugins.Finding{{Severity: plugins.Warning, Code: "x", Message: "it is " + string(what), Verdict: v}}
	}
	if err := s.Finish(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
	return l.Confirm
}

// happened gives all events after a position, in short.
func happened(t *testing.T, s *store.Store, after store.Position, kind string) (short []string) {
	t.Helper()
	for {
		events, next, err := s.Events(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			return short
		}
		for _, e := range events {
			switch {
			case e.Kind != kind:
			case kind == store.EventVerdict:
				short = append(short, string(e.From)+"-"+string(e.To))
			default:
				short = append(short, e.What)
			}
		}
		after = next
	}
}

func from(t *testing.T, s *store.Store) store.Position {
	t.Helper()
	events, at, err := s.Events(t.Context(), "")
	if err != nil || len(events) != 0 {
		t.Fatalf("%v, %v", events, err)
	}
	return at
}

func incidents(t *testing.T, s *store.Store, q store.IncidentQuery) []store.Incident {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	page, err := s.Incidents(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page.Incidents
}

// short says what matters of an incident.
func short(i *store.Incident) string {
	state := "open"
	if !i.IsOpen() {
		state = i.ClosedWhy
	}
	return fmt.Sprintf("%s %s %d bad, %d flaps, %s: %s", i.Verdict, i.Severity, i.Checks, i.Flaps, state, i.Reason)
}

// TestIncidentLife is the table of docs/incidents.md: checks a minute apart, and
// what people do, against what becomes of it. The last incident is written first.
func TestIncidentLife(t *testing.T) {
	t.Parallel()
	no := false
	for _, test := range []struct {
		name      string
		alerts    store.Alerts
		steps     string
		incidents []string
		events    string
		notices   string // by incident, the oldest first; by name within one
	}{
		{name: "calm", steps: "up up up"},
		{name: "one bad check is none", steps: "up down up up up down up"},
		{name: "two of three open it", steps: "up down up down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
		{name: "two of four do not", steps: "down up up down"},
		{name: "at once", alerts: store.Alerts{Bad: 1}, steps: "down",
			incidents: []string{"down critical 1 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
		{name: "recovered", steps: "down down up up",
			incidents: []string{"down critical 2 bad, 0 flaps, recovered: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "good checks must follow each other", steps: "down down up down up",
			incidents: []string{"down critical 3 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
		{name: "the worst counts, and never less", steps: "degraded degraded down degraded",
			incidents: []string{"down critical 4 bad, 0 flaps, open: it is down"}, events: "opened worse", notices: "opened worse"},
		{name: "the worst before it opened", steps: "down degraded",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
		{name: "inconclusive is a warning", steps: "inconclusive inconclusive",
			incidents: []string{"inconclusive warning 2 bad, 0 flaps, open: it is inconclusive"}, events: "opened", notices: "opened"},
		{name: "changed is critical, and stays so", steps: "changed changed inconclusive",
			incidents: []string{"inconclusive critical 3 bad, 0 flaps, open: it is inconclusive"}, events: "opened", notices: "opened"},
		{name: "a warning that becomes critical in silence", alerts: store.Alerts{Mute: true}, steps: "degraded degraded down",
			incidents: []string{"down critical 3 bad, 0 flaps, open: it is down"}, events: "opened worse"},
		{name: "only what is said is bad", alerts: store.Alerts{On: []plugins.Verdict{plugins.Down}}, steps: "changed changed degraded degraded down changed down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
		{name: "a relapse reopens it, and it takes longer", steps: "down down up up down down up up up",
			incidents: []string{"down critical 4 bad, 1 flaps, open: it is down"}, events: "opened closed flapping", notices: "closed flapping opened"},
		{name: "a relapse has a reason of its own", steps: "down down up up down/fire down/fire",
			incidents: []string{"down critical 4 bad, 1 flaps, open: it is down/fire"}, events: "opened closed flapping", notices: "closed flapping opened"},
		{name: "a milder relapse", steps: "down down up up degraded degraded",
			incidents: []string{"down critical 4 bad, 1 flaps, open: it is down"}, events: "opened closed flapping", notices: "closed flapping opened"},
		{name: "settled", steps: "down down up up down down up up up up wait15m up",
			incidents: []string{"down critical 4 bad, 1 flaps, recovered: it is down"}, events: "opened closed flapping closed settled", notices: "closed flapping opened settled"},
		{name: "one bad check is no relapse", steps: "down down up up up down up up up",
			incidents: []string{"down critical 2 bad, 0 flaps, recovered: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "later it is a new one", steps: "down down up up wait15m up down down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down", "down critical 2 bad, 0 flaps, recovered: it is down"},
			events:    "opened closed opened", notices: "closed opened, opened"},
		{name: "later without a check between", steps: "down down up up wait15m down down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down", "down critical 2 bad, 0 flaps, recovered: it is down"},
			events:    "opened closed opened", notices: "closed opened, opened"},
		{name: "damping is bounded", alerts: store.Alerts{Bad: 1, Good: 1},
			steps:     "down up down" + ups(2) + " down" + ups(4) + " down" + ups(8) + strings.Repeat(" down"+ups(16), 2) + " down" + ups(15),
			incidents: []string{"down critical 7 bad, 6 flaps, open: it is down"}, notices: "closed flapping opened",
			events: "opened" + strings.Repeat(" closed flapping", 6)},
		{name: "muted", alerts: store.Alerts{Mute: true}, steps: "down down up up down down",
			incidents: []string{"down critical 4 bad, 1 flaps, open: it is down"}, events: "opened closed flapping"},
		{name: "told late", alerts: store.Alerts{Mute: true}, steps: "down down unmute down up up",
			incidents: []string{"down critical 3 bad, 0 flaps, recovered: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "told late, in a relapse", alerts: store.Alerts{Mute: true}, steps: "down down up up unmute down down",
			incidents: []string{"down critical 4 bad, 1 flaps, open: it is down"}, events: "opened closed flapping", notices: "opened"},
		{name: "muted meanwhile", steps: "down down mute up up",
			incidents: []string{"down critical 2 bad, 0 flaps, recovered: it is down"}, events: "opened closed", notices: "opened"},
		{name: "not told of what opened in silence", alerts: store.Alerts{Mute: true}, steps: "down down up unmute up",
			incidents: []string{"down critical 2 bad, 0 flaps, recovered: it is down"}, events: "opened closed"},
		{name: "reminders", alerts: store.Alerts{Remind: store.Duration(10 * time.Minute)}, steps: "down down wait10m down down wait25m up down",
			incidents: []string{"down critical 5 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened reminder.1 reminder.3"},
		{name: "none when somebody knows", alerts: store.Alerts{Remind: store.Duration(10 * time.Minute)}, steps: "down down ack wait30m down",
			incidents: []string{"down critical 3 bad, 0 flaps, open: it is down"}, events: "opened acknowledged", notices: "opened"},
		{name: "closed by hand", steps: "down down close up",
			incidents: []string{"down critical 2 bad, 0 flaps, closed by hand: seen: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "closed by hand, still bad", steps: "down down close down down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down", "down critical 2 bad, 0 flaps, closed by hand: seen: it is down"},
			events:    "opened closed opened", notices: "closed opened, opened"},
		{name: "closed by hand while it flaps", steps: "down down up up down down close",
			incidents: []string{"down critical 4 bad, 1 flaps, closed by hand: seen: it is down"}, events: "opened closed flapping settled", notices: "closed flapping opened settled"},
		{name: "deleted", steps: "down down delete",
			incidents: []string{"down critical 2 bad, 0 flaps, the asset was deleted: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "deleted after it flapped", steps: "down down up up down down up up up up delete",
			incidents: []string{"down critical 4 bad, 1 flaps, recovered: it is down"}, events: "opened closed flapping closed settled", notices: "closed flapping opened settled"},
		{name: "paused", steps: "down down pause down down",
			incidents: []string{"down critical 2 bad, 0 flaps, paused: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "paused between", steps: "down pause resume down up up"},
		{name: "other settings hold from the next check on", steps: "down down degraded mild degraded degraded",
			incidents: []string{"down critical 3 bad, 0 flaps, recovered: it is down"}, events: "opened closed", notices: "closed opened"},
		{name: "without confirmation", alerts: store.Alerts{Confirm: &no}, steps: "up down down",
			incidents: []string{"down critical 2 bad, 0 flaps, open: it is down"}, events: "opened", notices: "opened"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := storetest.Open(t, c.use)
			a := newAsset("http://ada:secret@a/", "x")
			a.Name, a.Alerts = "A", test.alerts
			create(t, s, a)
			begin := from(t, s)
			for step := range strings.FieldsSeq(test.steps) {
				liveThrough(t, s, c, a, step)
			}
			var got []string
			for _, i := range incidents(t, s, store.IncidentQuery{}) {
				got = append(got, short(&i))
				if i.Name != "A" || i.URL != "http://a/" || !slices.Equal(i.Tags, []string{"x"}) || i.Asset != a.ID {
					t.Errorf("%+v", i)
				}
			}
			if !slices.Equal(got, test.incidents) {
				t.Errorf("incidents:\n%q\nwant\n%q", got, test.incidents)
			}
			if got := strings.Join(happened(t, s, begin, store.EventIncident), " "); got != test.events {
				t.Errorf("events %q, want %q", got, test.events)
			}
			if got := notices(t, s, a.ID); got != test.notices {
				t.Errorf("notices %q, want %q", got, test.notices)
			}
		})
	}
}

func ups(n int) string { return strings.Repeat(" up", n) }

// liveThrough does one step of a story.
func liveThrough(t *testing.T, s *store.Store, c *clock, a *store.Asset, step string) {
	t.Helper()
	ctx := t.Context()
	var err error
	change := func(do func()) { do(); err = s.ReplaceAsset(ctx, a, 0) }
	open := func() string {
		now, err := s.Asset(ctx, a.ID)
		if err != nil || now.Status.Incident == "" {
			t.Fatalf("no incident is open: %+v, %v", now.Status, err)
		}
		return now.Status.Incident
	}
	switch step {
	case "mute", "unmute":
		change(func() { a.Alerts.Mute = step == "mute" })
	case "pause", "resume":
		change(func() { a.Enabled = step == "resume" })
	case "mild":
		change(func() { a.Alerts.On = []plugins.Verdict{plugins.Down} })
	case "delete":
		err = s.DeleteAsset(ctx, a.ID, 0)
	case "close":
		err = s.CloseIncident(ctx, open(), "ada", "seen")
	case "ack":
		err = s.AcknowledgeIncident(ctx, open(), "ada", "seen")
	default:
		if wait, is := strings.CutPrefix(step, "wait"); is {
			d, err := time.ParseDuration(wait)
			if err != nil {
				t.Fatal(err)
			}
			c.add(d)
			return
		}
		c.add(time.Minute)
		found(t, s, a.ID, c.now(), plugins.Verdict(step))
	}
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
}

// notices gives the kinds of notices of an asset's incidents, in the order in which
// these opened.
func notices(t *testing.T, s *store.Store, asset string) string {
	t.Helper()
	all, err := s.Notices(t.Context(), asset)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string][]string{}
	for _, member := range all {
		id, kind, _ := strings.Cut(member, "/")
		kinds[id] = append(kinds[id], kind)
	}
	var text []string
	for _, i := range slices.Backward(incidents(t, s, store.IncidentQuery{Asset: asset})) {
		if some := kinds[i.ID]; some != nil {
			slices.Sort(some)
			text = append(text, strings.Join(some, " "))
		}
	}
	return strings.Join(text, ", ")
}

// The first bad check of a calm asset makes one job more. It is refused to who made
// that check, but not for ever; it is no check of the schedule.
func TestConfirm(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	if job := found(t, s, a.ID, c.now(), plugins.Up); job != "" {
		t.Fatalf("a good check is to be confirmed by %s", job)
	}
	job := found(t, s, a.ID, c.now(), plugins.Down)
	if j, err := s.Job(ctx, job); err != nil || !j.Confirm || j.State != store.Queued || j.Reason != "" || j.Batch != "" {
		t.Fatalf("%+v, %v", j, err)
	}
	again, _, err := s.Redeliver(ctx, store.AllParts)
	if err != nil || !slices.Equal(again, []string{job}) {
		t.Errorf("pushed: %v, %v", again, err)
	}
	for range 5 {
		if _, err := s.LeaseAmongOthers(ctx, job, "worker", time.Minute); !errors.Is(err, store.ErrJobElsewhere) {
			t.Fatalf("who found it has the job: %v", err)
		}
		if again, _, err := s.Redeliver(ctx, store.AllParts); err != nil || !slices.Equal(again, []string{job}) {
			t.Errorf("pushed: %v, %v", again, err)
		}
	}
	l, err := s.LeaseAmongOthers(ctx, job, "worker", time.Minute)
	if err != nil {
		t.Fatalf("it is refused for ever: %v", err)
	}
	if err := s.HandBack(ctx, l, 0); err != nil {
		t.Fatal(err)
	}
	if l, err = s.LeaseAmongOthers(ctx, job, "other", time.Minute); err != nil {
		t.Fatal(err)
	}
	// The schedule goes its way meanwhile, and its check confirms it as well.
	c.add(time.Minute)
	due := claim(t, s)
	if len(due) != 1 || due[0] == job {
		t.Fatalf("due: %v", due)
	}
	scheduled, err := s.Lease(ctx, due[0], "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for i, lease := range []*store.Lease{scheduled, l} {
		if err := s.Finish(ctx, lease, outcome(lease, c.now(), plugins.Down)); err != nil || lease.Confirm != "" {
			t.Fatalf("%v, confirmed by %q", err, lease.Confirm)
		}
		if all := incidents(t, s, store.IncidentQuery{}); len(all) != 1 || all[0].Checks != int64(2+i) {
			t.Errorf("%+v", all)
		}
	}
	if got, err := s.Asset(ctx, a.ID); err != nil || got.Status.Skipped != 0 || got.Status.Failed != 0 {
		t.Errorf("%+v, %v", got.Status, err)
	}
}

// As long as a job that is to confirm waits, no second one is made.
func TestConfirmingJobsDoNotPileUp(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use, once)
	a := create(t, s, newAsset("http://a/"))
	first := found(t, s, a.ID, c.now(), plugins.Down)
	for range 3 {
		for _, v := range []plugins.Verdict{plugins.Up, plugins.Up, plugins.Up, plugins.Down} {
			if job := found(t, s, a.ID, c.now(), v); job != "" {
				t.Fatalf("%s was made beside %s", job, first)
			}
		}
	}
	// It fails; that is no check.
	if _, err := s.Lease(t.Context(), first, "worker", time.Minute); err != nil {
		t.Fatal(err)
	}
	c.add(time.Hour)
	if _, _, err := s.ExpireLeases(t.Context(), store.AllParts); err != nil {
		t.Fatal(err)
	}
	if j, err := s.Job(t.Context(), first); err != nil || j.State != store.Failed || j.Confirm || !strings.Contains(j.Reason, "no executor finished it") {
		t.Errorf("%+v, %v", j, err)
	}
	for range 3 {
		found(t, s, a.ID, c.now(), plugins.Up)
	}
	if kept := keptOf(t, s, a.ID); kept != "" {
		t.Errorf("of a calm asset this is kept: %q", kept)
	}
	if job := found(t, s, a.ID, c.now(), plugins.Down); job == "" {
		t.Error("a new suspicion is not confirmed")
	}
	if all := incidents(t, s, store.IncidentQuery{}); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// Neither when the incident is closed by hand meanwhile, or the asset paused.
func TestOneConfirmingJob(t *testing.T) {
	t.Parallel()
	for _, steps := range []string{"down close", "down pause resume", "pause resume", "up up up pause resume"} {
		c := newClock()
		s := storetest.Open(t, c.use)
		a := create(t, s, newAsset("http://a/"))
		first := found(t, s, a.ID, c.now(), plugins.Down)
		for step := range strings.FieldsSeq(steps) {
			liveThrough(t, s, c, a, step)
		}
		if job := found(t, s, a.ID, c.now(), plugins.Down); first == "" || job != "" {
			t.Errorf("%s: %s was made beside %s", steps, job, first)
		}
	}
}

// Nothing is left of what was bad.
func TestCalmAssetKeepsNothing(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	a.Alerts.Confirm = new(bool)
	if err := s.ReplaceAsset(t.Context(), a, 0); err != nil {
		t.Fatal(err)
	}
	for step := range strings.FieldsSeq("up down up up up") {
		liveThrough(t, s, c, a, step)
	}
	if kept := keptOf(t, s, a.ID); kept != "" {
		t.Errorf("after a suspicion: %q", kept)
	}
	for step := range strings.FieldsSeq("down down up up wait15m up") {
		liveThrough(t, s, c, a, step)
	}
	if kept := keptOf(t, s, a.ID); kept != "" {
		t.Errorf("after an incident: %q", kept)
	}
}

func keptOf(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	dump, err := s.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range dump {
		if strings.HasSuffix(key, ":a:"+id) {
			return value.(map[string]string)["i"]
		}
	}
	t.Fatalf("there is no asset %s", id)
	return ""
}

// What a script makes of an incident that is not there any more is nothing.
func TestDamagedIncident(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	for step := range strings.FieldsSeq("down down") {
		liveThrough(t, s, c, a, step)
	}
	id := incidents(t, s, store.IncidentQuery{})[0].ID
	for _, damage := range []string{"", "damaged", "1|2|3"} {
		if err := s.Meddle(t.Context(), a.ID, "HSET", "incidents", id, damage); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseIncident(t.Context(), id, "ada", ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("closed: %v", err)
		}
	}
	for step := range strings.FieldsSeq("down down") {
		liveThrough(t, s, c, a, step)
	}
	got, err := s.Asset(t.Context(), a.ID)
	if err != nil || got.Status.Incident == "" || got.Status.Incident == id {
		t.Errorf("%+v, %v", got.Status, err)
	}
	for _, id := range []string{"", "x", "x!1", a.ID + "!", a.ID + "!0x1", a.ID + "!01", a.ID + ".1", got.Status.Incident + "0"} {
		for what, err := range map[string]error{
			"close": s.CloseIncident(t.Context(), id, "", ""), "acknowledge": s.AcknowledgeIncident(t.Context(), id, "", ""),
			"read": func() error { _, err := s.Incident(t.Context(), id); return err }(),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s %q: %v", what, id, err)
			}
		}
	}
}

func TestHands(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	ctx := context.Background()
	a := create(t, s, newAsset("http://a/"))
	for step := range strings.FieldsSeq("down down") {
		liveThrough(t, s, c, a, step)
	}
	id := incidents(t, s, store.IncidentQuery{})[0].ID
	for _, by := range []string{"ada", "bob"} {
		c.add(time.Second)
		if err := s.AcknowledgeIncident(ctx, id, by, "a \"note\""); err != nil {
			t.Fatal(err)
		}
	}
	if i, err := s.Incident(ctx, id); err != nil || i.AcknowledgedBy != "bob" || i.AckNote != `a "note"` || !i.Acknowledged.Equal(c.now()) {
		t.Errorf("%+v, %v", i, err)
	}
	if err := s.CloseIncident(ctx, id, "cem", ""); err != nil {
		t.Fatal(err)
	}
	i, err := s.Incident(ctx, id)
	if err != nil || i.ClosedBy != "cem" || i.ClosedWhy != "closed by hand" || !i.Closed.Equal(c.now()) || i.AcknowledgedBy != "bob" {
		t.Errorf("%+v, %v", i, err)
	}
	for what, err := range map[string]error{"close": s.CloseIncident(ctx, id, "", ""), "acknowledge": s.AcknowledgeIncident(ctx, id, "", "")} {
		if !errors.Is(err, store.ErrIncidentClosed) {
			t.Errorf("%s again: %v", what, err)
		}
	}
}

// No part of an asset's secrets is in a reason: neither of one at the end of what fits,
// nor of one with white space that a sentence has no more.
func TestReasonHidesSecrets(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := newAsset("http://a/")
	a.Request.BearerToken, a.Request.Body = "geheim-0123456789", "geheim:\n\n  abcdef"
	a.Alerts.Bad = 1
	create(t, s, a)
	begin := from(t, s)
	for i, message := range []string{strings.Repeat("x", store.MaxReason-12) + " " + a.Request.BearerToken, "it says " + a.Request.Body + "!"} {
		l := leaseOf(t, s, a.ID)
		v := []plugins.Verdict{plugins.Degraded, plugins.Down}[i]
		o := outcome(l, c.now(), v)
		o.Result.Reports[0].Findings = []plugins.Finding{{Severity: plugins.Warning, Code: "x", Message: message, Verdict: v}}
		if err := s.Finish(t.Context(), l, o); err != nil {
			t.Fatal(err)
		}
		if reason := incidents(t, s, store.IncidentQuery{})[0].Reason; strings.Contains(reason, "geheim") || !strings.Contains(reason, "***") || len(reason) > store.MaxReason {
			t.Errorf("the reason is %q", reason)
		}
	}
	events, _, err := s.Events(t.Context(), begin)
	if err != nil || len(events) != 4 { // two verdicts; opened and worse
		t.Fatalf("%v, %v", events, err)
	}
	for _, e := range events {
		if strings.Contains(e.Message, "geheim") {
			t.Errorf("the event says %q", e.Message)
		}
	}
}

// One incident that cannot be read, because it is damaged or of a newer webmon, keeps
// nobody from the others.
func TestDamagedIncidentAmongOthers(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	notices := troubled(t, s, 3)
	bad, ids := notices[1].Incident, make([]string, len(notices))
	for i, n := range notices {
		ids[i] = n.Incident
	}
	asset, _, _ := strings.Cut(bad, "!")
	for _, damage := range []struct{ field, value string }{{bad, "1|2|3"}, {bad + "/about", "{"}, {bad + "/sent", "newer"}} {
		if err := s.Meddle(t.Context(), asset, "HSET", "incidents", damage.field, damage.value); err != nil {
			t.Fatal(err)
		}
		found, err := s.IncidentsOf(t.Context(), ids)
		if err != nil || len(found) != 2 || found[bad] != nil {
			t.Errorf("%v: %v, %v", damage, found, err)
		}
		if list := incidents(t, s, store.IncidentQuery{}); len(list) != 2 {
			t.Errorf("%v: listed are %+v", damage, list)
		}
		if _, err := s.Incident(t.Context(), bad); err == nil || errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%v: %v", damage, err)
		}
	}
	// There is still something to tell of it, until it is gone.
	if due := dueNotices(t, s, 0); len(due) != 3 {
		t.Errorf("due: %v", due)
	}
	if err := s.Meddle(t.Context(), asset, "HDEL", "incidents", bad); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if due := dueNotices(t, s, 0); len(due) != 2 || slices.Contains(due, notices[1]) {
			t.Errorf("due: %v", due)
		}
	}
}
