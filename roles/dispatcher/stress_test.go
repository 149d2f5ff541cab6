package dispatcher_test

import (
	"context"
	"testing"
	"time"

	"webmon/roles/dispatcher"
	"webmon/roles/rolestest"
	"webmon/store"
	"webmon/store/storetest"
	"webmon/zmqwire"
)

// Not parallel: it counts the goroutines and files of the process.
func TestStartStopStress(t *testing.T) {
	s := storetest.Open(t)
	addAssets(t, s, 50, time.Second)
	rolestest.Stress(t, func() rolestest.Service {
		wire, err := zmqwire.NewContext(zmqwire.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := dispatcher.New(dispatcher.Options{
			Name: "broker", Store: s, Wire: wire, Tick: time.Millisecond,
			JobsIn: "tcp://127.0.0.1:*", JobsOut: "tcp://127.0.0.1:*", Control: "tcp://127.0.0.1:*",
		})
		if err != nil {
			t.Fatal(err)
		}
		_, out, control := d.Endpoints()
		return rolestest.Service{
			Run: func(ctx context.Context) error {
				defer wire.Term()
				return d.Run(ctx)
			},
			Work: func(ctx context.Context) { busy(ctx, t, s, out, control) },
		}
	})
}

// busy takes ids, makes jobs and asks on the control channel.
func busy(ctx context.Context, t *testing.T, s *store.Store, out, control string) {
	client, err := zmqwire.NewContext(zmqwire.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Term()
	puller, err := client.NewPuller(out)
	if err != nil {
		t.Error(err)
		return
	}
	for ctx.Err() == nil {
		// Each of them may fail when the stop comes first.
		_, _, _ = s.Enqueue(ctx, store.Selection{All: true}, func([]string) {})
		_, _ = client.Ask(ctx, control, "STATUS")
		select {
		case <-puller.IDs():
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
	}
}
