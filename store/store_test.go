package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// clock is a time that tests move by hand.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) add(d time.Duration)     { c.ms.Add(d.Milliseconds()) }
func (c *clock) use(opts *store.Options) { opts.Now = c.now }

func newAsset(url string, tags ...string) *store.Asset {
	return &store.Asset{URL: url, Tags: tags, Interval: store.Duration(time.Minute), Timeout: store.Duration(10 * time.Second), Enabled: true}
}

func create(t *testing.T, s *store.Store, a *store.Asset) *store.Asset {
	t.Helper()
	if err := s.CreateAsset(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

func enqueue(t *testing.T, s *store.Store, sel store.Selection) (batch string, jobs []string) {
	t.Helper()
	batch, n, err := s.Enqueue(t.Context(), sel, func(ids []string) { jobs = append(jobs, ids...) })
	if err != nil {
		t.Fatal(err)
	}
	if n != len(jobs) {
		t.Fatalf("Enqueue says %d jobs and pushed %d", n, len(jobs))
	}
	return batch, jobs
}

func outcome(l *store.Lease, at time.Time, v plugins.Verdict) store.Outcome {
	return store.Outcome{Seconds: 0.25, Memory: []byte("remember"), Result: store.Result{
		Job: l.Job, At: at, Verdict: v,
		Reports: []plugins.Report{{Plugin: "timing", Metrics: []plugins.Metric{{Name: "total_seconds", Value: 0.25}}}},
	}}
}

func TestOpenRefusesBadAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost:6379", "http://x", "redis://h/notanumber", "redis://:p%zz@h"} {
		if _, err := store.Open(store.Options{Address: address}); err == nil {
			t.Errorf("%q was accepted", address)
		}
	}
	_, err := store.Open(store.Options{Address: "ftp://user:secret@h"})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestRedisAwayAndBack(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	s, err := store.Open(store.Options{Address: server.Address()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create(t, s, newAsset("http://a/"))
	gone, err := store.Open(store.Options{Address: "unix:///nonexistent/redis.sock"})
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close()
	if err := gone.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping of a Redis that is not there: %v", err)
	}
	if _, err := gone.Asset(t.Context(), "cv0000000000000000r0"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Asset: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := gone.Ready(ctx); err == nil {
		t.Error("Ready says that a Redis answers that is not there")
	}
}

func TestAssetLife(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	redirects := 3
	a := newAsset("http://example.com/", "blue", "green")
	a.Name = "Example"
	a.Request = store.Request{Method: "POST", Headers: map[string]string{"X-A": "1"}, MaxRedirects: &redirects, BasicAuth: &store.BasicAuth{Username: "u", Password: "p"}}
	a.Plugins = map[string]json.RawMessage{"timing": json.RawMessage(`{"slow_after":"1s"}`)}
	create(t, s, a)
	if a.ID == "" || a.Revision != 1 || a.Created.IsZero() || a.Status.Verdict != plugins.Unknown {
		t.Fatalf("created: %+v", a)
	}
	got, err := s.Asset(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Example" || *got.Request.MaxRedirects != 3 || got.Request.BasicAuth.Password != "p" ||
		string(got.Plugins["timing"]) != `{"slow_after":"1s"}` || !slices.Equal(got.Tags, a.Tags) || !got.Created.Equal(a.Created) {
		t.Errorf("read: %+v", got)
	}
	if until := time.Until(got.Status.Next); until > time.Minute || until < -time.Second {
		t.Errorf("the first check is due in %v", until)
	}

	got.Tags, got.Enabled = []string{"red"}, false
	if err := s.ReplaceAsset(ctx, &got, 7); !errors.Is(err, store.ErrRevision) {
		t.Errorf("a wrong revision: %v", err)
	}
	if err := s.ReplaceAsset(ctx, &got, 1); err != nil || got.Revision != 2 {
		t.Errorf("replace: %v, revision %d", err, got.Revision)
	}
	for tag, want := range map[string]int{"blue": 0, "green": 0, "red": 1} {
		page, err := s.Assets(ctx, store.AssetQuery{Limit: 10, Tag: tag})
		if err != nil || len(page.Assets) != want {
			t.Errorf("tag %s: %d assets, %v", tag, len(page.Assets), err)
		}
	}
	if got, _ = s.Asset(ctx, a.ID); !got.Status.Next.IsZero() {
		t.Error("a disabled asset is still scheduled")
	}
	if err := s.DeleteAsset(ctx, a.ID, 1); !errors.Is(err, store.ErrRevision) {
		t.Errorf("delete with an old revision: %v", err)
	}
	if err := s.DeleteAsset(ctx, a.ID, 0); err != nil {
		t.Error(err)
	}
	if _, err := s.Asset(ctx, a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a deleted asset: %v", err)
	}
	if err := s.DeleteAsset(ctx, a.ID, 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleting twice: %v", err)
	}
	page, err := s.Assets(ctx, store.AssetQuery{Limit: 10})
	if err != nil || len(page.Assets) != 0 {
		t.Errorf("the list holds %d assets, %v", len(page.Assets), err)
	}
}

// What plugins remember is of a page: another page begins anew, another name
// does not.
func TestAnotherPageIsNotRemembered(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	a := create(t, s, newAsset("http://a/"))
	a.Request.Headers = map[string]string{}
	memory := func() string {
		t.Helper()
		_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
		l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(t.Context(), l, outcome(l, time.Now(), plugins.Up)); err != nil {
			t.Fatal(err)
		}
		return string(l.Memory)
	}
	for i, step := range []struct {
		change func()
		want   string
	}{
		{func() {}, ""},
		{func() { a.Name = "other" }, "remember"},
		{func() { a.URL = "http://b/" }, ""},
		{func() {}, "remember"},
		{func() { a.Request.Method = "POST" }, ""},
	} {
		step.change()
		if err := s.ReplaceAsset(t.Context(), a, 0); err != nil {
			t.Fatal(err)
		}
		if got := memory(); got != step.want {
			t.Errorf("step %d: the plugins remember %q, not %q", i, got, step.want)
		}
	}
}

// A Redis that is full refuses every write and answers every read: it is away
// once, not again and again.
func TestFullRedis(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := openAt(t, storetest.Server(t).Address(), &log)
	a := create(t, s, newAsset("http://a/"))
	if err := s.LimitMemory(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err := s.CreateAsset(t.Context(), newAsset("http://b/")); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("a write: %v", err)
		}
		if _, err := s.Asset(t.Context(), a.ID); err != nil {
			t.Fatalf("a read: %v", err)
		}
	}
	if err := s.LimitMemory(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Retry(t.Context(), func() error { return s.CreateAsset(t.Context(), newAsset("http://c/")) }); err != nil {
		t.Error(err)
	}
	if said := strings.Count(log.String(), "\n"); said != 1 {
		t.Errorf("%d lines in the log:\n%s", said, &log)
	}
}

func TestAssetsPageInOrderOfCreation(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var assets []*store.Asset
	for i := range 1000 {
		a := newAsset("http://example.com/" + string(rune('a'+i%26)))
		if i%10 == 0 {
			a.Tags = []string{"tenth"}
		}
		assets = append(assets, a)
	}
	for _, err := range s.CreateAssets(t.Context(), assets) {
		if err != nil {
			t.Fatal(err)
		}
	}
	all := func(q store.AssetQuery) (ids []string) {
		for {
			page, err := s.Assets(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Assets) > q.Limit {
				t.Fatalf("%d assets in a page of %d", len(page.Assets), q.Limit)
			}
			for _, a := range page.Assets {
				ids = append(ids, a.ID)
			}
			if page.Next == "" {
				return ids
			}
			q.Cursor = page.Next
		}
	}
	var want, tenth, withB []string
	for i, a := range assets {
		want = append(want, a.ID)
		if i%10 == 0 {
			tenth = append(tenth, a.ID)
		}
		if i%26 == 1 {
			withB = append(withB, a.ID)
		}
	}
	for _, limit := range []int{1, 7, 100, 999, 1000, 5000} {
		if got := all(store.AssetQuery{Limit: limit}); !slices.Equal(got, want) {
			t.Errorf("pages of %d: %d assets, or another order", limit, len(got))
		}
	}
	if got := all(store.AssetQuery{Limit: 7, Tag: "tenth"}); !slices.Equal(got, tenth) {
		t.Errorf("by tag: %d assets", len(got))
	}
	if got := all(store.AssetQuery{Limit: 7, Text: "COM/B"}); !slices.Equal(got, withB) {
		t.Errorf("by text: %d assets, not %d", len(got), len(withB))
	}
	if got := all(store.AssetQuery{Limit: 7, Verdict: plugins.Unknown, Tag: "tenth"}); !slices.Equal(got, tenth) {
		t.Errorf("by tag and verdict: %d assets", len(got))
	}
	if got := all(store.AssetQuery{Limit: 7, Verdict: plugins.Down}); len(got) != 0 {
		t.Errorf("by a verdict that none has: %d assets", len(got))
	}
	for _, cursor := range []string{"x", "!!!", "AAAA", "MXI0NzE"} {
		if _, err := s.Assets(t.Context(), store.AssetQuery{Limit: 1, Cursor: cursor}); !errors.Is(err, store.ErrCursor) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}
