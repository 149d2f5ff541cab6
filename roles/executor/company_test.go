package executor_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"webmon/plugins"
	"webmon/roles/executor"
	"webmon/store"
	"webmon/store/storetest"
)

// broken is a site that answers with an error.
func broken(t *testing.T) string {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	t.Cleanup(site.Close)
	return site.URL
}

func (w *worker) incidents() []store.Incident {
	w.t.Helper()
	page, err := w.store.Incidents(w.t.Context(), store.IncidentQuery{Limit: 10})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Incidents
}

// confirming gives the queued jobs that are to confirm.
func (w *worker) confirming() (ids []string) {
	w.t.Helper()
	page, err := w.store.Jobs(w.t.Context(), store.JobQuery{State: store.Queued, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, j := range page.Jobs {
		if j.Confirm {
			ids = append(ids, j.ID)
		}
	}
	return ids
}

// An executor that is alone confirms at once what it found: nobody pushes anything
// here.
func TestAloneConfirmsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorker(t)
	waitUntil(t, w.role.KnowsCompany)
	a := w.asset(broken(t))
	_, jobs := w.enqueue(a)
	w.feed(jobs...)
	waitUntil(t, func() bool { return len(w.incidents()) == 1 })
	if i := w.incidents()[0]; i.Asset != a.ID || i.Checks != 2 || i.Verdict != plugins.Down {
		t.Errorf("%+v", i)
	}
	if results := w.results(a.ID); len(results) != 2 || len(w.confirming()) != 0 {
		t.Errorf("%d results, to confirm: %v", len(results), w.confirming())
	}
}

// Where there are others, one of them confirms.
func TestAnotherConfirms(t *testing.T) {
	t.Parallel()
	two := newWorker(t, func(o *executor.Options) { o.Name = "two" })
	waitUntil(t, func() bool {
		members, err := two.store.Members(t.Context())
		return err == nil && len(members) == 1
	})
	one := newWorker(t, func(o *executor.Options) { o.Name, o.Store = "one", two.store })
	waitUntil(t, one.role.KnowsCompany)
	a := one.asset(broken(t))
	batch, jobs := one.enqueue(a)
	one.feed(jobs...)
	one.finished(batch)
	job := one.confirming()
	if len(job) != 1 {
		t.Fatalf("to confirm: %v", job)
	}
	one.feed(job[0], job[0], job[0]) // the third is taken when the first one was refused
	if still := one.confirming(); len(still) != 1 || len(one.incidents()) != 0 {
		t.Fatalf("to confirm: %v, incidents %v", still, one.incidents())
	}
	two.feed(job[0])
	waitUntil(t, func() bool { return len(two.incidents()) == 1 })
}

// A job that is to confirm is pushed until somebody takes it, like any other: the one who found it, when the other does not.
func TestConfirmingJobIsPushedAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	if err := s.Beat(t.Context(), store.Member{Role: "executor", Name: "killed"}); err != nil {
		t.Fatal(err)
	}
	w := newWorker(t, func(o *executor.Options) { o.Store = s })
	waitUntil(t, w.role.KnowsCompany)
	a := w.asset(broken(t))
	batch, jobs := w.enqueue(a)
	w.feed(jobs...)
	w.finished(batch)
	waitUntil(t, func() bool {
		again, _, err := w.store.Redeliver(t.Context(), store.AllParts)
		if err != nil {
			t.Fatal(err)
		}
		w.feed(again...)
		return len(w.incidents()) == 1
	})
}
