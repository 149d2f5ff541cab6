package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"webmon/roles/api"
	"webmon/store"
	"webmon/store/storetest"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	h := start(t)
	one, two := h.create(`{"url":"http://a/"}`), h.create(`{"url":"http://b/"}`)
	body := fmt.Sprintf(`{"assets":[%q,%q]}`, one, two)
	first := h.do("POST", "/v1/jobs", body, "Idempotency-Key: k 1").want(http.StatusAccepted).object()
	// The assets in another order are the same request.
	body = fmt.Sprintf(`{"assets":[%q,%q]}`, two, one)
	again := h.do("POST", "/v1/jobs", body, "Idempotency-Key: k 1").want(http.StatusAccepted).object()
	if first["batch"] != again["batch"] || again["jobs"] != 2.0 || len(h.pushedIDs()) != 2 {
		t.Errorf("%v, then %v; pushed %v", first, again, h.pushedIDs())
	}
	h.do("POST", "/v1/jobs", `{"all":true}`, "Idempotency-Key: k 1").refuses("header.Idempotency-Key", "another")
	other := h.do("POST", "/v1/jobs", body, "Idempotency-Key: k 2").want(http.StatusAccepted).object()
	if other["batch"] == first["batch"] || len(h.pushedIDs()) != 4 {
		t.Errorf("another key: %v; pushed %v", other, h.pushedIDs())
	}
	h.do("POST", "/v1/jobs", body, "Idempotency-Key: "+strings.Repeat("x", 101)).want(http.StatusUnprocessableEntity)
}

// pressed is an API on a Redis of its own, which gets full once the first jobs of
// a request are made.
func pressed(t *testing.T) (h *harness, relieve func()) {
	t.Helper()
	server := storetest.Server(t)
	s, err := store.Open(store.Options{Address: server.Address()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	var once sync.Once
	h = startOn(t, s, func(o *api.Options) {
		push := o.Push
		o.Push = func(ids []string) {
			push(ids)
			once.Do(func() { storetest.Configure(t, server.Address(), "maxmemory", "1") })
		}
	})
	return h, func() { storetest.Configure(t, server.Address(), "maxmemory", "0") }
}

// Redis gets full in the middle of a request: the answer says what is there, and with
// a key the same request makes the rest, once there is room.
func TestJobsWhileRedisGetsFull(t *testing.T) {
	t.Parallel()
	h, relieve := pressed(t)
	assets := make([]*store.Asset, 300)
	for i := range assets {
		assets[i] = &store.Asset{URL: "http://a/", Enabled: true}
	}
	h.store.CreateAssets(t.Context(), assets)
	got := h.do("POST", "/v1/jobs", `{"all":true}`, "Idempotency-Key: k").problem(http.StatusServiceUnavailable)
	for _, part := range []string{"memory limit", "of batch ", "the same Idempotency-Key makes the rest"} {
		if !strings.Contains(got.Detail, part) {
			t.Errorf("the problem does not say %q: %s", part, got.Detail)
		}
	}
	made := len(h.pushedIDs())
	if made == 0 || made == len(assets) {
		t.Fatalf("%d jobs were made", made)
	}
	h.do("GET", "/metrics", "").want(http.StatusOK).says(t, "webmon_redis_memory_limit_bytes 1\n")
	if again := h.do("POST", "/v1/jobs", `{"all":true}`); again.status != http.StatusServiceUnavailable || again.header.Get("Retry-After") == "" {
		t.Errorf("while it is full: %d, Retry-After %q", again.status, again.header.Get("Retry-After"))
	}
	relieve()
	rest := h.do("POST", "/v1/jobs", `{"all":true}`, "Idempotency-Key: k").want(http.StatusAccepted).object()
	if rest["jobs"] != 300.0 || len(h.pushedIDs()) != 300 || !strings.Contains(got.Detail, rest["batch"].(string)) {
		t.Errorf("the rest: %v; %d pushed", rest, len(h.pushedIDs()))
	}
}

// Without a key the answer says that a repeat is another batch.
func TestJobsHalfMadeWithoutKey(t *testing.T) {
	t.Parallel()
	h, _ := pressed(t)
	for range 20 {
		h.create(`{"url":"http://a/"}`)
	}
	got := h.do("POST", "/v1/jobs", `{"all":true}`).problem(http.StatusServiceUnavailable)
	if !strings.Contains(got.Detail, "makes a new batch") {
		t.Errorf("the problem: %s", got.Detail)
	}
}

func (a answer) says(t *testing.T, part string) {
	t.Helper()
	if !strings.Contains(string(a.body), part) {
		t.Errorf("%s does not say %q:\n%s", a.asked, part, a.body)
	}
}
