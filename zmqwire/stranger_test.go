package zmqwire

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pebbe/zmq4"
)

// These tests are what somebody tries who can reach the ports and has no key
// that is allowed. After each the house works, and nothing came through.

const intruder = "intruder" // as an id and as a command

// doors are where a stranger can knock, with the socket that fits.
func (h *house) doors() map[string]zmq4.Type {
	return map[string]zmq4.Type{h.front: zmq4.PUSH, h.back: zmq4.PULL, h.asked: zmq4.REQ}
}

func TestStrangersOfEveryMechanism(t *testing.T) {
	t.Parallel()
	stranger := newKey(t)
	public, secret := stranger.Public(), string(stranger.Secret())
	for what, set := range map[string]func(h *house, s *zmq4.Socket) error{
		"NULL": func(*house, *zmq4.Socket) error { return nil },
		"PLAIN": func(_ *house, s *zmq4.Socket) error {
			return errors.Join(s.SetPlainUsername("a"), s.SetPlainPassword("b"))
		},
		"CURVE with a key that is not allowed": func(h *house, s *zmq4.Socket) error {
			server := h.key.Public()
			return errors.Join(s.SetCurveServerkey(string(server[:])), s.SetCurvePublickey(string(public[:])), s.SetCurveSecretkey(secret))
		},
		"CURVE with another server's key": func(_ *house, s *zmq4.Socket) error {
			return errors.Join(s.SetCurveServerkey(string(public[:])), s.SetCurvePublickey(string(public[:])), s.SetCurveSecretkey(secret))
		},
		"CURVE with the public key of somebody who is allowed": func(h *house, s *zmq4.Socket) error {
			server, stolen := h.key.Public(), h.api.Public()
			return errors.Join(s.SetCurveServerkey(string(server[:])), s.SetCurvePublickey(string(stolen[:])), s.SetCurveSecretkey(secret))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			outside := newContext(t)
			for door, kind := range h.doors() {
				sock, err := outside.zmq.NewSocket(kind)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { sock.Close() })
				if err := errors.Join(sock.SetLinger(0), set(h, sock), sock.Connect(door)); err != nil {
					t.Fatal(err)
				}
				if kind != zmq4.PULL {
					_, _ = sock.Send(intruder, zmq4.DONTWAIT)
				}
				t.Cleanup(func() {
					if text, err := sock.Recv(zmq4.DONTWAIT); kind != zmq4.PUSH && err == nil {
						t.Errorf("the stranger got %q", text)
					}
				})
			}
			eventually(t, "each door was tried", func() bool { return h.RefusedPeers() >= 3 })
			h.works(t)
		})
	}
}

// greeting is the beginning of ZMTP 3.0: signature, version and mechanism.
func greeting(mechanism string) []byte {
	g := make([]byte, 64)
	g[0], g[8], g[9], g[10] = 0xff, 1, 0x7f, 3
	copy(g[12:32], mechanism)
	return g
}

// hello is a HELLO of CURVE that was sealed with no key at all.
func hello() []byte {
	body := make([]byte, 200)
	_, _ = rand.Read(body[80:])
	copy(body, "\x05HELLO\x01\x00")
	return append([]byte{4, byte(len(body))}, body...)
}

// Bytes as a stranger would write them who uses no ZeroMQ at all.
func TestStrangersWithRawBytes(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 1<<20)
	_, _ = rand.Read(noise)
	noise[0] = 0xff
	body := "\x00" + string(rune(len(intruder))) + intruder
	endless := append(greeting("CURVE"), 6, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff) // a command of 2 GiB
	for what, message := range map[string][]byte{
		"noise":                noise,
		"HTTP":                 []byte("GET /v1/assets HTTP/1.1\r\nHost: x\r\n\r\n"),
		"ZMTP 1.0":             []byte("\x01\x00" + string(rune(len(intruder)+1)) + "\x00" + intruder),
		"ZMTP 2.0":             []byte("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01\x08\x00\x00" + body),
		"NULL and a READY":     append(greeting("NULL"), "\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH"+body...),
		"no handshake":         append(greeting("CURVE"), body...),
		"a HELLO of no key":    append(greeting("CURVE"), hello()...),
		"an INITIATE at once":  append(greeting("CURVE"), "\x04\x09\x08INITIATE"...),
		"two greetings":        append(greeting("CURVE"), greeting("CURVE")...),
		"a command of 2 GiB":   append(endless, bytes.Repeat([]byte("x"), 64<<20)...),
		"64 MiB of zeros":      make([]byte, 64<<20),
		"half a HELLO, closed": append(greeting("CURVE"), hello()[:90]...),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for door := range h.doors() {
				conn, err := net.Dial("tcp", strings.TrimPrefix(door, "tcp://"))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
					t.Fatal(err)
				}
				// Whoever reads tens of megabytes of a stranger has no limit.
				if n, err := conn.Write(message); err == nil && len(message) > 32<<20 {
					t.Errorf("all of %d bytes were read", n)
				}
				if what == "half a HELLO, closed" {
					conn.Close()
					continue
				}
				// The house hangs up by itself; it waits for no more.
				_, err = io.Copy(io.Discard, conn)
				if errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%s is still connected", door)
				}
			}
			h.works(t)
		})
	}
}

// Connections that say nothing, or stop in the middle, are ended, and their
// memory is not kept.
func TestSilentStrangersAreEnded(t *testing.T) {
	t.Parallel()
	for what, begin := range map[string][]byte{
		"silent": nil, "half a greeting": greeting("CURVE")[:11], "half a handshake": append(greeting("CURVE"), hello()[:90]...),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			const each = 100
			var conns []net.Conn
			for door := range h.doors() {
				for range each {
					conn, err := net.Dial("tcp", strings.TrimPrefix(door, "tcp://"))
					if err != nil {
						t.Fatal(err)
					}
					defer conn.Close()
					if _, err := conn.Write(begin); err != nil {
						t.Fatal(err)
					}
					if err := conn.SetDeadline(time.Now().Add(4 * handshakeTime)); err != nil {
						t.Fatal(err)
					}
					conns = append(conns, conn)
				}
			}
			h.works(t) // meanwhile
			for _, conn := range conns {
				if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal("a connection that says nothing is kept")
				}
			}
			eventually(t, "they are counted", func() bool { return h.RefusedPeers() >= 3*each })
		})
	}
}
