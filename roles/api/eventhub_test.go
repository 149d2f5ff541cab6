package api

import (
	"log/slog"
	"testing"

	"webmon/store"
	"webmon/store/storetest"
)

// MaxStreams is for tests.
const MaxStreams = maxStreams

// Who does not keep up is dropped; the others hear on.
func TestSlowListenerIsDropped(t *testing.T) {
	t.Parallel()
	h := newEventHub(storetest.Open(t), slog.New(slog.DiscardHandler))
	defer h.stop()
	slow, err := h.join(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	quick, err := h.join(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	deaf, err := h.join(t.Context(), func(*store.Event) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	for range maxBehind + 1 {
		h.hand(t.Context(), []store.Event{{Kind: store.EventVerdict}})
		if events, open := <-quick.events; !open || len(events) != 1 {
			t.Fatalf("%v, %t", events, open)
		}
	}
	for range maxBehind {
		if _, open := <-slow.events; !open {
			t.Fatal("it lost what it had already")
		}
	}
	if _, open := <-slow.events; open {
		t.Error("it is more behind than is possible")
	}
	h.leave(slow) // once more does no harm
	h.leave(quick)
	h.leave(deaf)
	if h.polling.Wait(); len(h.listeners) != 0 {
		t.Error("somebody is left")
	}
	if l, err := h.join(t.Context(), nil); err != nil || l == nil {
		t.Errorf("nobody can listen again: %v", err)
	}
	h.stop()
	if _, err := h.join(t.Context(), nil); err == nil {
		t.Error("after the stop somebody may listen")
	}
}
