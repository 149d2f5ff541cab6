package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"webmon/roles/api"
	"webmon/store"
	"webmon/store/storetest"
)

func options(t *testing.T) api.Options {
	t.Helper()
	return api.Options{
		Listen: "127.0.0.1:0", Store: storetest.Open(t), Plugins: onlyHTMLStats(),
		Push: func([]string) {}, Snapshot: func() {},
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for says, change := range map[string]func(*api.Options){
		"Store":               func(o *api.Options) { o.Store = nil },
		"Plugins":             func(o *api.Options) { o.Plugins = nil },
		"Push":                func(o *api.Options) { o.Push = nil },
		"Snapshot":            func(o *api.Options) { o.Snapshot = nil },
		"ShutdownTimeout":     func(o *api.Options) { o.ShutdownTimeout = -1 },
		"nonsense":            func(o *api.Options) { o.Listen = "nonsense" },
		taken.Addr().String(): func(o *api.Options) { o.Listen = taken.Addr().String() },
	} {
		opts := options(t)
		change(&opts)
		if _, err := api.New(opts); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v does not say %q", err, says)
		}
	}
}

func TestStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	opts := options(t)
	entered, release := make(chan struct{}), make(chan struct{})
	opts.Snapshot = func() { close(entered); <-release }
	server, err := api.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	status := make(chan int, 1)
	go func() {
		r, err := http.Post("http://"+server.Addr()+"/v1/assets", "application/json", strings.NewReader(`{"url":"http://a/"}`))
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		r.Body.Close()
		status <- r.StatusCode
	}()
	<-entered
	stop()
	select {
	case err := <-done:
		t.Errorf("Run ended under a request: %v", err)
	default:
	}
	close(release)
	if got := <-status; got != http.StatusCreated {
		t.Errorf("status %d", got)
	}
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestProblemsOfTheRouter(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.do("GET", "/nothing/here", "").problem(http.StatusNotFound)
	h.do("GET", "/v1", "").problem(http.StatusNotFound)
	h.do("GET", "/v1/assets/", "").problem(http.StatusNotFound)
	if a := h.do("PUT", "/v1/assets", `{}`); a.problem(http.StatusMethodNotAllowed).Status == 0 || !strings.Contains(a.header.Get("Allow"), "POST") {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
	h.do("POST", "/v1/assets", `{"url":`).problem(http.StatusBadRequest)
	h.do("POST", "/v1/assets", ``, "Content-Type: application/json").problem(http.StatusBadRequest)
	h.do("POST", "/v1/assets", "{\"url\":\"http://a/\xff\"}").problem(http.StatusBadRequest)
	h.do("POST", "/v1/assets", `url=x`, "Content-Type: application/x-www-form-urlencoded").problem(http.StatusUnsupportedMediaType)
	for _, path := range []string{"/v1/assets", "/v1/assets/import"} {
		a := h.do("POST", path, "\x1f\x8b", "Content-Type: application/json", "Content-Encoding: gzip")
		if detail := a.problem(http.StatusUnsupportedMediaType).Detail; !strings.Contains(detail, "Content-Encoding gzip") {
			t.Errorf("%s: %s", a.asked, detail)
		}
	}
	h.do("POST", "/v1/assets", `{"url":"`+strings.Repeat("x", 1<<20)+`"}`).problem(http.StatusRequestEntityTooLarge)
	h.do("POST", "/v1/assets", `{"url":"http://a/"}`, "Sec-Fetch-Site: cross-site").problem(http.StatusForbidden)
}

// A filter that cannot be read is refused: without it the answer would be about
// everything.
func TestQueriesAreReadWhole(t *testing.T) {
	t.Parallel()
	h := start(t)
	for query, want := range map[string][2]string{
		"?tag=a;b":             {"query", "write ; as %3B"},
		"?q=%zz":               {"query", "%zz"},
		"?tag=a&tag=b":         {"query.tag", "given 2 times"},
		"?limit=1&x=1&limit=1": {"query.limit", "given 2 times"},
	} {
		for _, path := range []string{"/v1/assets", "/v1/assets/export"} {
			h.do("GET", path+query, "").refuses(want[0], want[1])
		}
	}
	h.do("GET", "/v1/assets?tag=a%3Bb&q=100%25", "").want(http.StatusOK)
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	h := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/assets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusBadRequest || r.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestPanicIsAProblem(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *api.Options) { o.Snapshot = func() { panic("secret reason") } })
	a := h.do("POST", "/v1/assets", `{"url":"http://a/"}`, "X-Request-Id: my-id.1")
	if p := a.problem(http.StatusInternalServerError); strings.Contains(string(a.body), "secret") || !strings.Contains(p.Detail, "my-id.1") {
		t.Errorf("problem %+v", p)
	}
	if log := h.log.String(); !strings.Contains(log, "secret reason") || !strings.Contains(log, "my-id.1") {
		t.Errorf("log %s", log)
	}
	h.do("GET", "/v1/assets", "").want(http.StatusOK) // the server lives on
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := start(t)
	for given, kept := range map[string]bool{"abc-1": true, "a b": false, strings.Repeat("x", 65): false} {
		got := h.do("GET", "/healthz", "", "X-Request-Id: "+given).header.Get("X-Request-Id")
		if got == "" || (got == given) != kept {
			t.Errorf("%q became %q", given, got)
		}
	}
}

func TestHeadIsLikeGet(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	if a := h.do("HEAD", "/v1/assets/"+id, "").want(http.StatusOK); len(a.body) != 0 || a.header.Get("ETag") != `"1"` {
		t.Errorf("HEAD: %v %q", a.header, a.body)
	}
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	h := startAway(t)
	h.do("GET", "/healthz", "").want(http.StatusOK)
	for _, request := range [][3]string{
		{"GET", "/readyz", ""},
		{"GET", "/v1/assets", ""},
		{"POST", "/v1/assets", `{"url":"http://a/"}`},
		{"GET", "/v1/assets/d0000000000000000000", ""},
		{"PUT", "/v1/assets/d0000000000000000000", `{"url":"http://a/"}`},
		{"PATCH", "/v1/assets/d0000000000000000000", `{}`},
		{"DELETE", "/v1/assets/d0000000000000000000", ""},
		{"POST", "/v1/assets/import", `[{"url":"http://a/"}]`},
		{"GET", "/v1/assets/export", ""},
		{"POST", "/v1/jobs", `{"all":true}`},
		{"GET", "/v1/jobs", ""},
		{"GET", "/v1/assets/d0000000000000000000/results", ""},
		{"GET", "/v1/assets/d0000000000000000000/stats", ""},
		{"GET", "/v1/summary", ""},
		{"GET", "/v1/snapshots", ""},
		{"POST", "/v1/snapshots", ""},
		{"GET", "/v1/members", ""},
	} {
		a := h.do(request[0], request[1], request[2])
		a.problem(http.StatusServiceUnavailable)
		if a.header.Get("Retry-After") != "2" {
			t.Errorf("%s: Retry-After %q", a.asked, a.header.Get("Retry-After"))
		}
		if strings.Contains(string(a.body), "none.sock") {
			t.Errorf("%s tells of the inside: %s", a.asked, a.body)
		}
	}
	// Whether there are tokens is not known yet: nothing is open.
	h.do("GET", "/metrics", "").problem(http.StatusServiceUnavailable)
	if h.snapshotCount() != 0 {
		t.Error("a snapshot was asked for")
	}
}

func TestMetricsWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	redis := storetest.NewRestartable(t)
	s, err := store.Open(store.Options{Address: redis.Address()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := startOn(t, s)
	h.do("GET", "/metrics", "").want(http.StatusOK)
	redis.Stop()
	if metrics := string(h.do("GET", "/metrics", "").want(http.StatusOK).body); !strings.Contains(metrics, "\nwebmon_redis_up 0\n") {
		t.Error("/metrics does not say that Redis is away")
	}
	redis.Start()
}

func TestHealthAndSmallReads(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.do("GET", "/healthz", "").want(http.StatusOK)
	h.do("GET", "/readyz", "").want(http.StatusOK)
	if got := h.do("GET", "/v1/snapshots", "").want(http.StatusOK).object(); got["allowed"] != true {
		t.Errorf("snapshots %v", got)
	}
	if a := h.do("POST", "/v1/snapshots", "").want(http.StatusAccepted); a.header.Get("Location") != "/v1/snapshots" || h.snapshotCount() != 1 {
		t.Errorf("%d snapshots, %v", h.snapshotCount(), a.header)
	}
	if err := h.store.Beat(t.Context(), store.Member{Role: "executor", Name: "one", Counters: map[string]float64{"checks_total": 7}}); err != nil {
		t.Fatal(err)
	}
	members := h.do("GET", "/v1/members", "").want(http.StatusOK).object()["members"].([]any)
	if len(members) != 1 || members[0].(map[string]any)["name"] != "one" {
		t.Errorf("members %v", members)
	}
	list := h.do("GET", "/v1/plugins", "").want(http.StatusOK).object()["plugins"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["name"] != "htmlstats" {
		t.Errorf("plugins %v", list)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(`{"url":"http://a/"}`)
	h.do("POST", "/v1/jobs", `{"all":true}`).want(http.StatusAccepted)
	h.do("GET", "/nothing/"+strings.Repeat("x", 10), "")
	h.do("BREW", "/coffee", "")
	if err := h.store.Beat(t.Context(), store.Member{
		Role: "executor", Name: "one", Counters: map[string]float64{"checks_total": 7, "in_flight": 2, "bad name\xff": 1, "alerts_sent_total/mail": 3},
	}); err != nil {
		t.Fatal(err)
	}
	text := string(h.do("GET", "/metrics", "").want(http.StatusOK).body)
	for _, line := range []string{
		`webmon_redis_up 1`, `webmon_assets{verdict="unknown"} 1`, `webmon_assets{verdict="down"} 0`, `webmon_jobs{state="queued"} 1`,
		`webmon_member_checks_total{name="one",role="executor"} 7`, `webmon_member_in_flight{name="one",role="executor"} 2`,
		`webmon_channel_alerts_sent_total{channel="mail",name="one",role="executor"} 3`,
		`webmon_http_request_duration_seconds_count{code="2xx",method="POST",route="/v1/assets"} 1`,
		`webmon_http_request_duration_seconds_count{code="4xx",method="other",route="none"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	h := start(t)
	scopes := map[string]string{"create-token": "admin", "list-tokens": "admin", "revoke-token": "admin", "create-snapshot": "admin", "backtest": "read"}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID, Summary string
			Tags                 []string
			Security             []map[string][]string
		}
	}
	h.do("GET", "/openapi.json", "").want(http.StatusOK).into(&doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q", doc.OpenAPI)
	}
	groups := map[string]int{}
	ids := map[string]bool{}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s: %+v", method, path, op)
				continue
			}
			ids[op.OperationID] = true
			groups[op.Tags[0]]++
			if want := scopes[op.OperationID]; want == "" && method != "get" {
				scopes[op.OperationID] = "write"
			} else if want == "" {
				scopes[op.OperationID] = "read"
			}
			if op.OperationID == "get-health" || op.OperationID == "get-readiness" {
				if len(op.Security) != 0 {
					t.Errorf("%s %s: security %v", method, path, op.Security)
				}
				continue
			}
			if len(op.Security) != 1 || !slices.Equal(op.Security[0]["token"], []string{scopes[op.OperationID]}) {
				t.Errorf("%s %s: security %v", method, path, op.Security)
			}
		}
	}
	if len(groups) != 6 || groups["incidents"] == 0 || groups["health"] == 0 || groups["access"] == 0 || groups["assets"] == 0 || groups["execution"] == 0 || groups["statistics"] == 0 {
		t.Errorf("groups %v", groups)
	}
}
