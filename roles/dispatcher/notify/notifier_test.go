package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify"
	"webmon/store"
)

// An incident is told once when it opens and once when it is over.
func TestOpenedAndClosed(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	a := s.asset("shop", tags("prod"))
	s.check(a, plugins.Up)
	s.start("one", s.file(plain, h.URL))
	s.check(a, plugins.Down)
	opened := h.await(t, 1)[0]
	i := s.incident(a)
	if opened.Kind != "opened" || opened.Subject != "webmon: shop is down" || len(opened.Incidents) != 1 || opened.Incidents[0].ID != i.ID ||
		opened.Incidents[0].Link != "http://webmon.test/assets/"+a.ID || opened.Incidents[0].Last_Good.IsZero() {
		t.Errorf("%+v", opened)
	}
	for _, want := range []string{"shop is down.", "it answers 503", "http://shop.example.org/", "down, critical", "Since:", "Last good:", "prod", i.ID, "http://webmon.test/assets/" + a.ID} {
		if !strings.Contains(opened.Text, want) {
			t.Errorf("%q is not in:\n%s", want, opened.Text)
		}
	}
	s.becomes(a, "opened", "hook", store.DeliverySent)
	s.check(a, plugins.Up)
	closed := h.await(t, 2)[1]
	if closed.Kind != "closed" || closed.Subject != "webmon: shop is well again" || closed.Incidents[0].Closed.IsZero() || !strings.Contains(closed.Text, "it was down for") {
		t.Errorf("%+v", closed)
	}
	s.settle()
	if d := s.becomes(a, "closed", "hook", store.DeliverySent); d.Attempts != 1 || d.Error != "" {
		t.Errorf("%+v", d)
	}
}

// Many incidents that open together make one message, and so does their end.
func TestGroup(t *testing.T) {
	t.Parallel()
	const many = 40
	s, h := newSystem(t), newHook(t, nil)
	var assets []*store.Asset
	for i := range many {
		a := s.asset(fmt.Sprintf("a%02d", i))
		s.check(a, plugins.Down)
		assets = append(assets, a)
	}
	s.start("one", s.file("channels: {hook: {webhook: {url: '%s'}}}\nroutes: [{channels: [hook], group-wait: 2s, group-at: 4}]\n", h.URL))
	s.settle()
	got := h.all()
	if len(got) != 1 || len(got[0].Incidents) != many || got[0].Subject != "webmon: 40 assets are down" {
		t.Fatalf("%v", got)
	}
	for _, want := range []string{"40× it answers 503", "- a00 (http://a00.example.org/): down since", "and 30 more"} {
		if !strings.Contains(got[0].Text, want) {
			t.Errorf("%q is not in:\n%s", want, got[0].Text)
		}
	}
	for _, a := range assets {
		s.check(a, plugins.Up)
	}
	closed := h.await(t, 2)[1]
	s.settle()
	if closed.Kind != "closed" || len(closed.Incidents) != many || closed.Subject != "webmon: 40 assets are well again" || len(h.all()) != 2 {
		t.Errorf("%v", h.all())
	}

	// Few make one each.
	for _, a := range assets[:3] {
		s.check(a, plugins.Down)
	}
	h.await(t, 5)
}

func TestRoutesAndEscalation(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	all, urgent := newHook(t, nil), newHook(t, nil)
	s.start("one", s.file(`channels:
  all: {webhook: {url: '%s'}, closed: false}
  urgent: {webhook: {url: '%s'}}
routes:
  - {channels: [urgent], severity: critical, tags: {any: [prod]}, continue: true, group-wait: 0s}
  - {channels: [all], group-wait: 0s}
`, all.URL, urgent.URL))
	lab, prod := s.asset("lab"), s.asset("prod", tags("prod"))
	s.check(lab, plugins.Down)
	s.becomes(lab, "opened", "all", store.DeliverySent)
	s.check(prod, plugins.Degraded)
	s.becomes(prod, "opened", "all", store.DeliverySent)
	if n := len(urgent.all()); n != 0 {
		t.Fatalf("urgent: %v", urgent.all())
	}
	s.check(prod, plugins.Down)
	s.becomes(prod, "worse", "urgent", store.DeliverySent)
	s.becomes(prod, "worse", "all", store.DeliverySent)
	s.check(prod, plugins.Up)
	s.becomes(prod, "closed", "urgent", store.DeliverySent)
	s.settle()
	var kinds []string
	for _, m := range all.all() {
		kinds = append(kinds, m.Kind)
	}
	if strings.Join(kinds, " ") != "opened opened worse" {
		t.Errorf("all: %v", all.all())
	}
	if got := urgent.all(); len(got) != 2 || got[0].Kind != "worse" || got[1].Kind != "closed" || got[0].Subject != "webmon: prod is worse: down" {
		t.Errorf("urgent: %v", got)
	}
}

// A route by verdict takes an incident that gets such a verdict later, too. Who knows
// of the incident already hears nothing of that.
func TestRouteByVerdict(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	all, down := newHook(t, nil), newHook(t, nil)
	s.start("one", s.file(`channels:
  all: {webhook: {url: '%s'}}
  down: {webhook: {url: '%s'}}
routes:
  - {channels: [down], verdicts: [down], continue: true, group-wait: 0s}
  - {channels: [all], group-wait: 0s}
`, all.URL, down.URL))
	a, after := s.asset("shop"), s.asset("blog")
	s.check(a, plugins.Changed)
	s.becomes(a, "opened", "all", store.DeliverySent)
	s.check(a, plugins.Down)
	s.becomes(a, "opened", "down", store.DeliverySent)
	s.check(a, plugins.Down)
	s.check(after, plugins.Down)
	s.becomes(after, "opened", "down", store.DeliverySent)
	s.becomes(after, "opened", "all", store.DeliverySent)
	if got := down.all(); len(got) != 2 || got[0].Kind != "opened" || got[0].Subject != "webmon: shop is down" {
		t.Errorf("down: %v", got)
	}
	if got := all.all(); len(got) != 2 {
		t.Errorf("all: %v", got)
	}
}

// While a window is open nothing is sent; what is open when it ends is sent then.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	const window = "maintenance: [{name: now, tags: {any: [prod]}, from: 2026-01-01T00:00:00Z, until: 2099-01-01T00:00:00Z}]\n"
	file := s.file(plain+window, h.URL)
	s.start("one", file)
	still, over, free := s.asset("still", tags("prod")), s.asset("over", tags("prod")), s.asset("free")
	for _, a := range []*store.Asset{still, over, free} {
		s.check(a, plugins.Down)
	}
	s.check(over, plugins.Up)
	s.becomes(free, "opened", "hook", store.DeliverySent)
	if got := h.all(); len(got) != 1 || got[0].Incidents[0].Name != "free" {
		t.Fatalf("%v", got)
	}
	s.write(file, plain, h.URL) // the window is over
	s.becomes(still, "opened", "hook", store.DeliverySent)
	s.check(still, plugins.Up)
	s.becomes(still, "closed", "hook", store.DeliverySent)
	for _, m := range h.all() {
		if m.Incidents[0].Name == "over" {
			t.Errorf("%v", m)
		}
	}
}

func TestMutedAndAcknowledged(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	s.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, rate: 10000/1s}}\nroutes: [{channels: [hook], group-wait: 0s, remind: 1m}]\n", h.URL), notify.HurryReminders(100*time.Millisecond))
	muted := s.asset("muted", func(a *store.Asset) { a.Alerts.Mute = true })
	loud := s.asset("loud")
	s.check(muted, plugins.Down)
	s.check(loud, plugins.Down)
	got := h.await(t, 3)
	if got[0].Kind != "opened" || got[1].Kind != "reminder" || got[2].Kind != "reminder" || !strings.Contains(got[1].Subject, "loud is still down") {
		t.Errorf("%v", got)
	}
	if err := s.s.AcknowledgeIncident(t.Context(), s.incident(loud).ID, "me", ""); err != nil {
		t.Fatal(err)
	}
	before := len(h.all())
	s.check(loud, plugins.Up)
	s.becomes(loud, "closed", "hook", store.DeliverySent)
	late := slices.DeleteFunc(h.all()[before:], func(m told) bool { return m.Kind == "closed" })
	if len(late) > 1 { // one may have been under way
		t.Errorf("reminded after the acknowledgement: %v", late)
	}
	for _, m := range h.all() {
		if m.Incidents[0].Name == "muted" {
			t.Errorf("%v", m)
		}
	}
	// Of reminders only the last is kept.
	reminders := 0
	for _, d := range s.incident(loud).Deliveries {
		if strings.HasPrefix(d.Kind, "reminder.") {
			reminders++
		}
	}
	if reminders > 2 {
		t.Errorf("%d reminders are kept", reminders)
	}
}

// The file is read again; a broken one changes nothing and says so.
func TestReload(t *testing.T) {
	t.Parallel()
	s, one, two := newSystem(t), newHook(t, nil), newHook(t, nil)
	file := s.file(plain, one.URL)
	n, _ := s.start("one", file)
	a, b, c := s.asset("a"), s.asset("b"), s.asset("c")
	s.check(a, plugins.Down)
	s.becomes(a, "opened", "hook", store.DeliverySent)
	s.write(file, "channels: {hook: {url: 'slack://geheim'}}\nroutes: [{channels: [hook]}]\n")
	s.eventually(func() error {
		if n.Counters()["alerts_file_broken"] != 1 || !strings.Contains(s.log.String(), "cannot be used") {
			return fmt.Errorf("%v", n.Counters())
		}
		return nil
	})
	s.check(b, plugins.Down)
	s.becomes(b, "opened", "hook", store.DeliverySent)
	s.write(file, plain, two.URL)
	s.eventually(func() error {
		if n.Counters()["alerts_file_broken"] != 0 {
			return fmt.Errorf("%v", n.Counters())
		}
		return nil
	})
	s.check(c, plugins.Down)
	s.becomes(c, "opened", "hook", store.DeliverySent)
	if len(one.all()) != 2 || len(two.all()) != 1 {
		t.Errorf("%v, %v", one.all(), two.all())
	}
	if strings.Contains(s.log.String(), "geheim") {
		t.Error("the log tells a secret")
	}
}

// When the one that sends stops or dies, another goes on.
func TestNextDispatcher(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	file := s.file(plain, h.URL)
	leads := func(n *notify.Notifier) {
		s.eventually(func() error {
			if n.Counters()["alerts_leading"] != 1 {
				return fmt.Errorf("%v", n.Counters())
			}
			return nil
		})
	}
	one, stop := s.start("one", file)
	leads(one)
	two, _ := s.start("two", file)
	a := s.asset("a")
	s.check(a, plugins.Down)
	s.becomes(a, "opened", "hook", store.DeliverySent)
	if two.Counters()["alerts_leading"] != 0 {
		t.Error("both send")
	}
	stop()
	leads(two)
	b := s.asset("b")
	s.check(b, plugins.Down)
	s.becomes(b, "opened", "hook", store.DeliverySent)
	if len(h.all()) != 2 {
		t.Errorf("%v", h.all())
	}
}

// An Alertmanager hears of open incidents again and again, also from a
// dispatcher that did not send them first, until they are over.
func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	posts := make(chan []map[string]any, 1000)
	am := newReceiver(t, func(r *http.Request) {
		var list []map[string]any
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil || r.URL.Path != "/api/v2/alerts" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		posts <- list
	})
	file := s.file("channels: {am: {alertmanager: {url: '%s', refresh: 1s}}}\nroutes: [{channels: [am], group-wait: 0s}]\n", am.URL)
	next := func() []map[string]any {
		t.Helper()
		select {
		case list := <-posts:
			return list
		case <-time.After(patience):
			t.Fatal("nothing was posted")
			return nil
		}
	}
	_, stop := s.start("one", file)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	first := next()
	again := next()
	if len(first) != 1 || len(again) != 1 || fmt.Sprint(first[0]["labels"]) != fmt.Sprint(again[0]["labels"]) || first[0]["endsAt"] == again[0]["endsAt"] {
		t.Errorf("%v\n%v", first, again)
	}
	s.becomes(a, "opened", "am", store.DeliverySent)
	stop()
	for len(posts) > 0 {
		<-posts
	}
	s.start("two", file)
	if list := next(); fmt.Sprint(first[0]["labels"]) != fmt.Sprint(list[0]["labels"]) {
		t.Errorf("%v", list)
	}
	s.check(a, plugins.Up)
	s.becomes(a, "closed", "am", store.DeliverySent)
	for {
		list := next()
		ends, err := time.Parse(time.RFC3339Nano, list[0]["endsAt"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if !ends.After(time.Now()) {
			break
		}
	}
}

// As many messages are sent at once as the rate allows, and no more.
func TestRate(t *testing.T) {
	t.Parallel()
	s, h := newSystem(t), newHook(t, nil)
	s.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, rate: 3/1h}}\nroutes: [{channels: [hook], group-wait: 0s, group-at: 1000000}]\n", h.URL))
	var last *store.Asset
	for i := range 5 {
		last = s.asset(fmt.Sprintf("a%d", i))
		s.check(last, plugins.Down)
		if i < 3 {
			s.becomes(last, "opened", "hook", store.DeliverySent)
		}
	}
	s.becomes(last, "opened", "hook", store.DeliveryWaiting)
	if got := h.all(); len(got) != 3 {
		t.Errorf("%v", got)
	}
}

// The rate of messages does not hold back what says that incidents go on.
func TestRefreshBesideRate(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	posts := make(chan string, 1000)
	am := newReceiver(t, func(r *http.Request) {
		var list []struct{ Labels map[string]string }
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil || len(list) != 1 {
			t.Errorf("%v: %v", list, err)
			return
		}
		posts <- list[0].Labels["name"]
	})
	s.start("one", s.file("channels: {am: {alertmanager: {url: '%s', refresh: 1s}, rate: 1/1h}}\nroutes: [{channels: [am], group-wait: 0s}]\n", am.URL))
	told, late := s.asset("told"), s.asset("late")
	s.check(told, plugins.Down)
	s.becomes(told, "opened", "am", store.DeliverySent)
	s.check(late, plugins.Down)
	for range 3 {
		select {
		case name := <-posts:
			if name != "told" {
				t.Errorf("%s was told beyond the rate", name)
			}
		case <-time.After(patience):
			t.Fatal("an Alertmanager takes the incident for resolved")
		}
	}
}

// Without an alerts file notices are dropped, once they are old.
func TestNobodyIsTold(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	a := s.asset("shop")
	s.check(a, plugins.Down)
	if err := s.s.DropNotices(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	due, err := s.s.DueNotices(t.Context(), 0)
	if err != nil || len(due) != 1 {
		t.Fatalf("%v, %v", due, err)
	}
	s.start("one", "")
	if err := s.s.DropNotices(t.Context(), -time.Hour); err != nil {
		t.Fatal(err)
	}
	if due, err := s.s.DueNotices(t.Context(), 0); err != nil || len(due) != 0 {
		t.Errorf("%v, %v", due, err)
	}
}
