package notify_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify"
	"webmon/store"
)

// Three dispatchers that start together and never wait for each other send each
// alert to each channel once.
func TestEachOnce(t *testing.T) {
	t.Parallel()
	const incidents = 500
	s := newSystem(t)
	one, two := newHook(t, nil), newHook(t, nil)
	assets := make([]*store.Asset, incidents)
	for i := range assets {
		assets[i] = s.asset(fmt.Sprintf("a%03d", i))
		s.check(assets[i], plugins.Down)
	}
	file := s.file(`channels:
  one: {webhook: {url: '%s'}, rate: 10000/1s}
  two: {webhook: {url: '%s'}, rate: 10000/1s}
routes: [{channels: [one, two], group-wait: 0s, group-at: 4}]
`, one.URL, two.URL)
	for _, name := range []string{"a", "b", "c"} {
		s.start(name, file, notify.EachLeads)
	}
	s.settle()
	for _, h := range []*hook{one, two} {
		seen := map[string]int{}
		for _, m := range h.all() {
			for _, i := range m.Incidents {
				seen[i.Asset]++
			}
		}
		for _, a := range assets {
			if seen[a.ID] != 1 {
				t.Fatalf("%s was told %d times", a.Name, seen[a.ID])
			}
		}
	}
}

// A dispatcher that dies while it sends leaves an alert of which nobody knows
// whether it arrived. It is not sent again, and said.
func TestDiedWhileSending(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	a, b := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Down)
	s.check(b, plugins.Down)
	ctx := t.Context()
	opened := store.Notice{Incident: s.incident(a).ID, Kind: store.NoticeOpened}
	// What a dispatcher does before it sends, and no more.
	if _, err := s.s.DueNotices(ctx, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := s.s.PlanNotices(ctx, []store.NoticePlan{{Notice: opened, Channels: []string{"hook"}}}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.s.ClaimNotices(ctx, "dead", "hook", []store.Notice{opened}, time.Millisecond); err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	n, _ := s.start("one", s.file(plain, h.URL))
	d := s.becomes(a, "opened", "hook", store.DeliveryUnknown)
	s.becomes(b, "opened", "hook", store.DeliverySent)
	if !strings.Contains(d.Error, "died") {
		t.Errorf("%+v", d)
	}
	s.settle()
	if got := h.all(); len(got) != 1 || got[0].Incidents[0].Name != "blog" {
		t.Errorf("%v", got)
	}
	s.eventually(func() error {
		if !strings.Contains(s.log.String(), "may not have arrived") || n.Counters()["alerts_unknown_total/hook"] != 1 {
			return fmt.Errorf("%v", n.Counters())
		}
		return nil
	})
	// When it was only slow, it still may say so.
	if err := s.s.EndNotices(ctx, "dead", "hook", []store.Notice{opened}, store.NoticeEnd{State: store.DeliverySent}); err != nil {
		t.Fatal(err)
	}
	s.becomes(a, "opened", "hook", store.DeliverySent)
}

// A channel that hangs delays no other.
func TestHungChannel(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	release := make(chan struct{})
	hung := newHook(t, func(http.ResponseWriter, told, int) { <-release })
	well := newHook(t, nil)
	t.Cleanup(func() { close(release) })
	s.start("one", s.file(`channels:
  hung: {webhook: {url: '%s'}, timeout: 2m}
  well: {webhook: {url: '%s'}, rate: 10000/1s}
routes: [{channels: [hung, well], group-wait: 0s, group-at: 1000000}]
`, hung.URL, well.URL))
	first := s.asset("first")
	s.check(first, plugins.Down)
	hung.await(t, 1)
	for i := range 20 {
		s.check(s.asset(fmt.Sprintf("a%d", i)), plugins.Down)
	}
	well.await(t, 21)
	if d := s.incident(first).Delivery("opened", "hung"); d.State != store.DeliverySending {
		t.Errorf("%+v", d)
	}
	if n := len(hung.all()); n != 1 {
		t.Errorf("the hung channel got %d messages at once", n)
	}
}

// Nor does a channel that fails keep the others from hearing that it is over; and
// it does not hear that before it heard of the incident.
func TestAllClearOfOthers(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	well, ill := newHook(t, nil), newHook(t, func(w http.ResponseWriter, _ told, _ int) { w.WriteHeader(http.StatusServiceUnavailable) })
	s.start("one", s.file(`channels:
  ill: {webhook: {url: '%s'}}
  well: {webhook: {url: '%s'}}
routes: [{channels: [ill, well], group-wait: 0s}]
`, ill.URL, well.URL))
	a := s.asset("shop")
	s.check(a, plugins.Down)
	s.becomes(a, "opened", "ill", store.DeliveryFailed)
	s.becomes(a, "opened", "well", store.DeliverySent)
	s.check(a, plugins.Up)
	s.becomes(a, "closed", "well", store.DeliverySent)
	if d := s.incident(a).Delivery("closed", "ill"); d == nil || d.State != store.DeliveryWaiting {
		t.Errorf("%+v", d)
	}
}

// An all-clear that waits for a channel is dropped when the incident comes back;
// the end is told when it is over for good.
func TestCameBack(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	h, fail := newFailingHook(t)
	s.start("one", s.file(plain, h.URL), notify.HurryRetries)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	h.await(t, 1)
	s.check(a, plugins.Up)
	s.becomes(a, "closed", "hook", store.DeliveryWaiting)
	s.check(a, plugins.Down)
	fail.Store(false)
	s.becomes(a, "opened", "hook", store.DeliverySent)
	s.becomes(a, "closed", "hook", store.DeliveryGivenUp)
	for _, m := range h.all() {
		if m.Kind == "closed" {
			t.Errorf("%v", m)
		}
	}
}

// What fails is tried again, with the same id.
func TestRetry(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	h := newHook(t, func(w http.ResponseWriter, _ told, calls int) {
		if calls < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	n, _ := s.start("one", s.file(plain, h.URL), notify.HurryRetries)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	got := h.await(t, 3)
	if d := s.becomes(a, "opened", "hook", store.DeliverySent); d.Attempts != 3 {
		t.Errorf("%+v", d)
	}
	if got[0].ID != got[2].ID || got[0].ID == "" {
		t.Errorf("ids %q and %q", got[0].ID, got[2].ID)
	}
	s.eventually(func() error {
		if c := n.Counters(); c["alerts_failed_total/hook"] != 2 || c["alerts_sent_total/hook"] != 1 || c["alerts_waiting/hook"] != 0 {
			return fmt.Errorf("%v", c)
		}
		return nil
	})
}

// What fails for too long is given up, and nobody is told that it is over.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	h := newHook(t, func(w http.ResponseWriter, _ told, _ int) { w.WriteHeader(http.StatusForbidden) })
	n, _ := s.start("one", s.file("give-up: 1m\n"+plain, h.URL), notify.HurryRetries)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	d := s.becomes(a, "opened", "hook", store.DeliveryGivenUp)
	if !strings.Contains(d.Error, "403") || d.Attempts < 3 {
		t.Errorf("%+v", d)
	}
	tries := len(h.all())
	s.check(a, plugins.Up)
	other := s.asset("blog") // after whose alert the all-clear would have come
	s.check(other, plugins.Down)
	s.becomes(other, "opened", "hook", store.DeliveryGivenUp)
	for _, m := range h.all()[tries:] {
		if m.Kind != "opened" {
			t.Errorf("%v", m)
		}
	}
	if n.Counters()["alerts_given_up_total/hook"] != 2 || !strings.Contains(s.log.String(), "given up") {
		t.Errorf("%v", n.Counters())
	}
}

// Of a service nobody knows whether a message that was cut off arrived, and it is
// not sent again unless the file says so.
func TestUnsure(t *testing.T) {
	t.Parallel()
	for unsure, state := range map[string]store.DeliveryState{"stop": store.DeliveryUnknown, "repeat": store.DeliverySent} {
		s := newSystem(t)
		h := newHook(t, func(_ http.ResponseWriter, _ told, calls int) {
			if calls == 1 {
				panic(http.ErrAbortHandler)
			}
		})
		address := strings.TrimPrefix(h.URL, "http://")
		s.start("one", s.file(`channels: {hook: {url: 'generic://%s/?template=json&disabletls=yes&titlekey=Subject', unsure: %s}}
routes: [{channels: [hook], group-wait: 0s}]
`, address, unsure), notify.HurryRetries)
		a := s.asset("shop")
		s.check(a, plugins.Down)
		s.becomes(a, "opened", "hook", state)
		if got := len(h.all()); got != map[string]int{"stop": 1, "repeat": 2}[unsure] {
			t.Errorf("%s: %d messages", unsure, got)
		}
	}
}

// What happens to an incident before anybody was told of it is one message.
func TestOpenedAndWorseAtOnce(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	a, after := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Degraded)
	s.check(a, plugins.Down)
	s.start("one", s.file(plain, h.URL))
	h.await(t, 1)
	s.settle()
	s.check(after, plugins.Down)
	s.becomes(after, "opened", "hook", store.DeliverySent)
	if got := h.all(); len(got) != 2 || got[0].Subject != "webmon: shop is down" {
		t.Errorf("%v", got)
	}
}

// A channel that was away for long hears of an incident once, not once for each
// reminder that it missed.
func TestRemindersDoNotPileUp(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	h, fail := newFailingHook(t)
	well := newHook(t, nil)
	s.start("one", s.file(`channels:
  ill: {webhook: {url: '%s'}, rate: 10000/1s}
  well: {webhook: {url: '%s'}, rate: 10000/1s}
routes: [{channels: [ill, well], group-wait: 0s, remind: 1m}]
`, h.URL, well.URL), notify.HurryReminders(20*time.Millisecond), notify.HurryRetries)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	well.await(t, 6) // five reminders
	waiting := 0
	for _, d := range s.incident(a).Deliveries {
		if d.Channel == "ill" && !d.State.Final() {
			waiting++
		}
	}
	if waiting != 1 {
		t.Errorf("%d messages wait for one incident: %+v", waiting, s.incident(a).Deliveries)
	}
	failed := len(h.all())
	fail.Store(false)
	s.becomes(a, "opened", "ill", store.DeliverySent)
	for _, m := range h.all()[failed:] {
		if len(m.Incidents) != 1 {
			t.Errorf("one incident is told as %v", m)
		}
	}
}

// An incident that gets worse while a channel is just being told of it is told as
// that, too: what is under way says how it was before.
func TestWorseWhileBeingTold(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	release := make(chan struct{})
	h := newHook(t, func(_ http.ResponseWriter, _ told, calls int) {
		if calls == 1 {
			<-release
		}
	})
	s.start("one", s.file(plain, h.URL))
	a, after := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Degraded)
	h.await(t, 1)
	s.check(a, plugins.Down)
	s.check(after, plugins.Down) // when it is planned, worse was looked at
	s.becomes(after, "opened", "hook", store.DeliveryWaiting)
	close(release)
	s.becomes(a, "opened", "hook", store.DeliverySent)
	s.becomes(after, "opened", "hook", store.DeliverySent)
	if d := s.incident(a).Delivery("worse", "hook"); d == nil {
		t.Errorf("the channel knows of a warning only: %v", h.all())
	}
}

// An incident that is over and comes back again and again before anybody was told, as
// in a maintenance window, is told when it is open at last.
func TestFlappingBeforeAnybodyWasTold(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	a := s.asset("shop")
	for flaps := range 3 {
		s.check(a, plugins.Down)
		for range 1 << flaps {
			s.check(a, plugins.Up)
		}
		s.drop(a, "opened", "flapping")
	}
	s.check(a, plugins.Down)
	s.start("one", s.file(plain, h.URL))
	got := h.await(t, 1)
	if got[0].Kind != "flapping" || got[0].Incidents[0].Name != "shop" {
		t.Errorf("%v", got)
	}
}

// Who was not told of an incident because it was muted is told when the mute is
// lifted.
func TestMuteIsLifted(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	a, after := s.asset("shop"), s.asset("blog")
	mute := func(mute bool) {
		a.Alerts.Mute = mute
		if err := s.s.ReplaceAsset(t.Context(), a, 0); err != nil {
			t.Fatal(err)
		}
		s.check(a, plugins.Down)
	}
	s.check(a, plugins.Down)
	mute(true)
	s.drop(a, "opened")
	mute(false)
	s.start("one", s.file(plain, h.URL))
	s.becomes(a, "opened", "hook", store.DeliverySent)
	mute(true)
	mute(false)
	s.check(after, plugins.Down)
	s.becomes(after, "opened", "hook", store.DeliverySent)
	if got := h.all(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// A message of several that certainly did not arrive is tried again as one message.
func TestRetriedTogether(t *testing.T) {
	t.Parallel()
	const many = 40
	s := newSystem(t)
	h := newHook(t, func(w http.ResponseWriter, _ told, calls int) {
		if calls < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	for i := range many {
		s.check(s.asset(fmt.Sprintf("a%02d", i)), plugins.Down)
	}
	s.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, rate: 10000/1s}}\nroutes: [{channels: [hook], group-wait: 1s, group-at: 4}]\n", h.URL), notify.HurryRetries)
	s.settle()
	got := h.all()
	for _, m := range got {
		if len(got) != 3 || len(m.Incidents) != many {
			t.Fatalf("%v", got)
		}
	}
}

// What may have arrived is sent again as it was, with its id, whatever else waits: by
// that the receiver knows that it has it.
func TestUnsureIsRepeatedAsItWas(t *testing.T) {
	t.Parallel()
	for _, first := range []int{1, 5} {
		s := newSystem(t)
		planned := make(chan struct{})
		h := newHook(t, func(_ http.ResponseWriter, _ told, calls int) {
			if calls == 1 {
				<-planned
				panic(http.ErrAbortHandler)
			}
		})
		for i := range first {
			s.check(s.asset(fmt.Sprintf("first%d", i)), plugins.Down)
		}
		s.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, rate: 10000/1s}}\nroutes: [{channels: [hook], group-wait: 1s, group-at: 2}]\n", h.URL), notify.HurryRetries)
		h.await(t, 1)
		var late *store.Asset
		for i := range 3 {
			late = s.asset(fmt.Sprintf("late%d", i))
			s.check(late, plugins.Down)
		}
		s.becomes(late, "opened", "hook", store.DeliveryWaiting)
		close(planned)
		s.settle()
		got := h.all()
		seen := map[string]int{}
		for _, m := range got {
			if m.ID == got[0].ID && len(m.Incidents) != first {
				t.Errorf("%d: %v", first, got)
			}
			for _, i := range m.Incidents {
				seen[m.ID+i.Name]++
			}
		}
		// As a receiver that knows ids has it, each is told once.
		if len(seen) != first+3 || len(got) != 3 {
			t.Errorf("%d: %v: %v", first, got, seen)
		}
	}
}

// What is being sent while the settings of its channel change is sent to its end.
func TestReloadWhileSending(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	first, second := make(chan struct{}), make(chan struct{}, 1)
	h := newReceiver(t, func(r *http.Request) {
		if r.URL.Path == "/second" {
			second <- struct{}{}
			return
		}
		close(first)
		<-second // which the new settings send
	})
	file := func(path string) string {
		return fmt.Sprintf("channels: {hook: {url: 'generic://%s/%s?disabletls=yes', timeout: 1m}}\nroutes: [{channels: [hook], group-wait: 0s}]\n", strings.TrimPrefix(h.URL, "http://"), path)
	}
	path := s.file("%s", file("first"))
	s.start("one", path, notify.HurryStop)
	a, b := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Down)
	<-first
	s.write(path, "%s", file("second"))
	s.eventually(func() error {
		if !strings.Contains(s.log.String(), "read again") {
			return errors.New("the file was not read again")
		}
		return nil
	})
	s.check(b, plugins.Down)
	s.becomes(b, "opened", "hook", store.DeliverySent)
	s.becomes(a, "opened", "hook", store.DeliverySent)
}

// Who was just being told of an incident when it was over hears that it is.
func TestOverWhileBeingTold(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	release := make(chan struct{})
	h := newHook(t, func(_ http.ResponseWriter, _ told, calls int) {
		if calls == 1 {
			<-release
		}
	})
	s.start("one", s.file(plain, h.URL))
	a, after := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Down)
	h.await(t, 1)
	s.check(a, plugins.Up)
	s.check(after, plugins.Down) // when it is planned, the end was looked at
	s.becomes(after, "opened", "hook", store.DeliveryWaiting)
	close(release)
	s.becomes(a, "closed", "hook", store.DeliverySent)
	if got := h.all(); got[0].Subject != "webmon: shop is down" {
		t.Errorf("%v", got)
	}
}

// What could not be sent before a maintenance window waits for its end.
func TestRetryInMaintenance(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	h, fail := newFailingHook(t)
	file := s.file(plain, h.URL)
	s.start("one", file, notify.HurryRetries)
	a := s.asset("shop", tags("prod"))
	s.check(a, plugins.Down)
	s.becomes(a, "opened", "hook", store.DeliveryFailed)
	s.write(file, plain+"maintenance: [{name: now, tags: {any: [prod]}, from: 2026-01-01T00:00:00Z, until: 2099-01-01T00:00:00Z}]\n", h.URL)
	s.eventually(func() error {
		if !strings.Contains(s.log.String(), "read again") {
			return errors.New("the file was not read again")
		}
		return nil
	})
	s.becomes(a, "opened", "hook", store.DeliveryFailed)
	fail.Store(false)
	before := len(h.all())
	for i := range 5 {
		free := s.asset(fmt.Sprintf("free%d", i))
		s.check(free, plugins.Down)
		s.becomes(free, "opened", "hook", store.DeliverySent)
	}
	for _, m := range h.all()[before:] {
		if m.Incidents[0].Name == "shop" {
			t.Errorf("sent within the window: %v", m)
		}
	}
	s.write(file, plain, h.URL)
	s.becomes(a, "opened", "hook", store.DeliverySent)
}
