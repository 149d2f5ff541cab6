package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

// worker sends what goes to one channel. It alone uses the channel.
type worker struct {
	n        *Notifier
	settings settings.Channel
	channel  channel.Channel
	queue    *queue
	limit    *rate.Limiter
	stop     context.CancelFunc
}

func (w *worker) waiting() int { return w.queue.len() }

// outlive is a context that ends after a time, or a little after ctx.
func (n *Notifier) outlive(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(n.pace.grace, cancel) })
	return longer, func() { forget(); cancel() }
}

// run sends until ctx ends. What is being sent then goes on until leading ends, too.
func (w *worker) run(ctx, leading context.Context) {
	refresher, _ := w.channel.(channel.Refresher)
	var refresh <-chan time.Time
	if refresher != nil {
		ticker := time.NewTicker(refresher.Every())
		defer ticker.Stop()
		refresh = ticker.C
		w.refresh(ctx, refresher)
	}
	for ctx.Err() == nil {
		wait := w.untilRate(time.Now())
		if wait == 0 {
			var together []item
			if together, wait = w.queue.next(time.Now()); together != nil {
				w.send(ctx, leading, together)
				w.queue.done(together)
				if refresher == nil {
					continue
				}
				wait = 0 // a long queue must not keep it from refreshing
			}
		}
		if wait < 0 {
			wait = time.Hour
		}
		timer := time.NewTimer(wait)
		select {
		case <-refresh:
			w.refresh(ctx, refresher)
		case <-timer.C:
		case <-w.queue.wake:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// untilRate is how long it takes until a message may be sent; 0: now. It counts
// none. (Reserving one and giving it back counts it, as time goes by meanwhile.)
func (w *worker) untilRate(now time.Time) time.Duration {
	missing := 1 - w.limit.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return max(time.Duration(missing/float64(w.limit.Limit())*float64(time.Second)), time.Millisecond)
}

// claimSlack is how long a claim holds beyond the time for a message. Who needs
// longer to write down what became of it still may.
const claimSlack = 15 * time.Second

// send sends some notices as one message, and says what became of it.
func (w *worker) send(ctx, leading context.Context, together []item) {
	n, name := w.n, w.settings.Name
	wanted := make([]store.Notice, len(together))
	attempts := 0
	for i, one := range together {
		wanted[i], attempts = one.Notice, max(attempts, one.attempts)
	}
	// What was true when it was planned may be so no longer.
	current, err := w.current(ctx, wanted)
	if err != nil {
		n.report("read incidents", err)
		return // look gives it again
	}
	owner := n.owner()
	claimed := n.claim(ctx, owner, name, current.notices, w.settings.Timeout+claimSlack)
	if len(claimed) == 0 {
		return
	}
	m := w.message(ctx, claimed, current)
	if again := together[0].again; again && len(together) == groupSize(together[0].group) {
		m.ID = groupMessage(together[0].group) // also when some of it is of no use by now
	}
	sending, cancel := n.outlive(leading, w.settings.Timeout)
	defer cancel()
	w.limit.Allow() // run has seen that it is
	err = w.channel.Send(sending, m)
	end := store.NoticeEnd{State: store.DeliverySent}
	if err == nil {
		if len(claimed) > 1 {
			end.Group = groupID(m.ID, len(claimed))
		}
		n.count.add(countSent, name, 1)
		n.opts.Logger.Info("alert sent", "channel", name, "kind", m.Kind, "incidents", len(claimed), "subject", m.Subject)
	} else {
		end = w.failed(err, attempts+1, m, len(claimed))
	}
	for _, over := range []bool{false, true} {
		end.Over = over
		n.end(leading, owner, name, slices.DeleteFunc(slices.Clone(claimed), func(one store.Notice) bool {
			return current.incidents[one.Incident].IsOpen() == over
		}), end)
	}
}

// failed says what is done about an attempt that failed.
func (w *worker) failed(err error, attempts int, m *channel.Message, notices int) store.NoticeEnd {
	n, name := w.n, w.settings.Name
	n.count.add(countFailed, name, 1)
	end := store.NoticeEnd{State: store.DeliveryFailed, Retry: n.pace.pause(attempts), Error: err.Error()}
	if errors.Is(err, channel.ErrUnsure) { // it is the same message when it is sent again
		end.Group = groupID(m.ID, notices)
	}
	log, what := n.opts.Logger.Warn, "an alert could not be sent; it is tried again"
	n.mu.Lock()
	giveUp := n.settings.GiveUp
	n.mu.Unlock()
	switch {
	case errors.Is(err, channel.ErrUnsure) && !w.settings.Unsure:
		end.State, end.Retry = store.DeliveryUnknown, 0
		log, what = n.opts.Logger.Error, "an alert may not have arrived; it is not sent again, or it could come twice"
		n.count.add(countUnknown, name, notices)
	case tried(attempts) >= giveUp:
		end.State, end.Retry = store.DeliveryGivenUp, 0
		log, what = n.opts.Logger.Error, "an alert is given up"
		n.count.add(countGivenUp, name, notices)
	}
	log(what, "channel", name, "kind", m.Kind, "incidents", notices, "subject", m.Subject, "attempts", attempts, "err", err)
	return end
}

// drop gives up notices that are not to be sent to a channel any more.
func (n *Notifier) drop(ctx context.Context, channel string, notices []store.Notice, why string) {
	owner := n.owner()
	if claimed := n.claim(ctx, owner, channel, notices, time.Minute); len(claimed) > 0 {
		n.end(ctx, owner, channel, claimed, store.NoticeEnd{State: store.DeliveryGivenUp, Error: why})
	}
}

// owner is a new name to claim notices by.
func (n *Notifier) owner() string { return fmt.Sprintf("%s#%d", n.opts.Name, n.messages.Add(1)) }

// claim claims notices, and gives those that may be sent. It asks again after an answer
// that was lost, for as long as the claim would hold.
func (n *Notifier) claim(ctx context.Context, owner, channel string, notices []store.Notice, ttl time.Duration) (claimed []store.Notice) {
	if len(notices) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ttl)
	defer cancel()
	err := n.opts.Store.Retry(ctx, func() (err error) {
		claimed, err = n.opts.Store.ClaimNotices(ctx, owner, channel, notices, ttl)
		return err
	})
	n.report("claim notices", err)
	return claimed
}

// end writes down what became of notices, for as long as that is of use.
func (n *Notifier) end(ctx context.Context, owner, channel string, notices []store.Notice, end store.NoticeEnd) {
	if len(notices) == 0 {
		return
	}
	ctx, cancel := n.outlive(ctx, 30*time.Second)
	defer cancel()
	err := n.opts.Store.Retry(ctx, func() error { return n.opts.Store.EndNotices(ctx, owner, channel, notices, end) })
	n.report("write down what became of an alert", err)
}

// The pauses between attempts: twice as long each time, up to a bound.
const (
	firstPause = 5 * time.Second
	longest    = 10 * time.Minute
)

// pause is how long to wait after so many attempts: up to a quarter more or
// less, so that not all come back at once.
func pause(attempts int) time.Duration {
	d := nominal(attempts)
	return d*3/4 + rand.N(d/2)
}

func nominal(attempts int) time.Duration {
	if attempts > 8 {
		return longest
	}
	return min(firstPause<<(attempts-1), longest)
}

// tried is for how long about it was tried after so many attempts.
func tried(attempts int) (sum time.Duration) {
	for i := 1; i < attempts; i++ {
		sum += nominal(i)
	}
	return sum
}
