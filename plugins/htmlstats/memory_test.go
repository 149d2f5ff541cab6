package htmlstats

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
)

// learnedMemory returns what is remembered after some checks of a lively page,
// the last of them set aside.
func learnedMemory(tb testing.TB, checks int) []byte {
	tb.Helper()
	plugin, err := New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	var past []byte
	random := seeded(3)
	inspect := func(body string) {
		report, err := plugin.Inspect(tb.Context(), htmlPage(body), past)
		if err != nil {
			tb.Fatal(err)
		}
		past = report.Past
	}
	for range checks {
		inspect(lively(30, random))
	}
	inspect(hacked)
	return past
}

func TestMemoryKeepsItsContent(t *testing.T) {
	t.Parallel()
	for _, checks := range []int{0, 1, 4, 5, 6, 30, 70} {
		past := learnedMemory(t, checks)
		var m memory
		if !m.decode(past) {
			t.Fatalf("the memory of %d checks cannot be read", checks)
		}
		if again := m.encode(); !bytes.Equal(again, past) {
			t.Fatalf("%d checks: %x became %x", checks, past, again)
		}
	}
}

func TestDamagedMemoryIsForgotten(t *testing.T) {
	t.Parallel()
	past := learnedMemory(t, 20)
	var m memory
	for name, damaged := range map[string][]byte{
		"nothing":       nil,
		"another age":   append([]byte{memoryVersion + 1}, past[1:]...),
		"cut":           past[:len(past)-1],
		"with an end":   append(slices.Clone(past), 0),
		"twice":         append(slices.Clone(past), past...),
		"endless count": append(slices.Clone(past[:14]), bytes.Repeat([]byte{0xff}, 40)...),
	} {
		if m.decode(damaged) {
			t.Errorf("%s: read as a memory", name)
		}
		if m.learned != 0 || m.hash != 0 || len(m.aside) != 0 || len(m.windows[pageBytes]) != 0 {
			t.Errorf("%s: something of it is remembered", name)
		}
	}
}

// A page of every element, whose numbers all change wildly in every check, is
// the worst there is.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	// Nothing is unusual when the deviations are so large, so all is learned.
	w := newWatch(t, `{"window": 240, "k": 20}`)
	random := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		var body strings.Builder
		for tag := range plugins.NumTags {
			name := plugins.Tag(tag).String()
			body.WriteString(strings.Repeat(fmt.Sprintf("<%s></%s>", name, name), random.IntN(60)))
		}
		w.check(htmlPage(body.String()))
	}
	if w.most > plugins.MaxPast || w.most < plugins.MaxPast/2 {
		t.Errorf("at most %d bytes remembered; want up to %d, and a test that comes near it", w.most, plugins.MaxPast)
	}
}

func TestUnchangedPageIsCheap(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	body := site(30, seeded(1))
	for range 100 {
		w.calm(body)
	}
	const limit = 200 // some thirty metrics of five bytes, and the head
	if len(w.past) > limit {
		t.Errorf("%d bytes remembered of a page that never changed, want at most %d", len(w.past), limit)
	}
}

// A remembered page is not parsed again, and is reported all the same.
func TestRememberedPageIsReportedAlike(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	body := site(30, seeded(1))
	first := w.check(htmlPage(body))
	for range 10 {
		page := htmlPage(body)
		report := w.check(page)
		if !slices.Equal(report.Metrics, first.Metrics) {
			t.Fatalf("got  %v\nwant %v", report.Metrics, first.Metrics)
		}
	}
	hackedFirst := w.check(htmlPage(hacked))
	hackedAgain := w.check(htmlPage(hacked))
	if !slices.Equal(hackedFirst.Metrics, hackedAgain.Metrics) || !slices.Equal(hackedFirst.Findings, hackedAgain.Findings) {
		t.Errorf("a page set aside is reported in another way the second time:\n%+v\n%+v", hackedFirst, hackedAgain)
	}
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{memoryVersion})
	for _, checks := range []int{0, 1, 10} {
		f.Add(learnedMemory(f, checks))
	}
	plugin, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, past []byte) {
		for _, body := range []string{hacked, ""} {
			report, err := plugin.Inspect(t.Context(), htmlPage(body), past)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Past) > plugins.MaxPast {
				t.Fatalf("%d bytes remembered", len(report.Past))
			}
			var m memory
			if !m.decode(report.Past) {
				t.Fatalf("%x cannot be read again", report.Past)
			}
		}
	})
}

func FuzzWindow(f *testing.F) {
	f.Add([]byte{1, 1, 2, 0, 255}, 3)
	f.Fuzz(func(t *testing.T, values []byte, limit int) {
		if limit < 1 || limit > maxWindow {
			return
		}
		var w window
		var want []int64
		for _, value := range values {
			w = w.push(int64(value), 1, limit)
			want = append(want, int64(value))
		}
		want = want[max(0, len(want)-limit):]
		var got []int64
		for _, r := range w {
			for range r.count {
				got = append(got, r.value)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	plugin, err := New(nil)
	if err != nil {
		b.Fatal(err)
	}
	var bodies [64][]byte
	random := seeded(1)
	for i := range bodies {
		bodies[i] = []byte(lively(140, random))
	}
	for name, next := range map[string]func(i int) []byte{
		"calm":   func(int) []byte { return bodies[0] },
		"lively": func(i int) []byte { return bodies[i%len(bodies)] },
	} {
		b.Run(name, func(b *testing.B) {
			var past []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(bodies[0])))
			page := htmlPage("")
			i := 0
			for b.Loop() {
				report, err := plugin.Inspect(b.Context(), &plugins.Page{Status: 200, Header: page.Header, Body: next(i)}, past)
				if err != nil {
					b.Fatal(err)
				}
				past = report.Past
				i++
			}
			b.ReportMetric(float64(len(past)), "past-bytes")
		})
	}
}
