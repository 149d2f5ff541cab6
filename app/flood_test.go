package app_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// A flood costs no memory: what strangers send is not kept, and neither are
// their connections.
func TestFloodCostsNoMemory(t *testing.T) {
	t.Parallel()
	g := startGuarded(t)
	before := g.memory("VmRSS")
	for range 2 {
		flood(t, g)
	}
	const most = 96 << 10
	if peak := g.memory("VmHWM"); peak > before+most {
		t.Errorf("%d MiB became %d MiB", before>>10, peak>>10)
	}
	if s := g.status(t); s.text("bad messages") != "0" {
		t.Errorf("something came through: %s", s)
	}
}

// memory reads a figure of the program's memory, in KiB.
func (p *program) memory(name string) int {
	p.t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), name+":")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		p.t.Fatal(err)
	}
	return kib
}

// flood does to each door what a stranger can.
func flood(t *testing.T, g *guarded) {
	t.Helper()
	greeting := append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0}, "CURVE"+strings.Repeat("\x00", 47)...)
	endless := append(greeting, 6, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff) // a command of 2 GiB
	noise := []byte(strings.Repeat("\xff\x13garbage", 1<<20))
	server, err := keys.ReadPublic(filepath.Join(g.folder, "executor", "dispatcher.pub"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	public, secret := stranger.Public(), string(stranger.Secret())
	var strangers sync.WaitGroup
	for _, door := range []string{g.jobsIn, g.jobsOut, g.control} {
		for i := range 60 {
			conn, err := net.Dial("tcp", strings.TrimPrefix(door, "tcp://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			strangers.Go(func() {
				_ = conn.SetDeadline(time.Now().Add(patience))
				switch i % 3 {
				case 0: // says nothing
				case 1:
					_, _ = conn.Write(noise)
				case 2:
					_, _ = conn.Write(endless)
					_, _ = conn.Write(noise)
				}
				if i%3 != 0 {
					_, _ = io.Copy(io.Discard, conn)
				}
			})
		}
		for range 5 { // well-made handshakes with a key that is not allowed
			sock := strange(t, zmq4.DEALER, "inproc://nowhere")
			err := errors.Join(sock.SetCurveServerkey(string(server[:])), sock.SetCurvePublickey(string(public[:])), sock.SetCurveSecretkey(secret),
				sock.Connect(door))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	strangers.Wait()
}
