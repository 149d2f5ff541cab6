package app_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkPipeline runs checks of 30 KB pages through everything: API,
// dispatcher, executor, all plugins, Redis. An operation is a round of 5,000
// checks. cpu-s/1000 is the processor time of webmon and its Redis for 1,000
// checks; the site runs in the benchmark's own process and does not count.
func BenchmarkPipeline(b *testing.B) {
	for _, bench := range []struct {
		name, path string
		flags      []string
	}{
		{"calm", "/calm/", nil},
		{"calm-keep-alive", "/calm/", []string{"--keep-alive"}},
		{"lively", "/lively/", nil},
	} {
		b.Run(bench.name, func(b *testing.B) { benchmarkPipeline(b, bench.path, bench.flags) })
	}
}

func benchmarkPipeline(b *testing.B, path string, flags []string) {
	const assets = 5000
	site := httptest.NewServer(benchSite())
	defer site.Close()
	p := start(b, 3, append([]string{"all", "--data", filepath.Join(b.TempDir(), "data"), "--listen", "127.0.0.1:0",
		"--control", "tcp://127.0.0.1:*", "--per-host", "256"}, flags...)...)
	c := client{b, p.Address("api")}
	rows := []string{"url,interval"}
	for i := range assets {
		rows = append(rows, fmt.Sprintf("%s%s%d,0s", site.URL, path, i))
	}
	resp, err := http.Post(c.base+"/v1/assets/import", "text/csv", strings.NewReader(strings.Join(rows, "\n")))
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("import: %v, %v", resp, err)
	}
	resp.Body.Close()
	round := func() { c.finish(c.run(map[string]any{"all": true})) }
	round() // the first check of a page has more to learn

	before, rounds := cpuSeconds(b, p.PID()), 0
	for b.Loop() {
		round()
		rounds++
	}
	used := cpuSeconds(b, p.PID()) - before
	b.ReportMetric(used/float64(rounds*assets)*1000, "cpu-s/1000")
	b.ReportMetric(float64(rounds*assets)/b.Elapsed().Seconds(), "checks/s")
	p.stop()
}

// benchSite has pages of 30 KB: under /calm/ always the same, under /lively/
// one of 64 that differ in their texts.
func benchSite() http.Handler {
	pages := make([][]byte, 64)
	for i := range pages {
		var page bytes.Buffer
		page.WriteString("<!doctype html><title>Bench</title><link rel=stylesheet href=/a.css><script src=/a.js></script>")
		for n := 0; page.Len() < 30_000; n++ {
			fmt.Fprintf(&page, `<div class="item i%d"><h3>Title %d</h3><p>Some text about item %d with <a href="/item/%d">a link</a> and <em>more</em> words %d.</p><ul><li>a<li>b</ul></div>`, n, n, n, n, i)
		}
		pages[i] = page.Bytes()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := pages[0]
		if strings.HasPrefix(r.URL.Path, "/lively/") {
			page = pages[rand.N(len(pages))]
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
}

// cpuSeconds is the processor time that a process and its living children have
// used, as Linux tells it.
func cpuSeconds(b *testing.B, pid int) float64 {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The fields after the name, which is in parentheses; times in 1/100 s.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks float64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	seconds := ticks / 100
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for child := range strings.FieldsSeq(string(children)) {
			if n, err := strconv.Atoi(child); err == nil {
				seconds += cpuSeconds(b, n)
			}
		}
	}
	return seconds
}
