package notify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"webmon/store"
)

// item is a notice that waits to be sent to a channel.
type item struct {
	store.Notice
	class     class
	attempts  int // so far
	ready     time.Time
	groupWait time.Duration
	groupAt   int
	group     string // see groupID: for an all-clear of what was told; of what may have arrived its own
	again     bool   // group is its own: it is sent again as it was
}

// class is what can be told together.
type class int

const (
	alarm class = iota
	reminder
	allClear
)

func classOf(kind string) class {
	switch {
	case isClear(kind):
		return allClear
	case isReminder(kind):
		return reminder
	}
	return alarm
}

// clearWait is how long an all-clear waits for the others of what was told as
// one message.
const clearWait = 5 * time.Minute

// maxTogether bounds one message.
const maxTogether = 2000

// queue holds what waits for a channel.
type queue struct {
	mu     sync.Mutex
	items  []item
	groups map[string]int        // how many of items are of a group
	there  map[store.Notice]bool // in items, or being sent
	wake   chan struct{}
}

func newQueue() *queue {
	return &queue{groups: map[string]int{}, there: map[store.Notice]bool{}, wake: make(chan struct{}, 1)}
}

// add adds an item, unless it is there.
func (q *queue) add(i item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.there[i.Notice] {
		return
	}
	q.there[i.Notice] = true
	q.items = append(q.items, i)
	if i.group != "" {
		if q.groups[i.group]++; q.groups[i.group] == groupSize(i.group) {
			q.complete(i.group)
		}
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// complete makes a group ready, of which all is there.
func (q *queue) complete(group string) {
	for at := range q.items {
		if q.items[at].group == group {
			q.items[at].ready = time.Now()
		}
	}
}

// next gives what is to be sent now as one message, and takes it out; or how long
// to wait, negative for until something comes.
func (q *queue) next(now time.Time) (together []item, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return nil, -1
	}
	first := slices.MinFunc(q.items, func(a, b item) int { return a.ready.Compare(b.ready) })
	if first.ready.After(now) {
		return nil, first.ready.Sub(now)
	}
	fits := func(i item) bool { return i.class == first.class && i.group == first.group }
	for _, i := range q.items {
		if fits(i) && len(together) < maxTogether {
			together = append(together, i)
		}
	}
	// What was told together is over together, and what may have arrived is sent again
	// together, however few of it are left.
	if first.group == "" && len(together) < first.groupAt {
		together = []item{first}
	}
	taken := make(map[store.Notice]bool, len(together))
	for _, i := range together {
		taken[i.Notice] = true
	}
	q.items = slices.DeleteFunc(q.items, func(i item) bool { return taken[i.Notice] })
	if q.groups[first.group] -= len(together); q.groups[first.group] <= 0 {
		delete(q.groups, first.group)
	}
	return together, 0
}

// done forgets items that were taken out.
func (q *queue) done(items []item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, i := range items {
		delete(q.there, i.Notice)
	}
}

// take takes out everything, to hand it to another queue.
func (q *queue) take() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	items := q.items
	q.items = nil
	clear(q.groups)
	for _, i := range items {
		delete(q.there, i.Notice)
	}
	return items
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.there)
}

// A group's id is that of its message and how many incidents that was about.
func groupID(message string, size int) string { return fmt.Sprintf("%s:%d", message, size) }

func groupMessage(group string) string { return group[:strings.LastIndex(group, ":")] }

func groupSize(group string) int {
	n, _ := strconv.Atoi(group[strings.LastIndex(group, ":")+1:])
	return n
}
