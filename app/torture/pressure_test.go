package torture

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"webmon/app/apptest"
)

var jobs = flag.Int("jobs", 3000, "how many jobs TestBackPressure asks for at once, at most 100,000")

// Many jobs at once while no executor is there, then one that is slow, then all: no
// process collects them in its memory, and in the end each is done once.
func TestBackPressure(t *testing.T) {
	t.Parallel()
	binary, err := apptest.Build(t.TempDir(), *race)
	if err != nil {
		t.Fatal(err)
	}
	s := startSystem(t, binary)
	l := &load{sys: s, caller: http.Client{Timeout: 2 * time.Minute}}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for _, p := range s.executor {
		must("stop an executor", p.stop())
	}
	must("import", l.importAssets(*jobs, site(t, new(atomic.Bool))))
	watched := map[string]*slot{"api": s.api, "dispatcher": s.dispatcher[0]}
	before := measure(watched)
	grown := func(when string) {
		t.Helper()
		// The ids alone of 100,000 jobs take 5 MB in the API and in the dispatcher.
		const most = 64 << 10
		for name, now := range measure(watched) {
			was := before[name]
			t.Logf("%s: %s uses %d MB, %d MB before", when, name, now.kilobytes>>10, was.kilobytes>>10)
			if !*race && now.kilobytes > was.kilobytes+most {
				t.Errorf("%s: %s has grown from %d to %d kB", when, name, was.kilobytes, now.kilobytes)
			}
		}
	}

	began := time.Now()
	var made struct {
		Batch string
		Jobs  int
	}
	_, err = l.call("POST", "/v1/jobs", "all at once", map[string]any{"all": true}, &made)
	must("POST /v1/jobs", err)
	t.Logf("%d jobs were accepted in %v", made.Jobs, time.Since(began).Round(time.Millisecond))
	if made.Jobs != *jobs {
		t.Fatalf("%d jobs, not %d", made.Jobs, *jobs)
	}
	grown("no executor")

	slow := s.slot("slow executor", append(s.executor[0].args, "--in-flight", "4"))
	must("start a slow executor", slow.start())
	done := func(n int) error {
		var batch struct{ Counts map[string]int }
		if err := l.get("/v1/batches/"+made.Batch, &batch); err != nil {
			return err
		}
		if batch.Counts["done"] < n {
			return fmt.Errorf("%v", batch.Counts)
		}
		return nil
	}
	must("the slow executor works", patiently("some are done", func() error { return done(*jobs / 100) }))
	grown("a slow executor")
	must("stop the slow executor", slow.stop())

	began = time.Now()
	for _, p := range s.executor {
		must("start an executor", p.start())
	}
	// However long it takes, it goes on.
	for n := *jobs / 100; n < *jobs; n = min(n+*jobs/20, *jobs) {
		must("all are done", patiently("more are done", func() error { return done(n) }))
	}
	must("all are done", patiently("the last is done", func() error { return done(*jobs) }))
	t.Logf("all are done after %v more", time.Since(began).Round(time.Millisecond))
	grown("all done")

	var summary struct{ Checks int }
	must("read the summary", l.get("/v1/summary", &summary))
	if summary.Checks != *jobs {
		t.Errorf("%d checks for %d jobs", summary.Checks, *jobs)
	}
	for _, program := range slow.all {
		must("the slow executor", program.Close())
	}
}

// importAssets makes assets that are checked on demand only.
func (l *load) importAssets(n int, url string) error {
	var rows bytes.Buffer
	fmt.Fprintln(&rows, "url,interval")
	for i := range n {
		fmt.Fprintf(&rows, "%s/%d,0s\n", url, i)
	}
	resp, err := l.caller.Post(l.sys.api.program().Address("api")+"/v1/assets/import", "text/csv", &rows)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && !strings.Contains(string(answer), fmt.Sprintf(`"imported":%d,`, n)) {
		err = fmt.Errorf("status %d: %.300s", resp.StatusCode, answer)
	}
	return err
}
