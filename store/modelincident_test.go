package store_test

import (
	"fmt"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// modelWatch is what docs/incidents.md says of an asset with the default
// settings, in memory.
type modelWatch struct {
	window  string // of the latest checks that are in no incident: "." and "x"
	good    int
	confirm string // the job that is to confirm
	open    bool
	closed  time.Time // zero: no incident that may come back
	flaps   int
	checks  int // bad ones
	settled int // incidents of the past
}

const modelDamping = 15 * time.Minute

// judge counts a check. It tells whether a job is made that is to confirm it.
func (w *modelWatch) judge(bad bool, now time.Time, waits bool) (confirm bool) {
	if !waits {
		w.confirm = ""
	}
	if !w.open && !w.closed.IsZero() && w.window == "" && now.Sub(w.closed) >= modelDamping {
		w.forget()
	}
	if w.open {
		w.good++
		if bad {
			w.good, w.checks = 0, w.checks+1
		}
		if w.good == 2<<min(w.flaps, 4) {
			w.open, w.closed, w.good = false, now, 0
		}
		return false
	}
	first := !strings.Contains(w.window, "x")
	w.window += map[bool]string{true: "x", false: "."}[bad]
	w.window = w.window[max(0, len(w.window)-3):]
	many := strings.Count(w.window, "x")
	switch {
	case many == 0:
		w.window = ""
	case bad && many == 2:
		if !w.closed.IsZero() {
			w.flaps++
		}
		w.open, w.closed, w.window, w.good, w.checks = true, time.Time{}, "", 0, w.checks+2
	case bad:
		return first && w.confirm == ""
	}
	return false
}

// forget leaves an incident to the past.
func (w *modelWatch) forget() {
	if w.open || !w.closed.IsZero() {
		w.settled++
	}
	*w = modelWatch{window: w.window, good: w.good, confirm: w.confirm, settled: w.settled}
}

// check makes some checks of one asset, from the job to the result: pages are bad,
// or good, for a while.
func (m *model) check() string {
	id := pick(m, m.assets)
	a := m.assets[id]
	for range 1 + m.random.IntN(6) {
		if a.deleted {
			return ""
		}
		if m.random.IntN(3) == 0 {
			a.bad = !a.bad
		}
		verdict := map[bool]plugins.Verdict{true: plugins.Down, false: plugins.Up}[a.bad]
		var job string
		batch, _, err := m.s.Enqueue(m.t.Context(), store.Selection{Assets: []string{id}}, func(ids []string) { job = ids[0] })
		if err != nil {
			return err.Error()
		}
		m.batches[batch] = &modelBatch{assets: []string{id}}
		l, err := m.s.Lease(m.t.Context(), job, "executor 0", modelLease)
		if err == nil {
			err = m.s.Finish(m.t.Context(), l, outcome(l, m.clock.now(), verdict))
		}
		if err != nil {
			return err.Error()
		}
		m.jobs[job] = &modelJob{asset: id, batch: batch, attempts: 1}
		m.end(job, store.Done)
		a.results++
		if wrong := m.judged(l, verdict); wrong != "" {
			return wrong
		}
		m.clock.add(time.Duration(m.random.IntN(180)) * time.Second)
	}
	return ""
}

// judged is what the model makes of a check that was stored.
func (m *model) judged(l *store.Lease, v plugins.Verdict) string {
	a := m.assets[l.Asset.ID]
	if a.deleted {
		if l.Confirm != "" {
			return "the check of a deleted asset is to be confirmed"
		}
		return ""
	}
	j := m.jobs[a.watch.confirm]
	waits := j != nil && (j.state == store.Queued || j.state == store.Leased)
	if want := a.watch.judge(v != plugins.Up, m.clock.now(), waits); want != (l.Confirm != "") {
		return fmt.Sprintf("job to confirm %q, wanted %t: %+v", l.Confirm, want, a.watch)
	}
	if l.Confirm != "" {
		if m.jobs[l.Confirm] != nil {
			return l.Confirm + " is not new"
		}
		a.watch.confirm = l.Confirm
		m.jobs[l.Confirm] = &modelJob{asset: l.Asset.ID, state: store.Queued, until: m.clock.now(), avoid: l.Executor, refusals: 5}
	}
	return ""
}

// incidents compares those of an asset with the model.
func (m *model) incidents(id string, a *modelAsset) string {
	page, err := m.s.Incidents(m.t.Context(), store.IncidentQuery{Asset: id, Limit: 1000})
	if err != nil {
		return err.Error()
	}
	want, w := a.watch.settled, a.watch
	if w.open || !w.closed.IsZero() {
		want++
	}
	if len(page.Incidents) != want {
		return fmt.Sprintf("asset %s: %d incidents, not %d: %+v", id, len(page.Incidents), want, w)
	}
	if a.deleted || want == w.settled {
		return ""
	}
	i := page.Incidents[0]
	if i.IsOpen() != w.open || !i.Closed.Equal(w.closed) || i.Flaps != w.flaps || i.Checks != int64(w.checks) {
		return fmt.Sprintf("asset %s: %+v, not %+v", id, i, w)
	}
	return ""
}
