package notify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

func isClear(kind string) bool    { return kind == store.NoticeClosed || kind == store.NoticeSettled }
func isReminder(kind string) bool { return strings.HasPrefix(kind, store.NoticeReminder) }

// decision is what is done about a notice.
type decision struct {
	channels []string // it goes to; none and not wait: it is over
	wait     bool     // it is looked at again later
	reminder string   // kind of the reminder that follows; empty for none
	after    time.Duration
}

// decide says where a notice of an incident goes. It depends on nothing but its
// arguments, so that every dispatcher decides the same.
func decide(s *settings.Settings, i *store.Incident, kind string, now time.Time) decision {
	planned := slices.ContainsFunc(i.Deliveries, func(d store.Delivery) bool { return d.Kind == kind })
	switch {
	case i.Muted:
		return decision{}
	case !isClear(kind) && !i.IsOpen():
		return decision{} // over before anybody was told
	case planned && !store.Tells(kind):
		return decision{} // what was written down stays
	}
	var d decision
	routed, next := s.Route(i.Tags, i.Severity, i.Verdict), lastReminder(i)+1
	switch {
	case isClear(kind):
		d.tellEnd(s, i, kind)
	case isReminder(kind):
		if !i.Acknowledged.IsZero() {
			return decision{}
		}
		d.tell(reminded(routed, i), i, true)
		next = reminderNumber(kind) + 1
	case kind == store.NoticeOpened:
		d.tellOthers(routed, i)
	case !planned:
		d.tell(routed, i, false)
	}
	if window, _ := s.Maintained(i.Tags, now); window != nil && len(d.channels) > 0 {
		return decision{wait: true}
	}
	if !isClear(kind) {
		d.remind(routed, i, next) // unless it is made already
	}
	return d
}

// tell sends to the channels of routes, but not to one that is still to hear of the
// incident: what that hears will say how it is then. What is being sent says how it
// was, so only a reminder can be left out for that.
func (d *decision) tell(routed []settings.Routed, i *store.Incident, reminder bool) {
	for _, r := range routed {
		waits := slices.ContainsFunc(i.Deliveries, func(d store.Delivery) bool {
			return d.Channel == r.Channel.Name && !d.State.Final() &&
				(store.Tells(d.Kind) && d.State != store.DeliverySending || reminder && !isClear(d.Kind))
		})
		if !waits {
			d.channels = append(d.channels, r.Channel.Name)
		}
	}
}

// tellOthers sends to the channels of routes that were not to hear of the incident
// before: mostly all, later those for a verdict that it has by now.
func (d *decision) tellOthers(routed []settings.Routed, i *store.Incident) {
	for _, r := range routed {
		if !slices.ContainsFunc(i.Deliveries, func(d store.Delivery) bool { return d.Channel == r.Channel.Name && store.Tells(d.Kind) }) {
			d.channels = append(d.channels, r.Channel.Name)
		}
	}
}

// lastReminder is the number of the last reminder of an incident; 0 for none.
func lastReminder(i *store.Incident) (last int) {
	for _, d := range i.Deliveries {
		last = max(last, reminderNumber(d.Kind))
	}
	return last
}

// reminderNumber is 0 for other kinds.
func reminderNumber(kind string) int {
	number, found := strings.CutPrefix(kind, store.NoticeReminder)
	n, err := strconv.Atoi(number)
	if !found || err != nil {
		return 0
	}
	return n
}

// tellEnd sends an all-clear to who was told, or is being told, if the channel takes
// them.
func (d *decision) tellEnd(s *settings.Settings, i *store.Incident, kind string) {
	for at := range i.Deliveries {
		one := &i.Deliveries[at]
		c := s.Channel(one.Channel)
		if store.Tells(one.Kind) && c != nil && c.Closed && !slices.Contains(d.channels, one.Channel) {
			if _, why := clearFor(i, kind, c); why == "" {
				d.channels = append(d.channels, one.Channel)
			}
		}
	}
}

// clearFor tells whether an all-clear is for a channel by now: not as long as the
// channel is still being told, and never, for a reason, when it need not hear it.
func clearFor(i *store.Incident, kind string, c *settings.Channel) (ready bool, why string) {
	if i.IsOpen() || kind == store.NoticeClosed && i.Flaps > 0 {
		return false, "it came back" // and is told when it is over for good
	}
	knows, late := false, false
	for at := range i.Deliveries {
		one := &i.Deliveries[at]
		if one.Channel != c.Name || !store.Tells(one.Kind) {
			continue
		}
		if !one.State.Final() {
			return false, ""
		}
		if one.State != store.DeliveryGivenUp {
			knows = true
			late = one.Over && c.Alertmanager == nil
		}
	}
	switch {
	case !knows:
		return false, "it never heard of the incident"
	case late:
		return false, "it heard so late that it heard it is over"
	}
	return true, ""
}

// reminded are those of the routes that are reminded. What an asset says about
// reminders goes before what routes say.
func reminded(routed []settings.Routed, i *store.Incident) (list []settings.Routed) {
	for _, r := range routed {
		if r.Channel.Alertmanager == nil && (i.Remind > 0 || r.Route.Remind > 0) {
			list = append(list, r)
		}
	}
	return list
}

// remind makes the reminder that follows, by the shortest time that a route
// names. For an asset that has a time of its own finish.lua does it.
func (d *decision) remind(routed []settings.Routed, i *store.Incident, n int) {
	if i.Remind > 0 || !i.Acknowledged.IsZero() {
		return
	}
	for _, r := range routed {
		if every := r.Route.Remind; every > 0 && r.Channel.Alertmanager == nil && (d.after == 0 || every < d.after) {
			d.reminder, d.after = fmt.Sprintf("%s%d", store.NoticeReminder, n), every
		}
	}
}
