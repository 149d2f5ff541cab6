package app

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/store"
	"webmon/store/storetest"
)

// serveAPI serves an API on a Redis of its own. Nobody does its jobs.
func serveAPI(t *testing.T) (address string, s *store.Store) {
	t.Helper()
	s = storetest.Open(t)
	server, err := api.New(api.Options{
		Listen: "127.0.0.1:0", Store: s, Plugins: builtin.Registry(), Push: func([]string) {}, Snapshot: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + server.Addr(), s
}

// serveHistory serves an API with an asset that was checked 12 times, the last
// three with status 404. It gives the address and the asset's id.
func serveHistory(t *testing.T) (address, id string) {
	t.Helper()
	address, s := serveAPI(t)
	asset := &store.Asset{URL: "http://shop.example/", Tags: []string{"shop"}}
	if err := s.CreateAsset(t.Context(), asset); err != nil {
		t.Fatal(err)
	}
	suite, err := builtin.Registry().Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	var memory []byte
	for i := range 12 {
		page := &plugins.Page{
			URL: asset.URL, FinalURL: asset.URL, Status: 200, At: time.Now().Add(time.Duration(i-12) * time.Minute),
			Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<title>Shop</title><p>Bread and cakes.</p>"),
		}
		if i >= 9 {
			page.Status = 404
		}
		o := suite.Inspect(t.Context(), page, memory)
		var job string
		if _, _, err := s.Enqueue(t.Context(), store.Selection{Assets: []string{asset.ID}}, func(ids []string) { job = ids[0] }); err != nil {
			t.Fatal(err)
		}
		lease, err := s.Lease(t.Context(), job, "test", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		memory = o.Memory
		result := store.Result{Job: job, At: page.At, Verdict: o.Verdict, Reports: o.Reports}
		if err := s.Finish(t.Context(), lease, store.Outcome{Result: result, Memory: memory}); err != nil {
			t.Fatal(err)
		}
	}
	return address, asset.ID
}

func TestBacktestStored(t *testing.T) {
	t.Parallel()
	address, id := serveHistory(t)
	fields := func(r ran) string { return strings.Join(strings.Fields(r.stdout), " ") }

	got := webmon(t, []string{"WEBMON_SERVER=" + address}, "backtest", "stored", "--asset", id)
	got.printed(t, "http://shop.example/  as before  down  availability: The answer is 404 Not Found, expected is 200–399.")
	if text := fields(got); !strings.Contains(text, "stored 12 3 1 tried 12 3 1 Assets: 1. Kept as stored: blockpage, content,") {
		t.Errorf("printed: %s", got.stdout)
	}
	got = webmon(t, nil, "backtest", "stored", "--server", address+"/", "--tag=shop", "--window=1h", "--set", `availability.expect_status=["200","404"]`)
	got.printed(t)
	if text := fields(got); !strings.HasPrefix(text, "OPTIONS CHECKS ALARMED OPENED ALERTS stored 12 3 1 tried 12 0 0 ") {
		t.Errorf("printed: %s", got.stdout)
	}
	webmon(t, nil, "backtest", "stored", "--server", address, "--tag=shop", "-o", "yaml").printed(t, "tried:\n  alarmed: 3\n  opened: 1\n")
	webmon(t, nil, "backtest", "stored", "--server", address, "--tag=shop", "-o", "csv").printed(t, "at,asset,url,verdict,opened_before,findings\n", ",http://shop.example/,down,true,")

	webmon(t, nil, "backtest", "stored", "--server", address, "--asset=none").refused(t, "no asset", "none")
	webmon(t, nil, "backtest", "stored", "--server", address, "--asset", id, "--profile=loud").refused(t, "plugins.htmlstats", "profile")
	webmon(t, nil, "backtest", "stored", "--server", address, "--asset", id, "--set=seo.x=1").refused(t, "seo", "unknown option")
	webmon(t, nil, "backtest", "stored", "--server", "http://127.0.0.1:1", "--asset", id).refused(t, "webmon all", "--server")
	webmon(t, nil, "backtest", "stored", "--server", "127.0.0.1:1", "--asset", id).refused(t, "--server")
	webmon(t, nil, "backtest", "stored", "--server", address+"/elsewhere", "--asset", id).refused(t, "/elsewhere")
}

func TestBacktestStoredUsage(t *testing.T) {
	t.Parallel()
	webmon(t, nil, "backtest", "stored").refused(t, "--asset", "--tag")
	webmon(t, nil, "backtest", "stored", "--asset=a", "--tag=b").refused(t, "--asset", "--tag")
	webmon(t, nil, "backtest", "stored", "--asset=a", "--set=htmlstats").refused(t, "PLUGIN.OPTION=VALUE")
}
