package storetest

import (
	"bytes"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"webmon/store"
)

// Lossy opens the store of opts over a link that is cut once: in place of the first
// answer that has some mark, or of the answer to the first request that has it. lost
// tells whether it was. The server must listen on a unix socket, as those of [Open] do.
func Lossy(t testing.TB, opts store.Options, mark string) (s *store.Store, lost *atomic.Bool) {
	t.Helper()
	address, err := url.Parse(opts.Address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	lost = new(atomic.Bool)
	socket := address.Path
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
			go pass(from, to, []byte(mark), lost)
		}
	}()
	address.Scheme, address.Host, address.Path = "redis", listener.Addr().String(), ""
	opts.Address = address.String()
	if s, err = store.Open(opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, lost
}

// pass passes on what one side says to the other, until either ends or the answer is
// due that is to be lost.
func pass(from, to net.Conn, mark []byte, lost *atomic.Bool) {
	defer from.Close()
	defer to.Close()
	var asked atomic.Bool // for what is to be lost
	go func() {
		defer to.Close() // which ends the other direction
		copyUntil(to, from, func(request []byte) bool {
			if bytes.Contains(request, mark) && !lost.Swap(true) {
				asked.Store(true)
			}
			return false
		})
	}()
	copyUntil(from, to, func(answer []byte) bool {
		return asked.Load() || bytes.Contains(answer, mark) && !lost.Swap(true)
	})
}

// copyUntil copies until an error, or a piece that ends it and is not copied.
func copyUntil(to, from net.Conn, ends func(piece []byte) bool) {
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if err != nil || ends(piece[:n]) {
			return
		}
		if _, err := to.Write(piece[:n]); err != nil {
			return
		}
	}
}
