package dispatcher_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/roles/dispatcher"
	"webmon/store"
	"webmon/store/storetest"
	"webmon/zmqwire"
)

// broker is a running dispatcher, on sockets of its own.
type broker struct {
	t       *testing.T
	wire    *zmqwire.Context
	jobsIn  string
	control string
	ids     <-chan string
}

func start(t *testing.T, s *store.Store) *broker {
	t.Helper()
	wire, err := zmqwire.NewContext(zmqwire.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := dispatcher.New(dispatcher.Options{
		Name: "broker", Store: s, Wire: wire, Tick: 20 * time.Millisecond,
		JobsIn: "tcp://127.0.0.1:*", JobsOut: "inproc://out", Control: "tcp://127.0.0.1:*",
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{t: t, wire: wire}
	b.jobsIn, _, b.control = d.Endpoints()
	puller, err := wire.NewPuller("inproc://out")
	if err != nil {
		t.Fatal(err)
	}
	b.ids = puller.IDs()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the dispatcher: %v", err)
		}
		wire.Term()
	})
	return b
}

func (b *broker) ask(command string) map[string]any {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 30*time.Second)
	defer cancel()
	reply, err := b.wire.Ask(ctx, b.control, command)
	if err != nil {
		b.t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(reply, &answer); err != nil {
		b.t.Fatalf("%s: %v: %s", command, err, reply)
	}
	return answer
}

// next gives the next id that the dispatcher hands on.
func (b *broker) next() string {
	b.t.Helper()
	select {
	case id := <-b.ids:
		return id
	case <-time.After(30 * time.Second):
		b.t.Fatal("no id comes")
		return ""
	}
}

func addAssets(t *testing.T, s *store.Store, n int, interval time.Duration) []*store.Asset {
	t.Helper()
	assets := make([]*store.Asset, n)
	for i := range assets {
		assets[i] = &store.Asset{URL: fmt.Sprintf("http://%d/", i), Interval: store.Duration(interval), Timeout: store.Duration(time.Second), Enabled: true}
	}
	for _, err := range s.CreateAssets(t.Context(), assets) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return assets
}

func TestScheduleReachesExecutors(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	b := start(t, s)
	want := map[string]bool{}
	for _, a := range addAssets(t, s, 50, time.Second) {
		want[a.ID] = true
	}
	for len(want) > 0 {
		id := b.next()
		asset, _, _ := strings.Cut(id, ".")
		if !want[asset] {
			t.Fatalf("%s is not expected, or came twice", id) // its job is still pending
		}
		delete(want, asset)
	}
	if status := b.ask("STATUS"); status["scheduled"] != 50.0 || status["queued"] != 50.0 {
		t.Errorf("status: %v", status)
	}
}

func TestIDsFromOutside(t *testing.T) {
	t.Parallel()
	b := start(t, storetest.Open(t))
	pusher, err := b.wire.NewPusher(b.jobsIn)
	if err != nil {
		t.Fatal(err)
	}
	outbox := zmqwire.NewOutbox(pusher)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { outbox.Run(ctx) })
	defer running.Wait()
	defer cancel()
	const n = 1000
	// One that is not well formed keeps no other away.
	ids := []string{"no id\n"}
	for i := range n {
		ids = append(ids, fmt.Sprintf("id.%d", i))
	}
	outbox.Add(ids)
	got := map[string]bool{}
	for range n {
		got[b.next()] = true
	}
	if len(got) != n {
		t.Errorf("%d different ids of %d", len(got), n)
	}
}

func TestLostIDsArePushedAgain(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, func(o *store.Options) { o.Redeliver = 50 * time.Millisecond })
	b := start(t, s)
	addAssets(t, s, 1, 0)
	// The ids that the API would push are dropped.
	_, n, err := s.Enqueue(t.Context(), store.Selection{All: true}, func([]string) {})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	id := b.next()
	// An executor takes the job and is never heard of again.
	if _, err := s.Lease(t.Context(), id, "gone", 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for {
		again := b.next() // first perhaps an id that was on its way already
		if again != id {
			t.Fatalf("%s, not %s", again, id)
		}
		if l, err := s.Lease(t.Context(), id, "next", time.Minute); err == nil {
			if l.Attempt != 2 {
				t.Errorf("attempt %d", l.Attempt)
			}
			return
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	b := start(t, s)
	if answer := b.ask("PAUSE"); answer["ok"] != true || answer["paused"] != true {
		t.Fatalf("PAUSE: %v", answer)
	}
	addAssets(t, s, 20, time.Second)
	select {
	case id := <-b.ids:
		t.Fatalf("%s was handed on during the pause", id)
	case <-time.After(1500 * time.Millisecond): // all were due within a second
	}
	if answer := b.ask("RESUME"); answer["ok"] != true || answer["paused"] != false {
		t.Fatalf("RESUME: %v", answer)
	}
	for range 20 {
		b.next()
	}
}

// Any number of dispatchers share the work; none does it twice.
func TestTwoDispatchersShareTheSchedule(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	one, other := start(t, s), start(t, s)
	addAssets(t, s, 500, time.Second)
	got := map[string]bool{}
	for len(got) < 500 {
		var id string
		select {
		case id = <-one.ids:
		case id = <-other.ids:
		case <-time.After(30 * time.Second):
			t.Fatalf("only %d ids came", len(got))
		}
		if got[id] {
			t.Fatalf("%s came twice", id)
		}
		got[id] = true
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	wire, err := zmqwire.NewContext(zmqwire.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Term()
	if _, err := dispatcher.New(dispatcher.Options{Name: "x", Wire: wire}); err == nil {
		t.Error("a dispatcher without a store was made")
	}
	_, err = dispatcher.New(dispatcher.Options{Name: "x", Wire: wire, Store: storetest.Open(t), JobsIn: "nonsense", JobsOut: "inproc://a", Control: "inproc://b"})
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a bad endpoint: %v", err)
	}
}
