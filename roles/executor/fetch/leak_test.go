package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// No check leaves a goroutine or an open file behind, however it ends. Not
// parallel: it counts those of the whole process.
func TestNoLeaks(t *testing.T) {
	page := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/big":
			w.Write(make([]byte, 1<<20)) // over the limit: the rest is never read
		case "/hang":
			<-r.Context().Done()
		default:
			io.WriteString(w, "hello")
		}
	}))
	page.EnableHTTP2 = true
	page.StartTLS()
	defer page.Close()
	plain := httptest.NewServer(page.Config.Handler)
	defer plain.Close()
	refused := closedPort(t)

	for _, keepAlive := range []bool{false, true} {
		f := newTestFetcher(t, Options{KeepAlive: keepAlive, MaxBody: 1000})
		before := goroutinesAndFiles(t)
		var done sync.WaitGroup
		for range 5 {
			for _, url := range []string{
				page.URL, page.URL + "/redirect", page.URL + "/big", page.URL + "/hang",
				plain.URL, plain.URL + "/redirect", plain.URL + "/big", plain.URL + "/hang",
				"https://" + plain.Listener.Addr().String(), "http://" + refused,
			} {
				done.Go(func() {
					a := asset(url)
					a.Request.InsecureTLS = true
					if strings.HasSuffix(url, "/hang") {
						a.Timeout /= 100
					}
					f.Release(f.Fetch(t.Context(), a))
				})
			}
		}
		done.Wait()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		deadline := time.Now().Add(20 * time.Second)
		for {
			// A connection that was just left may become idle a moment later,
			// and only idle ones are closed.
			f.Close()
			after := goroutinesAndFiles(t)
			if after[0] <= before[0] && after[1] <= before[1] {
				break
			}
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Fatalf("keep-alive %t: goroutines and files %v before, %v after\n%s",
					keepAlive, before, after, stacks[:runtime.Stack(stacks, true)])
			}
			<-tick.C
		}
	}
}

func goroutinesAndFiles(t *testing.T) [2]int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return [2]int{runtime.NumGoroutine(), len(files)}
}

// A released body must not change under a page that is still in use.
func TestRelease(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Query().Get("say"))
	})
	f := newTestFetcher(t, Options{})
	kept := mustFetch(t, f, asset(s.URL+"?say=kept"))
	for range 20 {
		p := mustFetch(t, f, asset(s.URL+"?say=other"))
		if string(p.Body) != "other" {
			t.Fatalf("got %q", p.Body)
		}
		f.Release(p)
		f.Release(p) // once more does no harm
		if p.Body != nil {
			t.Fatal("the page still has its body")
		}
	}
	if string(kept.Body) != "kept" {
		t.Errorf("a page in use became %q", kept.Body)
	}
	f.Release(f.Fetch(t.Context(), asset("nonsense")))
}
