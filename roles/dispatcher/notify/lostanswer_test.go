package notify_test

import (
	"testing"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// The answer to a claim is lost: the notice is claimed, and whoever claimed it does not
// know. It asks again and sends it.
func TestAnswerToClaimIsLost(t *testing.T) {
	t.Parallel()
	var opts store.Options
	s, h := &system{t: t, s: storetest.Open(t, func(o *store.Options) { opts = *o }), log: &syncBuffer{}}, newHook(t, nil)
	far, lost := storetest.Lossy(t, opts, "\r\n92000\r\n")
	a := s.asset("shop")
	s.check(a, plugins.Down)
	// The script is known to Redis before, or nothing would be claimed.
	if _, err := s.s.ClaimNotices(t.Context(), "x", "x", []store.Notice{{Incident: s.incident(a).ID, Kind: "x"}}, 0); err != nil {
		t.Fatal(err)
	}
	distant := &system{t: t, s: far, log: s.log}
	// A claim is for the timeout and 15 seconds: by that the requests are known.
	distant.start("one", s.file("channels: {hook: {webhook: {url: '%s'}, timeout: 77s}}\nroutes: [{channels: [hook], group-wait: 0s}]\n", h.URL))
	d := s.becomes(a, "opened", "hook", store.DeliverySent)
	if !lost.Load() {
		t.Error("no answer was lost")
	}
	if got := h.all(); len(got) != 1 || d.Attempts != 1 {
		t.Errorf("%v, %+v", got, d)
	}
}
