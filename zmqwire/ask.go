package zmqwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

const (
	// AskTimeout is the time an [Context.Ask] may take whose context has no deadline.
	AskTimeout = 30 * time.Second
	// ReachTimeout is the time an [Context.Ask] may take to reach the dispatcher.
	ReachTimeout = 3 * time.Second
)

// Ask sends a command to the control channel at endpoint and returns the JSON it
// replies, which may be a [Refusal]. It waits for at most [ReachTimeout] to reach the
// dispatcher, and for the reply until ctx ends.
func (c *Context) Ask(ctx context.Context, endpoint, command string) (json.RawMessage, error) {
	command, err := ParseCommand(command)
	if err != nil {
		return nil, err
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, AskTimeout)
		defer cancel()
	}
	sock, err := c.open(zmq4.REQ, onlyConnected, maxFrame(maxReply+curveOverhead))
	if err != nil {
		return nil, fmt.Errorf("ask the dispatcher: %w", err)
	}
	defer sock.Close()
	w, err := c.newWaker()
	if err != nil {
		return nil, fmt.Errorf("ask the dispatcher: %w", err)
	}
	defer w.close()
	reaching, cancel := context.WithTimeout(ctx, ReachTimeout)
	defer cancel()
	l, err := c.dial(sock, endpoint, keys.Control, w, func(f fault) {
		if f.final {
			cancel() // nobody types a command twice for a key that is not allowed
		}
	})
	if err != nil {
		return nil, fmt.Errorf("ask the dispatcher: %w", err)
	}
	return l.exchange(ctx, reaching, command)
}

// exchange sends the command, unless the dispatcher cannot be reached in time,
// and receives the reply.
func (l *link) exchange(ctx, reaching context.Context, command string) (json.RawMessage, error) {
	sock, w, endpoint := l.sock, l.w, l.endpoint
	defer context.AfterFunc(ctx, w.wake)()
	defer context.AfterFunc(reaching, w.wake)()

	err := w.await(reaching, w.poller(sock, zmq4.POLLOUT), func() error {
		_, err := sock.Send(command, zmq4.DONTWAIT)
		return err
	})
	if f := l.fault.Load(); err != nil && f != nil {
		return nil, fmt.Errorf("no way to the dispatcher at %q: %w", endpoint, f.err)
	}
	if reaching.Err() != nil && errors.Is(err, reaching.Err()) {
		return nil, fmt.Errorf("no dispatcher answers at %q: start one, or give its control endpoint with --control", endpoint)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the dispatcher at %q: %w", endpoint, clean(err))
	}

	var answer []byte
	err = w.await(ctx, w.poller(sock, zmq4.POLLIN), func() (err error) {
		answer, err = receive(sock, zmq4.DONTWAIT)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the dispatcher at %q took %s but did not answer: %w", endpoint, command, clean(err))
	}
	if !json.Valid(answer) {
		return nil, fmt.Errorf("what answers at %q is not a dispatcher: its reply to %s is not JSON", endpoint, command)
	}
	return answer, nil
}
