package executor_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"webmon/roles/executor"
	"webmon/store"
	"webmon/store/storetest"
)

// The answer to a lease is lost: the executor has the job without knowing it. It asks
// again and runs it, at once and in the first attempt.
func TestAnswerToLeaseIsLost(t *testing.T) {
	t.Parallel()
	var opts store.Options
	direct := storetest.Open(t, func(o *store.Options) { opts = *o })
	var lost atomic.Bool
	address, err := url.Parse(opts.Address)
	if err != nil {
		t.Fatal(err)
	}
	address.Scheme, address.Host, address.Path = "redis", lossy(t, address.Path, &lost), ""
	opts.Address = address.String()
	far, err := store.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.Close)
	w := newWorker(t, func(o *executor.Options) { o.Store = far })
	w.store = direct
	g := newGate(t)
	a := w.asset(g.URL)
	batch, jobs := w.enqueue(a)
	w.feed(jobs[0])
	waitUntil(t, func() bool { return g.now.Load() == 1 })
	if !lost.Load() {
		t.Error("no answer was lost")
	}
	if j, err := direct.Job(t.Context(), jobs[0]); err != nil || j.State != store.Leased || j.Attempts != 1 {
		t.Errorf("the job: %+v, %v", j, err)
	}
	close(g.open)
	if b := w.finished(batch); b.Counts[store.Done] != 1 {
		t.Errorf("batch: %+v", b)
	}
}

// lossy leads to a Redis and cuts the connection in place of the first answer that
// gives a lease.
func lossy(t *testing.T, socket string, lost *atomic.Bool) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", socket)
			if err != nil {
				from.Close()
				return
			}
			go func() {
				_, _ = io.Copy(to, from) // ends with either connection
				to.Close()
			}()
			go func() {
				defer from.Close()
				defer to.Close()
				piece := make([]byte, 64<<10)
				for {
					n, err := to.Read(piece)
					if err != nil || bytes.Contains(piece[:n], []byte("\r\nleased\r\n")) && !lost.Swap(true) {
						return
					}
					if _, err := from.Write(piece[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}
