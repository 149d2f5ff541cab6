package timing

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"webmon/plugins"
)

func took(d time.Duration) *plugins.Page {
	return &plugins.Page{Status: 200, Timing: plugins.Timing{FirstByte: d / 2, Total: d}}
}

// Each step is a check of the same asset.
func TestDrift(t *testing.T) {
	t.Parallel()
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var past []byte
	check := func(page *plugins.Page) (codes string) {
		report, err := plugin.Inspect(t.Context(), page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		for _, f := range report.Findings {
			codes += fmt.Sprintf("%s %s ", f.Code, f.Verdict)
		}
		return codes
	}
	const slow = "slow_first_byte degraded slower_than_usual degraded "
	for i := range 20 {
		if got := check(took(time.Duration(100+i%5*10) * time.Millisecond)); got != "" {
			t.Fatalf("warming up: %s", got)
		}
	}
	unavailable := took(5 * time.Second)
	unavailable.Status = 503
	for i, step := range []struct {
		page *plugins.Page
		want string
	}{
		{took(250 * time.Millisecond), ""}, {took(3 * time.Second), ""}, {took(3 * time.Second), ""}, {took(100 * time.Millisecond), ""},
		{took(3 * time.Second), ""}, {unavailable, ""}, {took(3 * time.Second), ""}, {took(3 * time.Second), slow},
		{took(3 * time.Second), slow}, {took(110 * time.Millisecond), ""},
	} {
		if got := check(step.page); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	slowChecks := 0
	for range 100 {
		if check(took(3*time.Second)) != "" {
			slowChecks++
		}
	}
	if want := watched[0].limits.Adopt - agree + 1; slowChecks != want {
		t.Errorf("%d slow checks until that is usual, want %d", slowChecks, want)
	}
}

// Each phase is judged by itself.
func TestPhases(t *testing.T) {
	t.Parallel()
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	const usual, slow = 20 * time.Millisecond, time.Second
	for want, set := range map[string]func(*plugins.Timing){
		"slow_dns": func(p *plugins.Timing) { p.DNS = slow }, "slow_connect": func(p *plugins.Timing) { p.Connect = slow },
		"slow_tls": func(p *plugins.Timing) { p.TLS = slow }, "slow_transfer": func(p *plugins.Timing) { p.Transfer = slow },
		"slow_first_byte": func(p *plugins.Timing) { p.FirstByte = slow }, "slower_than_usual": func(p *plugins.Timing) { p.Total = slow },
	} {
		var past []byte
		var findings []plugins.Finding
		for i := range 12 + agree {
			page := &plugins.Page{Status: 200, Timing: plugins.Timing{DNS: usual, Connect: usual, TLS: usual, FirstByte: usual, Transfer: usual, Total: usual}}
			if i >= 12 {
				set(&page.Timing)
			}
			report, err := plugin.Inspect(t.Context(), page, past)
			if err != nil {
				t.Fatal(err)
			}
			past, findings = report.Past, report.Findings
		}
		if len(findings) != 1 || findings[0].Code != want || findings[0].Verdict != plugins.Degraded {
			t.Errorf("%s: got %+v", want, findings)
		}
	}
}

// A page whose times go up and down as usual is not remembered anew at each
// check, but what is usual is still learned.
func TestFewChecksTeach(t *testing.T) {
	t.Parallel()
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var past, first []byte
	learned := 0
	for i := range 400 {
		page := took(time.Duration(100+i%7) * time.Millisecond)
		page.At = time.Date(2026, 11, 22, 0, i, 0, i*1_001_000, time.UTC)
		report, err := plugin.Inspect(t.Context(), page, past)
		if err != nil {
			t.Fatal(err)
		}
		if changed := !bytes.Equal(report.Past, past); i >= 24 && changed {
			learned++
		} else if i < 24 && !changed {
			t.Errorf("check %d teaches a window that is not full nothing", i)
		}
		if past = report.Past; i == 30 {
			first = past
		}
	}
	if learned < 60 || learned > 140 {
		t.Errorf("%d of 376 checks teach, want about a quarter", learned)
	}
	if bytes.Equal(past, first) {
		t.Error("after 400 checks the same is remembered as after 30")
	}
}

func BenchmarkInspect(b *testing.B) {
	plugin, err := New(nil)
	if err != nil {
		b.Fatal(err)
	}
	var past []byte
	b.ReportAllocs()
	for b.Loop() {
		report, err := plugin.Inspect(b.Context(), took(100*time.Millisecond), past)
		if err != nil {
			b.Fatal(err)
		}
		past = report.Past
	}
	b.ReportMetric(float64(len(past)), "memory-bytes")
}
