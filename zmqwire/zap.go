package zmqwire

import (
	"errors"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// The authentication protocol of ZeroMQ, ZAP 1.0: for each handshake on a
// socket that is bound, ZeroMQ asks a REP socket at this endpoint. As long as
// nothing is bound there, ZeroMQ lets every key in.
const zapEndpoint = "inproc://zeromq.zap.01"

const (
	zapVersion = "1.0"
	zapAllowed = "200"
	zapRefused = "400"
	zapBroken  = "500" // not the peer's fault. 300 would not tell it anything

	// refusalPause is the least time between two lines of the log about
	// refused peers: they must not be able to fill it.
	refusalPause = 10 * time.Second
)

// serveZAP answers ZeroMQ's questions until the context ends. It is there
// before any socket can be bound.
func (c *Context) serveZAP() error {
	return c.own(func(ready func(error)) {
		sock, err := c.open(zmq4.REP)
		if err != nil {
			ready(err)
			return
		}
		defer sock.Close()
		err = sock.Bind(zapEndpoint)
		ready(clean(err))
		if err != nil {
			return
		}
		for {
			request, err := sock.RecvMessageBytes(0)
			if err == nil {
				// A REP socket never waits to send.
				_, err = sock.SendMessage(c.zapReply(request))
			}
			if errors.Is(clean(err), ErrTerminated) {
				return
			}
		}
	})
}

// zapReply decides about one peer. A request holds: version, request id,
// domain, address, identity, mechanism, and for CURVE the peer's public key.
func (c *Context) zapReply(request [][]byte) []string {
	// The user stays empty. libzmq 4.3.4 puts a name there into the queue of
	// what was received and tells nobody of it; with room for one message, as
	// job sockets have, nothing is received after that.
	reply := func(id []byte, status, text string) []string {
		return []string{zapVersion, string(id), status, text, "", ""}
	}
	if len(request) < 2 {
		return reply(nil, zapBroken, "malformed request")
	}
	id := request[1]
	if len(request) != 7 || string(request[0]) != zapVersion || string(request[5]) != "CURVE" || len(request[6]) != keys.Size {
		return reply(id, zapBroken, "malformed request")
	}
	key, right, address := keys.Public(request[6]), keys.Right(request[2]), string(request[3])
	temporary, err := c.allows(key, right)
	if err == nil {
		return reply(id, zapAllowed, "OK")
	}
	c.logRefusal(key, right, address, err)
	if temporary {
		return reply(id, zapBroken, "the list of keys cannot be read")
	}
	return reply(id, zapRefused, "not allowed")
}

// allows decides about a key. One's own may do everything: who has it is the
// dispatcher.
func (c *Context) allows(key keys.Public, right keys.Right) (temporary bool, err error) {
	switch {
	case key == c.options.Key.Public():
		return false, nil
	case c.options.Allowed == nil:
		return false, errors.New("there is no list of allowed keys, so only the dispatcher's own is")
	}
	return c.options.Allowed.Allows(key, right)
}

// logRefusal is called by the goroutine of serveZAP only.
func (c *Context) logRefusal(key keys.Public, right keys.Right, address string, why error) {
	now := time.Now()
	if now.Sub(c.refusalLogged) < refusalPause {
		return
	}
	c.refusalLogged = now
	c.options.Logger.Warn("refused a peer", "key", key.String(), "address", address, "wants", string(right), "err", why)
}
