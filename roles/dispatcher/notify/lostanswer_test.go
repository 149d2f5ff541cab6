package notify_test

import (
	"bytes"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// The answer to a claim is lost: the notice is claimed, and whoever claimed it does not
// know. It asks again and sends it.
func TestAnswerToClaimIsLost(t *testing.T) {
	t.Parallel()
	var opts store.Options
	s, h := &system{t: t, s: storetest.Open(t, func(o *store.Options) { opts = *o }), log: &syncBuffer{}}, newHook(t, nil)
	address, err := url.Parse(opts.Address)
	if err != nil {
		t.Fatal(err)
	}
	var lost atomic.Bool
	address.Scheme, address.Host, address.Path = "redis", lossy(t, address.Path, "\r\n92000\r\n", &lost), ""
	opts.Address = address.String()
	far, err := store.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.Close)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	// The script is known to Redis before, or nothing would be claimed.
	if _, err := s.s.ClaimNotices(t.Context(), "x", "x", []store.Notice{{Incident: s.incident(a).ID, Kind: "x"}}, 0); err != nil {
		t.Fatal(err)
	}
	distant := &system{t: t, s: far, log: s.log}
	// A claim is for the timeout and 15 seconds: by that the requests are known.
	distant.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, timeout: 77s}}\nroutes: [{channels: [hook], group-wait: 0s}]\n", h.URL))
	d := s.becomes(a, "opened", "hook", store.DeliverySent)
	if !lost.Load() {
		t.Error("no answer was lost")
	}
	if got := h.all(); len(got) != 1 || d.Attempts != 1 {
		t.Errorf("%v, %+v", got, d)
	}
}

// lossy leads to a Redis and cuts the connection in place of the answer to the first
// request that has some mark.
func lossy(t *testing.T, socket, mark string, lost *atomic.Bool) (address string) {
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
			go pass(from, to, mark, lost)
		}
	}()
	return listener.Addr().String()
}

func pass(from, to net.Conn, mark string, lost *atomic.Bool) {
	defer from.Close()
	defer to.Close()
	var marked atomic.Bool
	go func() {
		defer to.Close() // which ends the other direction
		piece := make([]byte, 64<<10)
		for {
			n, err := from.Read(piece)
			if err != nil {
				return
			}
			if bytes.Contains(piece[:n], []byte(mark)) && !lost.Swap(true) {
				marked.Store(true)
			}
			if _, err := to.Write(piece[:n]); err != nil {
				return
			}
		}
	}()
	piece := make([]byte, 64<<10)
	for {
		n, err := to.Read(piece)
		if err != nil || marked.Load() {
			return
		}
		if _, err := from.Write(piece[:n]); err != nil {
			return
		}
	}
}
