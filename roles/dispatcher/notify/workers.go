package notify

import (
	"context"
	"reflect"
	"time"

	"golang.org/x/time/rate"

	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

// startWorkers starts a worker for each channel of the settings. Workers whose
// channel did not change go on, what waits for others goes to those of the same
// name.
func (n *Notifier) startWorkers(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	made, err := Channels(n.settings, n.channelOptions())
	if err != nil { // they could be made when the file was read
		n.opts.Logger.Error("alerts", "err", err)
		return
	}
	old := n.workers
	n.workers = map[string]*worker{}
	for i := range n.settings.Channels {
		s := n.settings.Channels[i]
		before := old[s.Name]
		if before != nil {
			s.Where, before.settings.Where = "", ""
			if reflect.DeepEqual(s, before.settings) {
				n.workers[s.Name] = before
				delete(old, s.Name)
				continue
			}
		}
		w := &worker{
			n: n, settings: s, channel: made[s.Name], queue: newQueue(),
			limit: rate.NewLimiter(rate.Every(s.Rate.Per/time.Duration(s.Rate.Count)), s.Rate.Count),
		}
		if before != nil {
			for _, i := range before.queue.take() {
				w.queue.add(i)
			}
		}
		n.workers[s.Name] = w
		var running context.Context
		running, w.stop = context.WithCancel(ctx)
		n.running.Go(func() { w.run(running, ctx) })
	}
	for _, w := range old {
		w.stop()
	}
}

func (n *Notifier) stopWorkers() {
	n.mu.Lock()
	old := n.workers
	n.workers = nil
	n.mu.Unlock()
	for _, w := range old {
		w.stop()
	}
	n.running.Wait()
}

// hand gives a delivery to the worker of its channel.
func (n *Notifier) hand(ctx context.Context, routed []settings.Routed, i *store.Incident, d store.Delivery) {
	n.mu.Lock()
	w := n.workers[d.Channel]
	n.mu.Unlock()
	notice := store.Notice{Incident: i.ID, Kind: d.Kind}
	if w == nil {
		n.drop(ctx, d.Channel, []store.Notice{notice}, "the alerts file has no such channel any more")
		return
	}
	if isClear(d.Kind) {
		ready, why := clearFor(i, d.Kind, &w.settings)
		switch {
		case why != "":
			n.drop(ctx, d.Channel, []store.Notice{notice}, why)
			return
		case !ready:
			return // look gives it again
		}
	}
	now := time.Now()
	one := item{Notice: notice, class: classOf(d.Kind), attempts: d.Attempts, groupAt: 1 << 30}
	for _, r := range routed {
		if r.Channel.Name == d.Channel {
			one.groupWait, one.groupAt = r.Route.GroupWait, r.Route.GroupAt
		}
	}
	one.ready = now.Add(one.groupWait)
	if w.settings.Alertmanager != nil {
		one.groupAt = 1 // it groups by itself
	}
	if one.class == allClear && w.settings.Alertmanager == nil {
		if one.group = i.ToldWith(d.Channel); one.group != "" {
			one.ready = now.Add(clearWait)
		}
	}
	if d.State == store.DeliveryFailed {
		if !d.Retry.IsZero() {
			return // its time comes
		}
		one.ready = now.Add(retryTicks * n.opts.Tick)
		if d.Group != "" {
			one.group, one.again = d.Group, true
		}
	}
	w.queue.add(one)
}
