package notify

import (
	"context"
	"time"

	"webmon/store"
)

// look finds the notices that something must be done about, writes down where
// they go, and hands them to the channels.
func (n *Notifier) look(ctx context.Context) error {
	due, err := n.opts.Store.DueNotices(ctx, againTicks*n.opts.Tick)
	if len(due) == 0 {
		return err
	}
	ids := make([]string, len(due))
	for i := range due {
		ids[i] = due[i].Incident
	}
	incidents, err := n.opts.Store.IncidentsOf(ctx, ids)
	if err != nil {
		return err
	}
	n.mu.Lock()
	s := n.settings
	n.mu.Unlock()
	var plans []store.NoticePlan
	for _, notice := range due {
		i := incidents[notice.Incident]
		if i == nil {
			continue // it cannot be read now
		}
		d := decide(s, i, notice.Kind, time.Now())
		if d.wait {
			continue // DueNotices gives it again
		}
		for _, c := range d.channels { // what is due beside it is decided in view of that
			i.Deliveries = append(i.Deliveries, store.Delivery{Kind: notice.Kind, Channel: c, State: store.DeliveryWaiting})
		}
		plans = append(plans, store.NoticePlan{
			Notice: notice, Channels: d.channels, Again: againTicks * n.opts.Tick, Reminder: d.reminder, After: n.pace.remind(d.after),
		})
	}
	deliveries, err := n.opts.Store.PlanNotices(ctx, plans)
	for at, plan := range plans {
		i := incidents[plan.Incident]
		before := i.Deliveries
		i.Deliveries = deliveries[at]
		n.tellUnknown(i, before)
		for _, d := range i.Deliveries {
			if d.Kind == plan.Kind && !d.State.Final() && d.State != store.DeliverySending {
				n.hand(ctx, s.Route(i.Tags, i.Severity, i.Verdict), i, d)
			}
		}
	}
	return err
}

// tellUnknown logs deliveries whose dispatcher died while it was sending.
func (n *Notifier) tellUnknown(i *store.Incident, before []store.Delivery) {
	old := store.Incident{Deliveries: before}
	for _, d := range i.Deliveries {
		if d.State != store.DeliveryUnknown {
			continue
		}
		if was := old.Delivery(d.Kind, d.Channel); was != nil && was.State == store.DeliverySending {
			n.count.add(countUnknown, d.Channel, 1)
			n.opts.Logger.Error("an alert may not have arrived: the dispatcher that was sending it died; it is not sent again",
				"channel", d.Channel, "kind", d.Kind, "incident", i.ID, "asset", i.Name, "url", i.URL)
		}
	}
}
