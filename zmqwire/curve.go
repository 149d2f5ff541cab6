package zmqwire

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// Options says who may speak on the tcp sockets of a context.
type Options struct {
	// Key is this process' own. With it every tcp socket uses CURVE; without
	// one they are plain, and then on loopback only.
	Key keys.Pair
	// Server is the key of the dispatcher that sockets connect to. Zero means
	// the same as Key's: all processes may share one.
	Server keys.Public
	// Allowed lists who may connect to what this process binds, beside those
	// who have Key itself. Nil means nobody.
	Allowed *keys.List
	// Insecure lets plain tcp leave this machine.
	Insecure bool
	// Logger hears of peers that are refused, and of refusals by others. Nil
	// means none.
	Logger *slog.Logger
}

// Check refuses an endpoint that these options must not bind or connect to.
func (o Options) Check(endpoint string) error {
	if !overTCP(endpoint) || !o.Key.IsZero() || o.Insecure || onLoopback(endpoint) {
		return nil
	}
	return fmt.Errorf("%q is not on this machine alone, and without keys anybody who reaches it could send jobs and commands: "+
		"make a key with webmon keygen and give it to every process with --key, or use an address on 127.0.0.1; --insecure does without", endpoint)
}

func overTCP(endpoint string) bool { return strings.HasPrefix(endpoint, "tcp://") }

// onLoopback tells whether a tcp endpoint stays on this machine for certain. A
// name does not, whatever it means today, with the exception of localhost.
func onLoopback(endpoint string) bool {
	host := strings.TrimPrefix(endpoint, "tcp://")
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon] // without a port ZeroMQ will refuse it
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// protect makes sock ready to bind or connect to the endpoint. ZeroMQ takes
// the options as they are at that moment, and they cannot be taken back: of a
// socket with several endpoints those over tcp come last.
func (c *Context) protect(sock *zmq4.Socket, endpoint string, set func(*zmq4.Socket) error) error {
	transport, _, _ := strings.Cut(endpoint, "://")
	switch transport {
	case "tcp":
	case "inproc", "ipc":
		return nil
	default: // others could leave the machine unseen
		return fmt.Errorf("%q is no endpoint: it is tcp://HOST:PORT, ipc://PATH or inproc://NAME", endpoint)
	}
	if err := c.options.Check(endpoint); err != nil {
		return err
	}
	if c.options.Key.IsZero() {
		return nil
	}
	if err := set(sock); err != nil {
		return fmt.Errorf("use keys at %q: %w", endpoint, clean(err))
	}
	return nil
}

// server makes sock ready to be bound, for peers that have the right.
func (c *Context) server(sock *zmq4.Socket, endpoint string, right keys.Right) error {
	return c.protect(sock, endpoint, func(sock *zmq4.Socket) error {
		return errors.Join(
			sock.SetCurveServer(1),
			sock.SetCurveSecretkey(string(c.options.Key.Secret())),
			sock.SetZapDomain(string(right)),
		)
	})
}

// client makes sock ready to be connected.
func (c *Context) client(sock *zmq4.Socket, endpoint string) error {
	return c.protect(sock, endpoint, func(sock *zmq4.Socket) error {
		public, server := c.options.Key.Public(), c.options.Server
		if server.IsZero() {
			server = public
		}
		return errors.Join(
			sock.SetCurveServerkey(string(server[:])),
			sock.SetCurvePublickey(string(public[:])),
			sock.SetCurveSecretkey(string(c.options.Key.Secret())),
		)
	})
}
