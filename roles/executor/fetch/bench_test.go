package fetch

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// benchPage is a page of 30 KB.
var benchPage = bytes.Repeat([]byte("<p>some text, as pages have it</p>\n"), 30<<10/35)

// BenchmarkFetch compares a fetch with what net/http alone takes to read the
// same page; server and client share the machine in both.
func BenchmarkFetch(b *testing.B) {
	for _, secure := range []bool{false, true} {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write(benchPage)
		})
		s := httptest.NewUnstartedServer(handler)
		scheme := "http"
		if secure {
			s.StartTLS()
			scheme = "https"
		} else {
			s.Start()
		}
		b.Cleanup(s.Close)
		for _, keepAlive := range []bool{true, false} {
			name := scheme + "/new"
			if keepAlive {
				name = scheme + "/keepalive"
			}
			b.Run(name+"/nethttp", func(b *testing.B) { benchNetHTTP(b, s.URL, keepAlive) })
			b.Run(name+"/fetch", func(b *testing.B) { benchFetch(b, s.URL, keepAlive) })
		}
	}
}

func benchNetHTTP(b *testing.B, url string, keepAlive bool) {
	transport := &http.Transport{
		DisableKeepAlives:  !keepAlive,
		DisableCompression: true,
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: true},
	}
	client := &http.Client{Transport: transport}
	b.Cleanup(transport.CloseIdleConnections)
	b.ReportAllocs()
	defer reportCPU(b)()
	for b.Loop() {
		resp, err := client.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != int64(len(benchPage)) {
			b.Fatal(n, err)
		}
		resp.Body.Close()
	}
}

func benchFetch(b *testing.B, url string, keepAlive bool) {
	f := newTestFetcher(b, Options{KeepAlive: keepAlive})
	a := asset(url)
	a.Request.InsecureTLS = true
	b.ReportAllocs()
	defer reportCPU(b)()
	for b.Loop() {
		p := f.Fetch(b.Context(), a)
		if p.Err != nil || len(p.Body) != len(benchPage) {
			b.Fatal(len(p.Body), p.Err)
		}
		f.Release(p)
	}
}

// BenchmarkDecode measures decoders alone, as the pool hands them out.
func BenchmarkDecode(b *testing.B) {
	for _, coding := range []string{"gzip", "br", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			wire := encode(b, coding, benchPage)
			d := newDecoders()
			content, spare := new(bytes.Buffer), new(bytes.Buffer)
			b.SetBytes(int64(len(benchPage)))
			b.ReportAllocs()
			for b.Loop() {
				content.Reset()
				content.Write(wire)
				if _, err := d.decode(&content, &spare, []string{coding}, DefaultMaxBody, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("gzip/stdlib", func(b *testing.B) {
		wire := encode(b, "gzip", benchPage)
		var r gzip.Reader
		b.SetBytes(int64(len(benchPage)))
		b.ReportAllocs()
		for b.Loop() {
			if err := r.Reset(bytes.NewReader(wire)); err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// reportCPU adds the processor time of an operation, of all threads and of the
// server with it, from its call to that of its result.
func reportCPU(b *testing.B) (end func()) {
	before := cpuTime()
	return func() { b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N), "cpu-µs/op") }
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
