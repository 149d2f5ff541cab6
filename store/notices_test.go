package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// troubled makes assets with an open incident each, and gives the notices of that.
func troubled(t *testing.T, s *store.Store, n int) (notices []store.Notice) {
	t.Helper()
	for i := range n {
		a := newAsset(fmt.Sprintf("http://a%d/", i))
		no := false
		a.Alerts = store.Alerts{Bad: 1, Of: 1, Good: 1, Confirm: &no}
		create(t, s, a)
		found(t, s, a.ID, time.Now(), plugins.Down)
		for _, i := range incidents(t, s, store.IncidentQuery{Asset: a.ID}) {
			notices = append(notices, store.Notice{Incident: i.ID, Kind: store.NoticeOpened})
		}
	}
	if len(notices) != n {
		t.Fatalf("%d incidents of %d assets", len(notices), n)
	}
	return notices
}

func dueNotices(t *testing.T, s *store.Store, again time.Duration) []store.Notice {
	t.Helper()
	list, err := s.DueNotices(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b store.Notice) int { return len(a.Kind) - len(b.Kind) })
	return list
}

func planNotice(t *testing.T, s *store.Store, p store.NoticePlan) []store.Delivery {
	t.Helper()
	lists, err := s.PlanNotices(t.Context(), []store.NoticePlan{p})
	if err != nil {
		t.Fatal(err)
	}
	return lists[0]
}

func claimNotice(t *testing.T, s *store.Store, owner, channel string, n store.Notice, ttl time.Duration) bool {
	t.Helper()
	got, err := s.ClaimNotices(t.Context(), owner, channel, []store.Notice{n}, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return len(got) == 1
}

func endNotice(t *testing.T, s *store.Store, owner, channel string, n store.Notice, e store.NoticeEnd) {
	t.Helper()
	if err := s.EndNotices(t.Context(), owner, channel, []store.Notice{n}, e); err != nil {
		t.Fatal(err)
	}
}

func deliveryOf(t *testing.T, s *store.Store, n store.Notice, channel string) store.Delivery {
	t.Helper()
	i, err := s.Incident(t.Context(), n.Incident)
	if err != nil {
		t.Fatal(err)
	}
	d := i.Delivery(n.Kind, channel)
	if d == nil {
		t.Fatalf("%v to %s is not there: %+v", n, channel, i.Deliveries)
	}
	return *d
}

func TestNoticeLife(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	n := troubled(t, s, 1)[0]
	if got := dueNotices(t, s, time.Minute); len(got) != 1 || got[0] != n {
		t.Fatalf("due: %v", got)
	}
	if got := dueNotices(t, s, time.Minute); len(got) != 0 {
		t.Fatalf("due again at once: %v", got)
	}
	if claimNotice(t, s, "a", "mail", n, time.Minute) {
		t.Error("claimed before it was planned")
	}
	if list := planNotice(t, s, store.NoticePlan{Notice: n, Channels: []string{"mail", "chat"}, Again: time.Minute}); len(list) != 2 || list[0].State != store.DeliveryWaiting {
		t.Fatalf("planned: %+v", list)
	}
	if list := planNotice(t, s, store.NoticePlan{Notice: n, Channels: []string{"mail"}, Again: time.Minute}); len(list) != 2 {
		t.Fatalf("planned twice: %+v", list)
	}
	if !claimNotice(t, s, "a", "mail", n, time.Minute) || claimNotice(t, s, "b", "mail", n, time.Minute) {
		t.Error("not claimed once")
	}
	if !claimNotice(t, s, "a", "mail", n, time.Minute) {
		t.Error("who did not get the answer cannot ask again")
	}
	endNotice(t, s, "b", "mail", n, store.NoticeEnd{State: store.DeliverySent}) // not its own
	if d := deliveryOf(t, s, n, "mail"); d.State != store.DeliverySending || d.Attempts != 1 {
		t.Errorf("%+v", d)
	}
	endNotice(t, s, "a", "mail", n, store.NoticeEnd{State: store.DeliveryFailed, Retry: 10 * time.Second, Error: "no|such\nhost"})
	if d := deliveryOf(t, s, n, "mail"); d.State != store.DeliveryFailed || d.Error != "no/such host" || !d.Retry.Equal(clock.now().Add(10*time.Second)) {
		t.Errorf("%+v", d)
	}
	if claimNotice(t, s, "a", "mail", n, time.Minute) {
		t.Error("claimed before its time")
	}
	clock.add(10 * time.Second)
	if got := dueNotices(t, s, time.Minute); len(got) != 1 {
		t.Errorf("not due when it is to be tried again: %v", got)
	}
	if !claimNotice(t, s, "b", "mail", n, time.Minute) {
		t.Error("not claimed at its time")
	}
	endNotice(t, s, "b", "mail", n, store.NoticeEnd{State: store.DeliverySent, Group: "g:2", Over: true})
	if d := deliveryOf(t, s, n, "mail"); d.State != store.DeliverySent || d.Attempts != 2 || d.Group != "g:2" || d.Error != "" || !d.Over {
		t.Errorf("%+v", d)
	}
	// The other channel still waits, so it is not over.
	clock.add(2 * time.Minute)
	if got := dueNotices(t, s, time.Minute); len(got) != 1 {
		t.Errorf("forgotten before it was over: %v", got)
	}
	if !claimNotice(t, s, "a", "chat", n, time.Minute) {
		t.Fatal("not claimed")
	}
	endNotice(t, s, "a", "chat", n, store.NoticeEnd{State: store.DeliveryGivenUp, Error: "x"})
	clock.add(time.Hour)
	if got := dueNotices(t, s, time.Minute); len(got) != 0 {
		t.Errorf("not over: %v", got)
	}
}

// Whoever claims and says no more leaves something unknown, for ever.
func TestNoticeUnknown(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	n := troubled(t, s, 1)[0]
	planNotice(t, s, store.NoticePlan{Notice: n, Channels: []string{"mail"}, Again: time.Minute})
	if !claimNotice(t, s, "dead", "mail", n, time.Minute) {
		t.Fatal("not claimed")
	}
	clock.add(59 * time.Second)
	if list := planNotice(t, s, store.NoticePlan{Notice: n, Again: time.Minute}); list[0].State != store.DeliverySending {
		t.Errorf("buried alive: %+v", list)
	}
	clock.add(2 * time.Second)
	if claimNotice(t, s, "other", "mail", n, time.Minute) {
		t.Error("claimed after its sender died")
	}
	if d := deliveryOf(t, s, n, "mail"); d.State != store.DeliveryUnknown || d.Error == "" {
		t.Errorf("%+v", d)
	}
	clock.add(time.Hour)
	if got := dueNotices(t, s, time.Minute); len(got) != 0 {
		t.Errorf("still to be sent: %v", got)
	}
	endNotice(t, s, "dead", "mail", n, store.NoticeEnd{State: store.DeliveryFailed, Retry: time.Second}) // it was only slow
	clock.add(time.Second)
	if got := dueNotices(t, s, time.Minute); len(got) != 1 {
		t.Errorf("what certainly failed is not tried again: %v", got)
	}
}

// Each of many is claimed once, whoever asks.
func TestClaimsRace(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	notices := troubled(t, s, 50)
	for _, n := range notices {
		planNotice(t, s, store.NoticePlan{Notice: n, Channels: []string{"mail", "chat"}, Again: time.Minute})
	}
	var mu sync.Mutex
	got := map[string]int{}
	var all sync.WaitGroup
	for _, owner := range []string{"a", "b", "c"} {
		for _, channel := range []string{"mail", "chat"} {
			all.Go(func() {
				claimed, err := s.ClaimNotices(t.Context(), owner, channel, notices, time.Minute)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, n := range claimed {
					got[channel+" "+n.String()]++
				}
			})
		}
	}
	all.Wait()
	if len(got) != 2*len(notices) {
		t.Errorf("%d claims, not %d", len(got), 2*len(notices))
	}
	for what, n := range got {
		if n != 1 {
			t.Errorf("%s was claimed %d times", what, n)
		}
	}
}

func TestReminderIsPlannedOnce(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	opened := troubled(t, s, 1)[0]
	reminder := store.Notice{Incident: opened.Incident, Kind: "reminder.1"}
	for range 2 {
		planNotice(t, s, store.NoticePlan{Notice: opened, Channels: []string{"mail"}, Again: time.Hour, Reminder: "reminder.1", After: time.Minute})
	}
	dueNotices(t, s, time.Hour)
	clock.add(time.Minute)
	if got := dueNotices(t, s, time.Hour); len(got) != 1 || got[0] != reminder {
		t.Fatalf("due: %v", got)
	}
	list := planNotice(t, s, store.NoticePlan{Notice: reminder, Channels: []string{"mail"}, Again: time.Hour, Reminder: "reminder.2", After: time.Minute})
	if !claimNotice(t, s, "a", "mail", reminder, time.Minute) || len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	endNotice(t, s, "a", "mail", reminder, store.NoticeEnd{State: store.DeliverySent})
	planNotice(t, s, store.NoticePlan{Notice: opened, Again: time.Hour, Reminder: "reminder.1", After: 0})
	clock.add(time.Minute)
	got := dueNotices(t, s, time.Hour)
	if len(got) != 1 || got[0].Kind != "reminder.2" {
		t.Fatalf("due: %v", got)
	}
	// The one before it is forgotten.
	list = planNotice(t, s, store.NoticePlan{Notice: got[0], Channels: []string{"mail"}, Again: time.Hour})
	if len(list) != 2 || list[1].Kind != "reminder.2" {
		t.Errorf("%+v", list)
	}
}

// A notice of an incident that is gone is over, and one that is misshapen does no harm.
func TestNoticeOfNothing(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	n := troubled(t, s, 1)[0]
	gone := store.Notice{Incident: n.Incident[:len(n.Incident)-1] + "fff", Kind: "opened"}
	for _, odd := range []store.Notice{gone, {Incident: "x", Kind: "y"}} {
		if list := planNotice(t, s, store.NoticePlan{Notice: odd, Channels: []string{"mail"}}); list != nil {
			t.Errorf("%v: %+v", odd, list)
		}
		if claimNotice(t, s, "a", "mail", odd, time.Minute) {
			t.Errorf("%v was claimed", odd)
		}
	}
}

func TestHoldNotices(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	hold := func(owner string, ttl time.Duration) bool {
		t.Helper()
		held, err := s.HoldNotices(t.Context(), owner, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return held
	}
	if !hold("a", time.Hour) || hold("b", time.Hour) || !hold("a", time.Hour) {
		t.Error("not one holds it")
	}
	if hold("b", 0) || !hold("a", time.Hour) {
		t.Error("another one gave it away")
	}
	if hold("a", 0) || !hold("b", time.Millisecond) {
		t.Error("it was not given away")
	}
	for !hold("c", time.Hour) { // b is silent
	}
}

// Who was told is part of a backup.
func TestDeliveriesAreCopied(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	n := troubled(t, s, 1)[0]
	planNotice(t, s, store.NoticePlan{Notice: n, Channels: []string{"mail"}, Again: time.Minute})
	claimNotice(t, s, "a", "mail", n, time.Minute)
	endNotice(t, s, "a", "mail", n, store.NoticeEnd{State: store.DeliverySent})
	before := deliveryOf(t, s, n, "mail")
	other := storetest.Open(t)
	copyAll(t, s, other, store.RestoreOptions{Name: "test"})
	if after := deliveryOf(t, other, n, "mail"); after != before {
		t.Errorf("%+v, not %+v", after, before)
	}
}

// Of two times of the same reminder the sooner one counts, and none is made twice.
func TestReminderComesSooner(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	n := troubled(t, s, 1)[0]
	for _, after := range []time.Duration{4 * time.Hour, 2 * time.Hour, 6 * time.Hour} {
		planNotice(t, s, store.NoticePlan{Notice: n, Reminder: "reminder.1", After: after})
	}
	clock.add(2 * time.Hour)
	want := store.Notice{Incident: n.Incident, Kind: "reminder.1"}
	if got := dueNotices(t, s, time.Minute); !slices.Equal(got, []store.Notice{want}) {
		t.Fatalf("due: %v", got)
	}
	planNotice(t, s, store.NoticePlan{Notice: want, Channels: []string{"mail"}, Again: time.Minute})
	planNotice(t, s, store.NoticePlan{Notice: n, Reminder: "reminder.1", After: time.Second})
	if !claimNotice(t, s, "a", "mail", want, time.Minute) {
		t.Fatal("not claimed")
	}
	endNotice(t, s, "a", "mail", want, store.NoticeEnd{State: store.DeliverySent})
	clock.add(24 * time.Hour)
	if got := dueNotices(t, s, time.Minute); len(got) != 0 {
		t.Errorf("due: %v", got)
	}
}

// What was on its way to people when a backup was made is not sent after the restore:
// it would keep what comes later from them for ever. An open incident is looked at
// anew, so that reminders go on.
func TestRestoredDeliveries(t *testing.T) {
	t.Parallel()
	clock := newClock()
	from, to := storetest.Open(t, clock.use), storetest.Open(t, clock.use)
	open := troubled(t, from, 1)[0]
	over := troubled(t, from, 1)[0]
	want := map[string]store.DeliveryState{"waiting": store.DeliveryGivenUp, "failed": store.DeliveryGivenUp, "sending": store.DeliveryUnknown, "sent": store.DeliverySent}
	for _, n := range []store.Notice{open, over} {
		planNotice(t, from, store.NoticePlan{Notice: n, Channels: []string{"waiting", "failed", "sending", "sent"}, Again: time.Minute})
		for _, channel := range []string{"failed", "sending", "sent"} {
			if !claimNotice(t, from, "a", channel, n, time.Minute) {
				t.Fatal("not claimed")
			}
		}
		endNotice(t, from, "a", "failed", n, store.NoticeEnd{State: store.DeliveryFailed, Retry: time.Minute, Error: "no host"})
		endNotice(t, from, "a", "sent", n, store.NoticeEnd{State: store.DeliverySent, Group: "g:2"})
	}
	asset, err := from.Incident(t.Context(), over.Incident)
	if err != nil {
		t.Fatal(err)
	}
	found(t, from, asset.Asset, clock.now(), plugins.Up)
	if err := from.DeleteAsset(t.Context(), asset.Asset, 0); err != nil { // its incident comes by itself
		t.Fatal(err)
	}
	copyAll(t, from, to, store.RestoreOptions{Name: "test"})
	for _, n := range []store.Notice{open, over} {
		for channel, state := range want {
			d := deliveryOf(t, to, n, channel)
			if d.State != state || (d.Error != "") != (state != store.DeliverySent) || !d.Retry.IsZero() || d.At.IsZero() {
				t.Errorf("%s: %+v", channel, d)
			}
		}
	}
	if d := deliveryOf(t, to, open, "sent"); d.Group != "g:2" {
		t.Errorf("%+v", d)
	}
	if got := dueNotices(t, to, time.Minute); !slices.Equal(got, []store.Notice{open}) {
		t.Errorf("due: %v", got)
	}
}

// What waits for a channel that hangs, however much, keeps nothing from being looked
// at: not every time it comes first.
func TestOverdueNoticesStarveNobody(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	first := troubled(t, s, 1)[0]
	plans := []store.NoticePlan{{Notice: first, Channels: []string{"hung"}, Again: time.Minute}}
	for i := range 210 { // all of one partition
		plans = append(plans, store.NoticePlan{Notice: store.Notice{Incident: first.Incident, Kind: fmt.Sprintf("k%d", i)}, Channels: []string{"hung"}, Again: time.Minute})
	}
	if _, err := s.PlanNotices(t.Context(), plans); err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		if !claimNotice(t, s, "a", "hung", p.Notice, time.Minute) {
			t.Fatal("not claimed")
		}
		endNotice(t, s, "a", "hung", p.Notice, store.NoticeEnd{State: store.DeliveryFailed, Retry: time.Second})
	}
	clock.add(time.Minute)
	fresh := store.Notice{Incident: first.Incident, Kind: store.NoticeWorse}
	if _, err := s.PlanNotices(t.Context(), []store.NoticePlan{{Notice: fresh, Channels: []string{"well"}}}); err != nil {
		t.Fatal(err)
	}
	for range 4 { // looks, a second after each other; nothing is sent
		var plans []store.NoticePlan
		for _, n := range dueNotices(t, s, time.Minute) {
			if n == fresh {
				return
			}
			plans = append(plans, store.NoticePlan{Notice: n, Channels: []string{"hung"}, Again: time.Minute})
		}
		lists, err := s.PlanNotices(t.Context(), plans)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range lists[0] {
			if d.Kind == plans[0].Kind && !d.Retry.IsZero() {
				t.Fatalf("it is time for %+v", d)
			}
		}
		clock.add(time.Second)
	}
	t.Error("it is never looked at")
}

// Whether it is time to try again says the clock of Redis.
func TestRetryIsDueByRedis(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := storetest.Open(t, clock.use)
	n := troubled(t, s, 1)[0]
	p := store.NoticePlan{Notice: n, Channels: []string{"mail"}, Again: time.Minute}
	planNotice(t, s, p)
	if !claimNotice(t, s, "a", "mail", n, time.Minute) {
		t.Fatal("not claimed")
	}
	endNotice(t, s, "a", "mail", n, store.NoticeEnd{State: store.DeliveryFailed, Retry: 10 * time.Second})
	if list := planNotice(t, s, p); !list[0].Retry.Equal(clock.now().Add(10 * time.Second)) {
		t.Errorf("%+v", list[0])
	}
	clock.add(10 * time.Second)
	if list := planNotice(t, s, p); !list[0].Retry.IsZero() || list[0].State != store.DeliveryFailed {
		t.Errorf("%+v", list[0])
	}
}
