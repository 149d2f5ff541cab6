package api

import (
	"context"
	"strings"
	"testing"

	"webmon/plugins/builtin"
	"webmon/store"
	"webmon/store/storetest"
)

// A backtest whose time is up says so, and not that Redis is away.
func TestBacktestIsGivenUp(t *testing.T) {
	t.Parallel()
	s := &Server{opts: Options{Plugins: builtin.Registry()}, store: storetest.Open(t)}
	a := &store.Asset{URL: "http://a/"}
	if err := s.store.CreateAsset(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := &backtestInput{}
	in.Body.Asset, in.Body.Window = a.ID, "1h"
	if _, err := s.backtest(ctx, in); err == nil || !strings.Contains(err.Error(), validationFailed) {
		t.Errorf("error %v", err)
	}
}
