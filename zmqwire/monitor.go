package zmqwire

import (
	"fmt"

	"github.com/pebbe/zmq4"
)

// handshakes are the events that tell how the handshake of a connection ended.
const handshakes = zmq4.EVENT_HANDSHAKE_SUCCEEDED | zmq4.EVENT_HANDSHAKE_FAILED_NO_DETAIL |
	zmq4.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq4.EVENT_HANDSHAKE_FAILED_AUTH

// monitor calls heard, on a goroutine of its own, for every handshake of sock
// until sock is closed. heard must return soon: ZeroMQ waits for it.
func (c *Context) monitor(sock *zmq4.Socket, heard func(event zmq4.Event, value int)) error {
	endpoint := fmt.Sprintf("inproc://monitor-%d", c.inner.Add(1))
	if err := sock.Monitor(endpoint, handshakes|zmq4.EVENT_MONITOR_STOPPED); err != nil {
		return fmt.Errorf("watch handshakes: %w", clean(err))
	}
	return c.own(func(ready func(error)) {
		events, err := c.open(zmq4.PAIR)
		if err != nil {
			ready(err)
			return
		}
		defer events.Close()
		err = connect(events, endpoint)
		ready(err)
		for err == nil {
			var event zmq4.Event
			var value int
			event, _, value, err = events.RecvEvent(0)
			if event == zmq4.EVENT_MONITOR_STOPPED {
				return
			}
			if err == nil {
				heard(event, value)
			}
		}
	})
}

// countRefused counts the handshakes of a bound socket that failed.
func (c *Context) countRefused(sock *zmq4.Socket) error {
	return c.monitor(sock, func(event zmq4.Event, _ int) {
		if event != zmq4.EVENT_HANDSHAKE_SUCCEEDED {
			c.refused.Add(1)
		}
	})
}

// HasKey tells whether the context uses keys.
func (c *Context) HasKey() bool { return !c.options.Key.IsZero() }

// RefusedPeers counts the connections to this context's sockets whose
// handshake failed: strangers without a key or with one that is not allowed,
// programs that speak something else, and connections that said nothing.
func (c *Context) RefusedPeers() int64 { return c.refused.Load() }
