package zmqwire

import (
	"errors"
	"time"

	"github.com/pebbe/zmq4"
)

const (
	highWaterMark  = 1       // messages, on each end of a job connection
	kernelBuffer   = 4 << 10 // bytes asked of the kernel, each way, on job connections
	maxJobBytes    = 8 << 10 // a frame of ids is at most 6,499 bytes
	maxControl     = 64 << 10
	maxReply       = 1 << 20
	curveOverhead  = 64 // bytes that CURVE adds to a frame, at most
	keepaliveIdle  = 60 // seconds without traffic before the first probe
	keepaliveEvery = 10 // seconds between two probes
	keepaliveCount = 3  // unanswered probes that end a connection
	reconnectFirst = 100 * time.Millisecond
	reconnectMax   = 5 * time.Second
	handshakeTime  = 5 * time.Second // a connection that is no further by then is ended
)

// option sets something on a socket, before it is bound or connected.
type option func(*zmq4.Socket) error

// always is set on every socket.
//
// Keepalive finds executors whose machine is gone. ZeroMQ's own heartbeats and
// TCP_USER_TIMEOUT (TCP_MAXRT) are left off on purpose: both would also end the
// connection of an executor that lives but is too busy to read.
func always(s *zmq4.Socket) error {
	return errors.Join(
		s.SetLinger(0),
		s.SetReconnectIvl(reconnectFirst),
		s.SetReconnectIvlMax(reconnectMax),
		s.SetHandshakeIvl(handshakeTime),
		s.SetTcpKeepalive(1),
		s.SetTcpKeepaliveIdle(keepaliveIdle),
		s.SetTcpKeepaliveIntvl(keepaliveEvery),
		s.SetTcpKeepaliveCnt(keepaliveCount),
	)
}

// jobs is set on every socket that carries job ids; the package comment says why.
func jobs(s *zmq4.Socket) error {
	return errors.Join(
		s.SetSndhwm(highWaterMark),
		s.SetRcvhwm(highWaterMark),
		s.SetSndbuf(kernelBuffer),
		s.SetRcvbuf(kernelBuffer),
		s.SetMaxmsgsize(maxJobBytes),
	)
}

// onlyConnected makes a connecting socket take messages only for a peer that is there.
// Without it the first messages are taken for a peer that may never come.
func onlyConnected(s *zmq4.Socket) error { return s.SetImmediate(true) }

// maxFrame bounds what a peer can make this end hold: a longer frame ends its connection.
func maxFrame(bytes int64) option {
	return func(s *zmq4.Socket) error { return s.SetMaxmsgsize(bytes) }
}
