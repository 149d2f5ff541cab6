// Package zmqwire holds every ZeroMQ socket of webmon.
//
// # Sockets
//
// Job ids flow one way:
//
//	Pusher ──PUSH→PULL── Streamer ──PUSH→PULL── Puller
//	(api, schedule)      (dispatcher)           (executor)
//
// The [Streamer] binds both of its ends; a [Pusher] and a [Puller] connect. Text
// commands go to the dispatcher's [Control] (REP, binds), and [Context.Ask] is its
// client (REQ, connects). Endpoints are tcp://HOST:PORT, ipc://PATH or, within
// one process, inproc://NAME.
//
// The wire is only a doorbell: a job is in Redis before its id is sent, and one
// whose id gets lost is sent again later. So nothing here is kept on disk or
// acknowledged, and whatever is malformed is counted and dropped.
//
// # Wire format
//
// A job message is one frame: 1 to [MaxIDs] ids with one newline between two. An
// id is 1 to [MaxIDLength] bytes of A–Z, a–z, 0–9, dot, underscore and hyphen. See
// [ParseIDs]. A control request is one frame of text, see [ParseCommand]; the reply
// is one frame of JSON.
//
// # Keys
//
// With a key, see [Options], every tcp socket uses CURVE, and a goroutine answers
// ZeroMQ's question whether a peer is allowed (see zapReply). Without one, tcp stays
// on loopback. A connecting socket has a link, which says why it is refused and connects
// again; ZeroMQ would do neither.
//
// # Marks and buffers
//
// PUSH deals messages out in turn to every peer with room, and what a peer holds is
// lost when it dies. With ZeroMQ's default marks thousands of ids wait behind one
// slow executor while others are idle. Hence a high-water mark of one message on
// all job sockets. Over tcp that alone changes nothing, because the kernel's
// buffers hold thousands of these small messages; so they are made small too, on
// both ends. All are set before bind or connect, later they have no effect. ZeroMQ sets
// the buffers for tcp only; over ipc a connection holds a few hundred messages.
//
// Small marks also make waiting visible: ids pile up in the [Pusher], which then
// packs several a message.
//
// # Waiting
//
// The streamer is a loop, not zmq_proxy: the proxy spins at a whole core as soon as
// a message waits that no executor can take. The loop waits for one thing only, a
// message when it holds none, room at the back when it holds one.
//
// A ZeroMQ socket is not safe for two threads, so each belongs to the goroutine
// that opened it until that goroutine closes it; others speak to it by channels.
// Waiting in ZeroMQ cannot be ended by a Go channel or a context, so loops that must
// hear of one also poll a small inproc socket (see waker).
//
// # Ending
//
// All sockets linger 0: closing one drops what it has not sent. With any other
// value, ending a process with undelivered messages could hang for ever.
// [Context.Term] makes every call in ZeroMQ return ETERM; each owner then closes
// its sockets, and Term returns when the last one is closed.
//
// # EINTR
//
// A signal that lands on a thread waiting in ZeroMQ ends the call with EINTR, although
// Go installs its handlers with SA_RESTART: poll(2) is never restarted by the
// kernel. Such signals are common in a Go program (a child ending, the profiler). EINTR
// therefore means "call again"; zmq4 does that for every call by default, and
// NewContext makes sure of it. A repeated call starts its timeout anew, so nothing
// here depends on ZeroMQ timeouts: deadlines are contexts.
package zmqwire
