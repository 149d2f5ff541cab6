package executor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/dialguard"
	"webmon/roles/executor"
	"webmon/roles/executor/fetch"
	"webmon/store"
	"webmon/store/storetest"
)

// worker is an executor with its store and the end of the wire that feeds it.
type worker struct {
	t     *testing.T
	store *store.Store
	role  *executor.Executor
	ids   chan string
	stop  context.CancelFunc
	ended chan struct{}
}

func newWorker(t *testing.T, change ...func(*executor.Options)) *worker {
	t.Helper()
	guard, err := dialguard.New(dialguard.Options{Private: true}) // the servers of tests are on loopback
	if err != nil {
		t.Fatal(err)
	}
	fetcher, err := fetch.New(fetch.Options{UserAgent: "test", Guard: guard})
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{t: t, store: storetest.Open(t), ids: make(chan string), ended: make(chan struct{})}
	opts := executor.Options{
		Name: "worker", Store: w.store, IDs: w.ids, Plugins: builtin.Registry(), Fetcher: fetcher,
		InFlight: 16, PerHost: 4, Lease: 30 * time.Second, StopTimeout: 10 * time.Second,
	}
	for _, c := range change {
		c(&opts)
	}
	w.store = opts.Store
	e, err := executor.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	w.role = e
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	go func() {
		defer close(w.ended)
		if err := e.Run(ctx); err != nil {
			t.Errorf("the executor: %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-w.ended
		fetcher.Close()
	})
	return w
}

func (w *worker) asset(url string, change ...func(*store.Asset)) *store.Asset {
	w.t.Helper()
	a := &store.Asset{URL: url, Timeout: store.Duration(20 * time.Second), Enabled: true}
	for _, c := range change {
		c(a)
	}
	if err := w.store.CreateAsset(w.t.Context(), a); err != nil {
		w.t.Fatal(err)
	}
	return a
}

// enqueue makes a job for each asset.
func (w *worker) enqueue(assets ...*store.Asset) (batch string, jobs []string) {
	w.t.Helper()
	var ids []string
	for _, a := range assets {
		ids = append(ids, a.ID)
	}
	batch, _, err := w.store.Enqueue(w.t.Context(), store.Selection{Assets: ids}, func(ids []string) { jobs = append(jobs, ids...) })
	if err != nil {
		w.t.Fatal(err)
	}
	return batch, jobs
}

func (w *worker) feed(jobs ...string) {
	for _, id := range jobs {
		w.ids <- id
	}
}

// finished waits until no job of the batch is left.
func (w *worker) finished(batch string) store.Batch {
	w.t.Helper()
	var b store.Batch
	waitUntil(w.t, func() bool {
		var err error
		if b, err = w.store.Batch(w.t.Context(), batch); err != nil {
			w.t.Fatal(err)
		}
		return b.State != "running"
	})
	return b
}

func (w *worker) results(id string) []store.Result {
	w.t.Helper()
	page, err := w.store.Results(w.t.Context(), store.ResultQuery{Asset: id, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Results
}

func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never holds")
		}
	}
}

// gate is a site whose pages wait until the test opens them. It counts how
// many requests are under way.
type gate struct {
	*httptest.Server
	open     chan struct{}
	now, max atomic.Int32
}

func newGate(t *testing.T) *gate {
	g := &gate{open: make(chan struct{})}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := g.now.Add(1)
		defer g.now.Add(-1)
		for {
			most := g.max.Load()
			if n <= most || g.max.CompareAndSwap(most, n) {
				break
			}
		}
		select {
		case <-g.open:
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "<title>open</title>")
	}))
	t.Cleanup(g.Close)
	return g
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	if _, err := executor.New(executor.Options{}); err == nil {
		t.Error("an executor of nothing was made")
	}
}

func TestRunsJobsAndDropsTheRest(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	g := newGate(t)
	close(g.open)
	a := w.asset(g.URL)
	batch, jobs := w.enqueue(a)
	// Unknown ids, an id twice, and one that is no job id at all do no harm.
	w.feed("cv0000000000000000r0.1", "nonsense", jobs[0], jobs[0])
	if b := w.finished(batch); b.Counts[store.Done] != 1 {
		t.Errorf("batch: %+v", b)
	}
	results := w.results(a.ID)
	if len(results) != 1 || results[0].Job != jobs[0] || results[0].Verdict != plugins.Up || len(results[0].Reports) != len(builtin.Registry().Definitions()) {
		t.Errorf("results: %+v", results)
	}
}

func TestBoundsChecksInFlightAndPerHost(t *testing.T) {
	t.Parallel()
	w := newWorker(t, func(o *executor.Options) { o.InFlight, o.PerHost = 6, 4 })
	one, other := newGate(t), newGate(t)
	var assets []*store.Asset
	for i := range 5 {
		assets = append(assets, w.asset(fmt.Sprintf("%s/%d", one.URL, i)), w.asset(fmt.Sprintf("%s/%d", other.URL, i)))
	}
	batch, jobs := w.enqueue(assets...)
	go w.feed(jobs...)
	waitUntil(t, func() bool { return one.now.Load()+other.now.Load() == 6 })
	close(one.open)
	close(other.open)
	if b := w.finished(batch); b.Counts[store.Done] != 10 {
		t.Errorf("batch: %+v", b)
	}
	if one.max.Load() > 4 || other.max.Load() > 4 {
		t.Errorf("%d and %d fetches at once to one host", one.max.Load(), other.max.Load())
	}
}

// Hosts that are slow and have long queues do not keep other hosts' jobs away.
func TestSlowHostsDoNotStarveOthers(t *testing.T) {
	t.Parallel()
	w := newWorker(t, func(o *executor.Options) { o.InFlight, o.PerHost = 8, 2 })
	quick := newGate(t)
	close(quick.open)
	const hosts, jobsEach = 3, 40
	var assets []*store.Asset
	for range hosts {
		slow := newGate(t)
		defer close(slow.open)
		for i := range jobsEach {
			assets = append(assets, w.asset(fmt.Sprintf("%s/%d", slow.URL, i)))
		}
	}
	slowBatch, slowJobs := w.enqueue(assets...)
	quickBatch, quickJobs := w.enqueue(w.asset(quick.URL))
	w.feed(slowJobs...)
	w.feed(quickJobs...)
	if b := w.finished(quickBatch); b.Counts[store.Done] != 1 {
		t.Errorf("the other host's batch: %+v", b)
	}
	// The jobs that were handed back are in the queue, and none has failed.
	b, err := w.store.Batch(t.Context(), slowBatch)
	if err != nil || b.Counts[store.Queued]+b.Counts[store.Leased] != hosts*jobsEach {
		t.Errorf("the slow hosts' batch: %+v, %v", b, err)
	}
}

// A check of an asset that is changed meanwhile does not count: the job is run
// again, on the asset as it is now.
func TestChangedAssetIsCheckedAgain(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	before, after := newGate(t), newGate(t)
	close(after.open)
	a := w.asset(before.URL)
	batch, jobs := w.enqueue(a)
	w.feed(jobs[0])
	waitUntil(t, func() bool { return before.now.Load() == 1 })
	a.URL = after.URL
	if err := w.store.ReplaceAsset(t.Context(), a, 0); err != nil {
		t.Fatal(err)
	}
	close(before.open)
	waitUntil(t, func() bool {
		j, err := w.store.Job(t.Context(), jobs[0])
		return err == nil && j.State == store.Queued
	})
	w.feed(jobs[0])
	if b := w.finished(batch); b.Counts[store.Done] != 1 || len(w.results(a.ID)) != 1 || after.max.Load() != 1 {
		t.Errorf("batch %+v, %d results, %d fetches of the new page", b, len(w.results(a.ID)), after.max.Load())
	}
}

// Leases of long checks are renewed; a lease that is lost all the same ends
// its check, and the check does not count.
func TestLeases(t *testing.T) {
	t.Parallel()
	w := newWorker(t, func(o *executor.Options) { o.Lease = 300 * time.Millisecond })
	g := newGate(t)
	kept, lost := w.asset(g.URL+"/kept"), w.asset(g.URL+"/lost")
	keptBatch, keptJobs := w.enqueue(kept)
	_, lostJobs := w.enqueue(lost)
	w.feed(keptJobs[0], lostJobs[0])
	waitUntil(t, func() bool { return g.now.Load() == 2 })

	// Somebody who holds the same lease gives the second job back.
	thief := &store.Lease{Job: lostJobs[0], Executor: "worker", Attempt: 1, Asset: *lost}
	if err := w.store.HandBack(t.Context(), thief, time.Hour); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool { return g.now.Load() == 1 })

	began := time.Now()
	waitUntil(t, func() bool {
		again, _, err := w.store.ExpireLeases(t.Context(), store.AllParts)
		if err != nil || len(again) > 0 {
			t.Fatalf("a lease ran out: %v, %v", again, err)
		}
		return time.Since(began) > time.Second // more than three leases long
	})
	close(g.open)
	if b := w.finished(keptBatch); b.Counts[store.Done] != 1 {
		t.Errorf("batch: %+v", b)
	}
	if n := len(w.results(lost.ID)); n != 0 {
		t.Errorf("the check that lost its lease has %d results", n)
	}
}

// Options that this executor does not know do not end the watching.
func TestUnknownPluginOptionsAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	g := newGate(t)
	close(g.open)
	a := w.asset(g.URL, func(a *store.Asset) {
		a.Plugins = map[string]json.RawMessage{"of_tomorrow": json.RawMessage(`{"x":1}`)}
	})
	batch, jobs := w.enqueue(a)
	w.feed(jobs...)
	w.finished(batch)
	if results := w.results(a.ID); len(results) != 1 || results[0].Verdict != plugins.Up {
		t.Errorf("results: %+v", results)
	}
}

// panicky is a plugin that cannot take any page.
type panicky struct{}

func (panicky) Inspect(context.Context, *plugins.Page, []byte) (plugins.Report, error) {
	panic("no page is good enough")
}

type quiet struct{}

func (quiet) Inspect(context.Context, *plugins.Page, []byte) (plugins.Report, error) {
	return plugins.Report{Metrics: []plugins.Metric{{Name: "seen_count", Value: 1}}}, errors.Join()
}

func TestPluginThatPanicsSpoilsItsOwnReportOnly(t *testing.T) {
	t.Parallel()
	definition := func(name string, p plugins.Plugin) plugins.Definition {
		return plugins.Definition{
			Name: name, Doc: "For a test.", Metrics: []plugins.MetricDoc{{Name: "seen_count", Unit: "count", Doc: "Pages."}},
			New: func(json.RawMessage) (plugins.Plugin, error) { return p, nil },
		}
	}
	registry, err := plugins.NewRegistry(definition("bad", panicky{}), definition("good", quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorker(t, func(o *executor.Options) { o.Plugins = registry })
	g := newGate(t)
	close(g.open)
	a := w.asset(g.URL)
	batch, jobs := w.enqueue(a)
	w.feed(jobs...)
	w.finished(batch)
	results := w.results(a.ID)
	if len(results) != 1 || results[0].Reports[0].Error == "" || len(results[0].Reports[1].Metrics) != 1 || results[0].Verdict != plugins.Up {
		t.Errorf("results: %+v", results)
	}
}

// Executors start and stop any number of times and leave nothing behind.
func TestStartStop(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	close(g.open)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			w := newWorker(t)
			_, jobs := w.enqueue(w.asset(g.URL))
			go func() {
				select {
				case w.ids <- jobs[0]:
				case <-w.ended:
				}
			}()
			w.stop()
			<-w.ended
		})
	}
	all.Wait()
}
