package zmqwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// Handler answers one command, which is in the form of [ParseCommand]. What it returns is sent
// as JSON. Its context ends with that of [Control.Serve] and with the [Context].
type Handler = func(ctx context.Context, command string) any

// Refusal is the reply to a request that was not carried out. In JSON it is
// {"ok":false,"error":"…"}.
type Refusal struct {
	OK    bool   `json:"ok"` // always false
	Error string `json:"error"`
}

// Control is the dispatcher's control channel: a REP socket that takes a command as text
// and replies in JSON.
type Control struct {
	endpoint string

	start chan serving // from Serve to the owner
	ended chan struct{}
	err   error // of the loop; set before ended is closed
	ran   atomic.Bool
}

// serving is what Serve was called with.
type serving struct {
	ctx    context.Context
	handle Handler
}

// NewControl binds the channel. It stays bound until [Control.Serve] returns or the
// context is terminated.
func (c *Context) NewControl(endpoint string) (*Control, error) {
	k := &Control{start: make(chan serving), ended: make(chan struct{})}
	err := c.own(func(ready func(error)) {
		defer close(k.ended)
		k.own(c, endpoint, ready)
	})
	if err != nil {
		return nil, fmt.Errorf("make the control channel: %w", err)
	}
	return k, nil
}

// own owns the socket: it opens it, waits for Serve and works for it.
func (k *Control) own(c *Context, endpoint string, ready func(error)) {
	sock, err := c.open(zmq4.REP, maxFrame(maxControl))
	if err != nil {
		ready(err)
		return
	}
	defer sock.Close()
	if err := c.countRefused(sock); err != nil {
		ready(err)
		return
	}
	at, err := c.listen(sock, endpoint, keys.Control)
	if err != nil {
		ready(err)
		return
	}
	w, err := c.newWaker()
	if err != nil {
		ready(err)
		return
	}
	defer w.close()
	k.endpoint = at
	ready(nil)

	select {
	case job := <-k.start:
		ctx, cancel := context.WithCancel(job.ctx)
		defer cancel()
		defer context.AfterFunc(ctx, w.wake)()
		go func() { // so that a handler hears of the end of the context
			select {
			case <-c.closing:
				cancel()
			case <-ctx.Done():
			}
		}()
		k.err = serve(ctx, sock, w, job.handle)
	case <-c.closing:
	}
}

// Endpoint returns where the channel is bound, with the real port.
func (k *Control) Endpoint() string { return k.endpoint }

// Serve answers one request at a time until ctx ends or the context is terminated,
// and then returns nil. A malformed request, or a handler that panics, gets a [Refusal].
// It can be called once.
func (k *Control) Serve(ctx context.Context, handle Handler) error {
	if k.ran.Swap(true) {
		return errors.New("a control channel serves only once; make another")
	}
	select {
	case k.start <- serving{ctx, handle}:
	case <-k.ended:
	}
	<-k.ended
	return k.err
}

func serve(ctx context.Context, sock *zmq4.Socket, w *waker, handle Handler) error {
	arrived := w.poller(sock, zmq4.POLLIN)
	for {
		var request []byte
		err := w.await(ctx, arrived, func() (err error) {
			request, err = receive(sock, zmq4.DONTWAIT)
			return err
		})
		malformed := errors.Is(err, errSeveralFrames)
		if err == nil || malformed {
			// A REP socket never waits to send: a reply nobody takes is dropped.
			_, err = sock.SendBytes(reply(ctx, request, malformed, handle), 0)
		}
		switch {
		case err == nil:
		case ctx.Err() != nil, errors.Is(clean(err), ErrTerminated):
			return nil
		default:
			return fmt.Errorf("serve the control channel: %w", err)
		}
	}
}

// reply makes the JSON that answers a request.
func reply(ctx context.Context, request []byte, severalFrames bool, handle Handler) []byte {
	if severalFrames {
		return refuse(errSeveralFrames)
	}
	command, err := ParseCommand(string(request))
	if err != nil {
		return refuse(err)
	}
	answer, err := call(ctx, command, handle)
	if err != nil {
		return refuse(err)
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return refuse(fmt.Errorf("the answer to %s cannot be written as JSON: %w", command, err))
	}
	if len(b) > maxReply {
		return refuse(fmt.Errorf("the answer to %s has %d bytes, at most %d are allowed", command, len(b), maxReply))
	}
	return b
}

// call calls the handler and makes an error of its panic.
func call(ctx context.Context, command string, handle Handler) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s failed inside the dispatcher: %v", command, p)
		}
	}()
	return handle(ctx, command), nil
}

func refuse(why error) []byte {
	b, err := json.Marshal(Refusal{Error: why.Error()})
	if err != nil { // a bool and a string can always be written
		panic(err)
	}
	return b
}
