package browser

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/plugins/builtin"
	"webmon/roles/dialguard"
	"webmon/roles/executor/fetch"
	"webmon/store"
)

// past has the town been watched for days before the test begins: every check
// is a real one, and only the clock of the store is wound. It gives the id of
// the library.
func (s *town) past(t testing.TB, redis string) (library string) {
	t.Helper()
	const interval = 30 * time.Minute
	ctx := t.Context()
	end := time.Now()
	now := end.Add(-8 * 24 * time.Hour)
	st, err := store.Open(store.Options{Address: redis, Prefix: "webmon", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	var watched []*store.Asset
	for _, a := range append(s.assets(), asset{Name: "Town library", URL: s.URL + "/library", Tags: []string{"town", "public"}}) {
		options := map[string]json.RawMessage{}
		for name, option := range a.Plugins {
			if options[name], err = json.Marshal(option); err != nil {
				t.Fatal(err)
			}
		}
		every := interval
		if strings.HasSuffix(a.URL, "/reports") {
			every = 4 * time.Hour // each check of it takes long
		}
		watched = append(watched, &store.Asset{
			Name: a.Name, URL: a.URL, Tags: a.Tags, Plugins: options, Enabled: true,
			Interval: store.Duration(every), Timeout: store.Duration(store.DefaultTimeout),
		})
	}
	if err := errors.Join(st.CreateAssets(ctx, watched)...); err != nil {
		t.Fatal(err)
	}
	guard, err := dialguard.New(dialguard.Options{Private: true})
	if err != nil {
		t.Fatal(err)
	}
	fetcher, err := fetch.New(fetch.Options{UserAgent: "webmon", Guard: guard, PerHost: len(watched)})
	if err != nil {
		t.Fatal(err)
	}
	// What the test sees later is like what was before it.
	defer func() { s.mood.Store(&mood{usual.fails, moodOf(end, end).takes}) }()
	for ; now.Before(end); now = now.Add(interval / 3) {
		s.mood.Store(moodOf(now, end))
		jobs, _, err := st.ClaimDue(ctx, store.AllParts)
		if err != nil {
			t.Fatal(err)
		}
		failures := make([]error, len(jobs))
		var checks sync.WaitGroup
		for i, job := range jobs {
			checks.Go(func() { failures[i] = check(ctx, st, fetcher, job, now) })
		}
		checks.Wait()
		if err := errors.Join(failures...); err != nil {
			t.Fatal(err)
		}
	}
	return watched[len(watched)-1].ID
}

// check runs a job as an executor does, at a time.
func check(ctx context.Context, st *store.Store, fetcher *fetch.Fetcher, job string, at time.Time) error {
	lease, err := st.Lease(ctx, job, "past", time.Hour)
	if err != nil {
		return err
	}
	suite, err := builtin.Registry().Suite(lease.Asset.Plugins)
	if err != nil {
		return err
	}
	page := fetcher.Fetch(ctx, lease.Asset)
	defer fetcher.Release(page)
	page.At = at
	seen := suite.Inspect(ctx, page, lease.Memory)
	outcome := store.Outcome{
		Memory: seen.Memory,
		Result: store.Result{Job: job, At: at, Verdict: seen.Verdict, Changed: seen.Changed, Reports: seen.Reports},
	}
	if page.Err == nil {
		outcome.Seconds = page.Timing.Total.Seconds()
	}
	return st.Finish(ctx, lease, outcome)
}

// moodOf is how the town is at a time: slower by day than by night, and not all
// of it always there.
func moodOf(now, end time.Time) *mood {
	outages := map[string]struct{ ago, lasted time.Duration }{
		"/stats":   {5 * time.Hour, 6 * time.Hour},
		"/shop":    {75 * time.Hour, 3 * time.Hour},
		"/news":    {30 * time.Hour, 100 * time.Minute},
		"/library": {100 * time.Hour, 2 * time.Hour},
	}
	dice := rand.New(rand.NewPCG(uint64(now.Unix()), 1))
	day := 1 - math.Cos(2*math.Pi*float64(now.Hour()*60+now.Minute())/(24*60)) // 0 at midnight, 2 at noon
	takes := time.Duration((14 + 5*day + 4*dice.Float64()) * float64(time.Millisecond))
	return &mood{
		fails: func(path string) bool {
			o, found := outages[path]
			began := end.Add(-o.ago)
			return found && !now.Before(began) && now.Before(began.Add(o.lasted))
		},
		takes: func() time.Duration { return takes },
	}
}
