package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// What the actors do. Each gives what is wrong, empty when nothing is.

func (m *model) wait() string {
	m.clock.add(time.Duration(m.random.IntN(25_000)) * time.Millisecond)
	return ""
}

func (m *model) create() string {
	a := newAsset("http://a/")
	if m.random.IntN(2) == 0 {
		a.Interval = 0
	}
	create(m.t, m.s, a)
	got, err := m.s.Asset(m.t.Context(), a.ID)
	if err != nil {
		return err.Error()
	}
	m.assets[a.ID] = &modelAsset{asset: a, due: got.Status.Next}
	return ""
}

func (m *model) change() string {
	a := m.assets[pick(m, m.assets)]
	if a.deleted {
		return ""
	}
	a.asset.Name += "x"
	return say(m.s.ReplaceAsset(m.t.Context(), a.asset, 0))
}

func (m *model) delete() string {
	id := pick(m, m.assets)
	a := m.assets[id]
	if a.deleted {
		return ""
	}
	a.deleted, a.due, a.pending = true, time.Time{}, ""
	a.watch.forget()
	return say(m.s.DeleteAsset(m.t.Context(), id, 0))
}

func (m *model) enqueue() string {
	b := &modelBatch{key: fmt.Sprint("key ", len(m.batches))}
	for _, id := range slices.Sorted(maps.Keys(m.assets)) {
		if !m.assets[id].deleted && m.random.IntN(3) == 0 {
			b.assets = append(b.assets, id)
		}
	}
	if b.assets == nil {
		return ""
	}
	var pushed []string
	id, n, err := m.s.Enqueue(m.t.Context(), store.Selection{Assets: b.assets, Key: b.key}, func(ids []string) { pushed = append(pushed, ids...) })
	if err != nil || n != len(b.assets) || len(pushed) != n {
		return fmt.Sprintf("%d jobs, %d pushed, for %d assets: %v", n, len(pushed), len(b.assets), err)
	}
	m.batches[id] = b
	for _, job := range pushed {
		if m.jobs[job] != nil {
			return job + " is not new"
		}
		m.jobs[job] = &modelJob{asset: assetOf(job), batch: id, state: store.Queued, pushes: 1, until: m.clock.now().Add(modelRedeliver)}
	}
	return ""
}

func (m *model) enqueueAgain() string {
	id := pick(m, m.batches)
	b := m.batches[id]
	if b == nil || b.key == "" {
		return ""
	}
	again, n, err := m.s.Enqueue(m.t.Context(), store.Selection{Assets: b.assets, Key: b.key}, func(ids []string) {
		if len(ids) > 0 {
			m.t.Errorf("made again: %v", ids)
		}
	})
	if err != nil || again != id || n != len(b.assets) {
		return fmt.Sprintf("batch %s with %d jobs, not %s with %d: %v", again, n, id, len(b.assets), err)
	}
	return ""
}

func (m *model) claim() string {
	jobs, _, err := m.s.ClaimDue(m.t.Context(), store.AllParts)
	if err != nil {
		return err.Error()
	}
	now, made := m.clock.now(), map[string]bool{}
	for _, job := range jobs {
		made[assetOf(job)] = true
		m.jobs[job] = &modelJob{asset: assetOf(job), state: store.Queued, pushes: 1, until: now.Add(modelRedeliver)}
	}
	for id, a := range m.assets {
		isDue := !a.due.IsZero() && !a.due.After(now)
		if want := isDue && a.pending == ""; made[id] != want {
			return fmt.Sprintf("asset %s: claimed %t, not %t; due %v, pending %q", id, made[id], want, a.due, a.pending)
		}
		if !isDue {
			continue
		}
		missed := int64(now.Sub(a.due) / time.Minute)
		a.due = a.due.Add(time.Duration(missed+1) * time.Minute)
		if a.skipped += missed; a.pending != "" {
			a.skipped++
		}
	}
	for _, job := range jobs {
		m.assets[assetOf(job)].pending = job
	}
	return ""
}

func (m *model) lease() string            { return m.leaseWith(m.s.Lease, false, false) }
func (m *model) leaseAgain() string       { return m.leaseWith(m.s.LeaseAgain, true, false) }
func (m *model) leaseAmongOthers() string { return m.leaseWith(m.s.LeaseAmongOthers, false, true) }

func (m *model) leaseWith(call leaseCall, again, others bool) string {
	// Mostly one that is not over.
	id := pick(m, m.jobs)
	for range 5 {
		if j := m.jobs[id]; j == nil || j.state == store.Queued {
			break
		}
		id = pick(m, m.jobs)
	}
	if id == "" {
		return ""
	}
	j, executor := m.jobs[id], fmt.Sprint("executor ", m.random.IntN(2))
	mine := again && j.state == store.Leased && j.executor == executor
	var want error
	switch {
	case j.state == store.Leased && !mine:
		want = store.ErrJobTaken
	case j.state != store.Queued && j.state != store.Leased:
		want = store.ErrJobGone
	case m.assets[j.asset].deleted:
		want = store.ErrAssetDeleted
		m.end(id, store.Failed)
	case others && j.avoid == executor && j.refusals > 0:
		want = store.ErrJobElsewhere
		j.refusals, j.until = j.refusals-1, m.clock.now()
	}
	l, err := call(m.t.Context(), id, executor, modelLease)
	if !errors.Is(err, want) || err != nil && want == nil {
		return fmt.Sprintf("%s of %+v: %v, not %v", id, *j, err, want)
	}
	if want != nil {
		return ""
	}
	if !mine {
		j.attempts++
	}
	j.state, j.executor, j.until = store.Leased, executor, m.clock.now().Add(modelLease)
	m.leases = append(m.leases, l)
	if l.Attempt != j.attempts {
		return fmt.Sprintf("%s: attempt %d, not %d", id, l.Attempt, j.attempts)
	}
	return ""
}

// holds tells whether a lease is still one.
func (m *model) holds(l *store.Lease) bool {
	j := m.jobs[l.Job]
	return j.state == store.Leased && j.executor == l.Executor && j.attempts == l.Attempt
}

func (m *model) renew() string {
	l := m.pickLease()
	if l == nil {
		return ""
	}
	if b := m.batches[m.jobs[l.Job].batch]; b != nil && b.cancelled && m.holds(l) {
		m.end(l.Job, store.Cancelled)
	}
	lost, err := m.s.Renew(m.t.Context(), []*store.Lease{l}, modelLease)
	if err != nil || (len(lost) == 0) != m.holds(l) {
		return fmt.Sprintf("%s: lost %v, %v", l.Job, lost, err)
	}
	if m.holds(l) {
		m.jobs[l.Job].until = m.clock.now().Add(modelLease)
	}
	return ""
}

func (m *model) finish() string {
	l := m.pickLease()
	if l == nil {
		return ""
	}
	a, want := m.assets[l.Asset.ID], error(nil)
	switch {
	case !m.holds(l):
		want = store.ErrLeaseLost
	case !a.deleted && a.asset.Revision != l.Asset.Revision:
		want = store.ErrAssetChanged
	}
	verdict := plugins.Up
	if m.random.IntN(5) < 2 {
		verdict = plugins.Down
	}
	err := m.s.Finish(m.t.Context(), l, outcome(l, m.clock.now(), verdict))
	if !errors.Is(err, want) || err != nil && want == nil {
		return fmt.Sprintf("%s: %v, not %v", l.Job, err, want)
	}
	if want == nil {
		m.end(l.Job, store.Done)
		if !a.deleted {
			a.results++
		}
		return m.judged(l, verdict)
	}
	return ""
}

func (m *model) handBack() string {
	l := m.pickLease()
	if l == nil {
		return ""
	}
	delay := time.Duration(m.random.IntN(5)) * time.Second
	if m.holds(l) {
		j := m.jobs[l.Job]
		j.attempts, j.pushes = j.attempts-1, 0
		m.requeue(l.Job, delay)
	}
	return say(m.s.HandBack(m.t.Context(), l, delay))
}

func (m *model) expire() string {
	var want []string
	for id, j := range m.jobs {
		switch {
		case j.state != store.Leased || j.until.After(m.clock.now()):
		case j.attempts >= modelAttempts:
			m.end(id, store.Failed)
		case m.requeue(id, modelRedeliver):
			want = append(want, id)
		}
	}
	got, _, err := m.s.ExpireLeases(m.t.Context(), store.AllParts)
	return same(got, want, err)
}

func (m *model) redeliver() string {
	var want []string
	now := m.clock.now()
	for id, j := range m.jobs {
		if j.state == store.Queued && !j.until.After(now) {
			j.until = now.Add(modelRedeliver << min(j.pushes, 6))
			j.pushes++
			want = append(want, id)
		}
	}
	got, _, err := m.s.Redeliver(m.t.Context(), store.AllParts)
	return same(got, want, err)
}

func (m *model) cancel() string {
	id := pick(m, m.batches)
	if id == "" {
		return ""
	}
	running := false
	for _, j := range m.jobs {
		running = running || j.batch == id && (j.state == store.Queued || j.state == store.Leased)
	}
	if running {
		m.batches[id].cancelled = true
		for job, j := range m.jobs {
			if j.batch == id && j.state == store.Queued {
				m.end(job, store.Cancelled)
			}
		}
	}
	_, err := m.s.CancelBatch(m.t.Context(), id)
	return say(err)
}
