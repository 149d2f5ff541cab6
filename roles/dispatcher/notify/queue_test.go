package notify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/store"
)

func notice(n int, kind string) store.Notice {
	return store.Notice{Incident: fmt.Sprintf("a!%d", n), Kind: kind}
}

func names(items []item) string {
	var list []string
	for _, i := range items {
		list = append(list, i.Notice.String())
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestQueue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	q := newQueue()
	if _, wait := q.next(now); wait >= 0 {
		t.Errorf("an empty queue waits %v", wait)
	}
	put := func(n int, kind string, after time.Duration, groupAt int) {
		q.add(item{Notice: notice(n, kind), class: classOf(kind), ready: now.Add(after), groupAt: groupAt})
	}
	next := func(at time.Duration, want string) {
		t.Helper()
		items, _ := q.next(now.Add(at))
		q.done(items)
		if got := names(items); got != want {
			t.Errorf("after %v: %q, not %q", at, got, want)
		}
	}
	put(1, "opened", 10*time.Second, 3)
	put(1, "opened", 0, 3) // it is there
	put(2, "opened", 12*time.Second, 3)
	if _, wait := q.next(now); wait != 10*time.Second {
		t.Errorf("it waits %v", wait)
	}
	next(9*time.Second, "")
	next(10*time.Second, "a!1/opened") // two are too few for one message
	put(3, "worse", 14*time.Second, 3)
	put(4, "flapping", 15*time.Second, 3)
	put(5, "closed", 15*time.Second, 3)
	put(6, "reminder.1", 15*time.Second, 3)
	next(12*time.Second, "a!2/opened a!3/worse a!4/flapping") // also who need not go yet
	next(15*time.Second, "a!5/closed")
	next(15*time.Second, "a!6/reminder.1")
	if q.len() != 0 {
		t.Errorf("%d are left", q.len())
	}
}

// The all-clear of what was told as one message waits until all of it is over,
// but not for ever, and is one message however few are left.
func TestQueueClear(t *testing.T) {
	t.Parallel()
	now := time.Now()
	q := newQueue()
	put := func(n int, group string) {
		q.add(item{Notice: notice(n, "closed"), class: allClear, ready: now.Add(clearWait), groupAt: 4, group: group})
	}
	for n := range 3 {
		put(n, "x:6")
	}
	put(7, "y:2")
	if items, _ := q.next(now.Add(clearWait - time.Second)); items != nil {
		t.Errorf("too early: %s", names(items))
	}
	put(8, "y:2")
	if items, _ := q.next(time.Now()); names(items) != "a!7/closed a!8/closed" {
		t.Errorf("a whole group: %q", names(items))
	}
	if items, _ := q.next(now.Add(clearWait)); names(items) != "a!0/closed a!1/closed a!2/closed" {
		t.Errorf("half a group: %q", names(items))
	}
}

// What is being sent is not added again, and is when it is done.
func TestQueueOnce(t *testing.T) {
	t.Parallel()
	q := newQueue()
	one := item{Notice: notice(1, "opened")}
	q.add(one)
	items, _ := q.next(time.Now())
	q.add(one)
	if again, _ := q.next(time.Now()); len(items) != 1 || again != nil {
		t.Errorf("%v, %v", items, again)
	}
	q.done(items)
	q.add(one)
	if again, _ := q.next(time.Now()); len(again) != 1 {
		t.Error("it is gone for ever")
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 3: 20 * time.Second, 8: 10 * time.Minute, 1000: 10 * time.Minute} {
		for range 100 {
			if d := pause(attempts); d < want*3/4 || d > want*5/4 {
				t.Fatalf("after %d attempts it waits %v, not about %v", attempts, d, want)
			}
		}
	}
	if d := tried(1); d != 0 {
		t.Errorf("after one attempt it was tried for %v", d)
	}
	if d := tried(150); d < 20*time.Hour || d > 28*time.Hour {
		t.Errorf("after 150 attempts it was tried for %v", d)
	}
}

// What it costs when a whole data centre is well again: 50,000 all-clears in groups of
// almost two thousand. Nothing is looked at meanwhile.
func BenchmarkQueue(b *testing.B) {
	const incidents, groups = 50_000, 26
	for b.Loop() {
		now, q := time.Now(), newQueue()
		for n := range incidents {
			q.add(item{Notice: notice(n, "closed"), class: allClear, ready: now.Add(clearWait), groupAt: 4, group: groupID(fmt.Sprint(n%groups), 2000)})
		}
		left := incidents
		for left > 0 {
			items, _ := q.next(now.Add(clearWait))
			q.done(items)
			left -= len(items)
		}
	}
}
