package store_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// clusterNode starts a Redis Cluster of one node that owns all slots. Such a
// node refuses scripts that touch keys of more than one slot.
func clusterNode(t *testing.T) (address string) {
	t.Helper()
	// A cluster's node needs ports; they are chosen by the kernel and free
	// again a moment before the node takes them.
	free := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	}
	port, socket := free(), filepath.Join(t.TempDir(), "redis.sock")
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--cluster-port", free(), "--unixsocket", socket,
		"--cluster-enabled", "yes", "--save", "", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	cli := func(args ...string) string {
		out, _ := exec.Command("redis-cli", append([]string{"-s", socket}, args...)...).CombinedOutput()
		return string(out)
	}
	waitFor(t, func() bool { return strings.HasPrefix(cli("PING"), "PONG") })
	if answer := cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383"); !strings.HasPrefix(answer, "OK") {
		t.Fatalf("ADDSLOTSRANGE: %s", answer)
	}
	waitFor(t, func() bool { return strings.Contains(cli("CLUSTER", "INFO"), "cluster_state:ok") })
	return "unix://" + socket
}

// Every script stays within one slot, so that a Redis Cluster can run it.
func TestScriptsStayInOneSlot(t *testing.T) {
	t.Parallel()
	c := newClock()
	address := clusterNode(t)
	open := func(prefix string) *store.Store {
		s, err := store.Open(store.Options{Address: address, Prefix: prefix, Now: c.now, MaxAttempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	s, s2 := open("webmon"), open("restored")
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	lease := func(job string) *store.Lease {
		t.Helper()
		l, err := s.Lease(ctx, job, "worker", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	a, b := create(t, s, newAsset("http://a/", "x", "y")), create(t, s, newAsset("http://b/"))
	a.Tags = []string{"y", "z"}
	ok(s.ReplaceAsset(ctx, a, 0))
	batch, jobs := enqueue(t, s, store.Selection{All: true})
	l := lease(jobs[0])
	_, err := s.Renew(ctx, []*store.Lease{l}, time.Minute)
	ok(err)
	ok(s.HandBack(ctx, l, 0))
	l = lease(jobs[0])
	o := outcome(l, c.now(), plugins.Changed)
	o.Result.Changed = true
	ok(s.Finish(ctx, l, o))
	r, err := s.Remembered(ctx, l.Asset.ID)
	ok(err)
	ok(s.Decide(ctx, &r, nil, &store.Decision{Action: store.Reset}))
	_, err = s.Decisions(ctx, l.Asset.ID)
	ok(err)
	_, err = s.CancelBatch(ctx, batch)
	ok(err)
	c.add(time.Minute)
	due := claim(t, s)
	if len(due) != 2 {
		t.Fatalf("%d jobs are due", len(due))
	}
	lease(due[0])
	c.add(2 * time.Minute)
	_, _, err = s.ExpireLeases(ctx, store.AllParts)
	ok(err)
	again, _, err := s.Redeliver(ctx, store.AllParts)
	slices.Sort(again)
	if ok(err); !slices.Equal(again, slices.Sorted(slices.Values([]string{l.Confirm, due[1]}))) {
		t.Errorf("pushed again: %v", again)
	}
	begin := from(t, s)
	l, err = s.LeaseAmongOthers(ctx, l.Confirm, "other", time.Minute)
	ok(err)
	ok(s.Finish(ctx, l, outcome(l, c.now(), plugins.Changed)))
	if happened := happened(t, s, begin, store.EventIncident); !slices.Equal(happened, []string{"opened"}) {
		t.Errorf("events: %v", happened)
	}
	for _, i := range incidents(t, s, store.IncidentQuery{}) {
		ok(s.AcknowledgeIncident(ctx, i.ID, "ada", ""))
		ok(s.CloseIncident(ctx, i.ID, "ada", ""))
	}
	_, err = s.Summary(ctx)
	ok(err)
	_, err = s.OldestQueued(ctx)
	ok(err)
	_, err = s.Stats(ctx, a.ID, time.Hour)
	ok(err)
	_, err = s.Assets(ctx, store.AssetQuery{Limit: 10})
	ok(err)
	kept, held := enqueue(t, s, store.Selection{All: true, Key: "once"})
	if same, n, err := s.Enqueue(ctx, store.Selection{All: true, Key: "once"}, func([]string) {}); err != nil || same != kept || n != 2 {
		t.Errorf("the same key: batch %s of %d jobs, %v", same, n, err)
	}
	l = lease(held[0])
	ok(s.Meddle(ctx, l.Asset.ID, "HSET", "jobs", l.Job, "damaged"))
	if _, mended := round(t, s.NewRescue()); mended != 2 { // the record, and the place among the leases
		t.Errorf("%d mended", mended)
	}
	l = lease(held[1])
	_, err = s.CancelBatch(ctx, kept)
	ok(err)
	_, err = s.Renew(ctx, []*store.Lease{l}, time.Minute)
	ok(err)
	c.add(store.BatchAge * 1000)
	ok(s.ForgetBatches(ctx))
	ok(s.Beat(ctx, store.Member{Role: "api", Name: "x"}))
	ok(s.DeleteAsset(ctx, b.ID, 0))
	copyAll(t, s, s2, store.RestoreOptions{Name: "test"})
	if _, err := s2.Asset(ctx, a.ID); err != nil {
		t.Error(err)
	}
	copyAll(t, s, s2, store.RestoreOptions{Name: "test", Replace: true})
}
