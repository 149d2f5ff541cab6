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
	routed := s.Route(i.Tags, i.Severity, i.Verdict)
	if planned {
		var d decision
		d.remind(routed, i, lastReminder(i)+1) // unless reminders go on, it adds them again
		return d
	}
	if window, _ := s.Maintained(i.Tags, now); window != nil {
		return decision{wait: true}
	}
	switch {
	case isClear(kind):
		return decideClear(s, i, kind)
	case isReminder(kind):
		return decideReminder(routed, i, kind)
	}
	var d decision
	d.tell(routed, i, false)
	d.remind(routed, i, lastReminder(i)+1)
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

// decideClear sends an all-clear to who was told, or is being told, if the channel
// takes them.
func decideClear(s *settings.Settings, i *store.Incident, kind string) (d decision) {
	for at := range i.Deliveries {
		one := &i.Deliveries[at]
		c := s.Channel(one.Channel)
		if store.Tells(one.Kind) && c != nil && c.Closed && !slices.Contains(d.channels, one.Channel) {
			if _, why := clearFor(i, kind, c); why == "" {
				d.channels = append(d.channels, one.Channel)
			}
		}
	}
	return d
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
			late = one.State == store.DeliverySent && one.At.After(i.Closed) && c.Alertmanager == nil
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

// decideReminder reminds, unless somebody has said that they know. What an asset
// says about reminders goes before what routes say.
func decideReminder(routed []settings.Routed, i *store.Incident, kind string) (d decision) {
	if !i.Acknowledged.IsZero() {
		return decision{}
	}
	var reminded []settings.Routed
	for _, r := range routed {
		if r.Channel.Alertmanager == nil && (i.Remind > 0 || r.Route.Remind > 0) {
			reminded = append(reminded, r)
		}
	}
	d.tell(reminded, i, true)
	d.remind(routed, i, reminderNumber(kind)+1)
	return d
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
