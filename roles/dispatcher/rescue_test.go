package dispatcher_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
)

// A job that no sorted set knows of reaches an executor all the same.
func TestRescuedJobsReachExecutors(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	s, err := store.Open(store.Options{Address: server.Address(), Prefix: "webmon:damaged"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	addAssets(t, s, 3, 0)
	want := map[string]bool{}
	_, _, err = s.Enqueue(t.Context(), store.Selection{All: true}, func(jobs []string) {
		for _, job := range jobs {
			want[job] = true
		}
	})
	if err != nil || len(want) != 3 {
		t.Fatal(want, err)
	}
	for part := range store.Partitions {
		storetest.Command(t, server.Address(), "DEL", fmt.Sprintf("webmon:damaged:{p%02d}:queued", part))
	}
	b := start(t, s)
	for len(want) > 0 {
		delete(want, b.next())
	}
	deadline := time.After(30 * time.Second)
	for b.ask("STATUS")["rescued"] != 3.0 {
		select {
		case <-deadline:
			t.Fatalf("status: %v", b.ask("STATUS"))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestStatusWarnsOfRedis(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	s, err := store.Open(store.Options{Address: server.Address()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b := start(t, s)
	if warning, said := b.ask("STATUS")["redis_warning"]; said {
		t.Errorf("a warning for nothing: %v", warning)
	}
	storetest.Configure(t, server.Address(), "maxmemory-policy", "volatile-lru")
	if warning, _ := b.ask("STATUS")["redis_warning"].(string); !strings.Contains(warning, "noeviction") {
		t.Errorf("the warning is %q", warning)
	}
}
