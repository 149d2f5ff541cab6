package htmlstats

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// learnedMemory returns what is remembered after some checks of a lively page,
// an alarm, and calm again if asked for.
func learnedMemory(tb testing.TB, checks int, calm bool) []byte {
	tb.Helper()
	plugin, err := New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	var past []byte
	inspect := func(body string) {
		report, err := plugin.Inspect(tb.Context(), htmlPage(body), past)
		if err != nil {
			tb.Fatal(err)
		}
		past = report.Past
	}
	random := seeded(3)
	for range checks {
		inspect(lively(30, random))
	}
	inspect(site(5, random))
	if calm {
		inspect(lively(30, random))
	}
	return past
}

func read(past []byte) (m *memory, ok bool) {
	m = new(memory)
	body, ok := m.readHead(past)
	return m, ok && m.readBody(body)
}

func TestMemoryKeepsItsContent(t *testing.T) {
	t.Parallel()
	for _, checks := range []int{0, 1, 4, 30, 300} {
		for _, calm := range []bool{true, false} {
			past := learnedMemory(t, checks, calm)
			m, ok := read(past)
			if !ok {
				t.Fatalf("the memory of %d checks cannot be read", checks)
			}
			if again := m.encode(); !bytes.Equal(again, past) {
				t.Fatalf("%d checks: %x became %x", checks, past, again)
			}
		}
	}
}

// A memory that cannot be read is as none: the plugin begins anew.
func TestDamagedMemoryIsRebuilt(t *testing.T) {
	t.Parallel()
	past := learnedMemory(t, 20, true)
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := plugin.Inspect(t.Context(), htmlPage(site(20, seeded(1))), nil)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(past)
	flipped[len(flipped)/2] ^= 4
	for name, damaged := range map[string][]byte{
		"an older version": append([]byte{memoryVersion - 1}, past[1:]...),
		"a newer version":  append([]byte{memoryVersion + 1}, past[1:]...),
		"cut":              past[:len(past)-1],
		"with an end":      sealed(append(bytes.Clone(past), 0)),
		"cut and sealed":   sealed(past[:len(past)-1]),
		"a bit flipped":    flipped,
		"too long":         bytes.Repeat([]byte{memoryVersion}, 1<<20),
	} {
		report, err := plugin.Inspect(t.Context(), htmlPage(site(20, seeded(1))), damaged)
		if err != nil || !bytes.Equal(report.Past, fresh.Past) || len(report.Findings) > 0 {
			t.Errorf("%s: error %v, findings %v; want a fresh start", name, err, report.Findings)
		}
	}
}

// sealed gives a memory the checksum that fits it.
func sealed(past []byte) []byte {
	past = bytes.Clone(past)
	if len(past) >= memoryHeader {
		binary.LittleEndian.PutUint32(past[1:], uint32(xxhash.Sum64(past[memoryHeader:])))
	}
	return past
}

// A page of every element in many nestings, with new hosts, scripts and words
// in each version, whose numbers all change wildly, is the worst there is.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	w.plugin = &htmlstats{k: 20, profile: profile{alarm: 1e9, notice: 1e9}} // so that all is learned
	random := rand.New(rand.NewPCG(1, 1))
	for range 150 {
		var b strings.Builder
		for tag := range plugins.NumTags {
			name := plugins.Tag(tag).String()
			b.WriteString(strings.Repeat(fmt.Sprintf("<%s></%s>", name, name), random.IntN(1<<random.IntN(9))))
		}
		for range random.IntN(400) {
			fmt.Fprintf(&b, "<a href=//h%d.example.org>word%s</a>", random.IntN(1000), strings.Repeat("x", random.IntN(100)))
		}
		for range random.IntN(90) {
			n := random.IntN(1000)
			fmt.Fprintf(&b, "<script src=//s%d%s.example>", n, strings.Repeat("k", n%50))
			fmt.Fprintf(&b, "</script><script>f%s(eval(%d))</script><img src=//i%d.com><iframe hidden src=//f%d.com></iframe>", strings.Repeat("k", n%90), n, n, n)
		}
		w.check(htmlPage(b.String()))
	}
	t.Logf("at most %d bytes", w.most)
	if w.most > plugins.MaxPast || w.most < 3000 {
		t.Errorf("at most %d bytes remembered; want up to %d, and pages that are hard to remember", w.most, plugins.MaxPast)
	}
}

// The largest memory that the limits allow fits.
func TestLargestMemoryFits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 2))
	m := memory{checks: manyChecks, versions: maxCounted, aside: new(state), lastNormal: new(normal), variants: make([]state, maxVariants)}
	for i := range m.last {
		m.last[i] = 1 << 30
	}
	*m.lastNormal = normal{random.Uint64(), m.last, random.Uint64()}
	for i := range plugins.NumTags {
		m.seen[i/64] |= 1 << (i % 64)
	}
	for i := range m.windows {
		for range windowLength {
			m.windows[i] = m.windows[i].push(level(random.IntN(1200)))
		}
	}
	for k := range m.sets {
		hashes := make(map[uint32]bool)
		for len(hashes) < maxItems[k] {
			hashes[random.Uint32()] = true
		}
		for hash := range hashes {
			m.sets[k].items = append(m.sets[k].items, memorised{hash, 1})
		}
		slices.SortFunc(m.sets[k].items, func(a, b memorised) int { return int(int64(a.hash) - int64(b.hash)) })
	}
	for i := range maxKeptPaths {
		m.paths = append(m.paths, path{plugins.TagPath(i * 170_000), 20})
	}
	for i := range maxSketch {
		m.words = append(m.words, uint32(i)*60_000_000)
	}
	for i := range m.aside.levels {
		m.aside.levels[i] = 1200
	}
	for i := range m.variants {
		m.variants[i] = *m.aside
	}
	for range maxAccepted {
		m.accepted = append(m.accepted, random.Uint64())
	}
	for range maxNewcomers {
		m.brought = append(m.brought, newcomer{numKinds - 1, random.Uint32()})
		m.visitors = append(m.visitors, newcomer{numKinds - 1, random.Uint32()})
	}
	past := m.encode()
	if _, ok := read(past); !ok || len(past) > plugins.MaxPast {
		t.Errorf("%d bytes, readable: %t; want at most %d", len(past), ok, plugins.MaxPast)
	}
}

func TestUnchangedPage(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	body := site(30, seeded(1))
	for range manyChecks {
		w.calm(body)
	}
	settled := bytes.Clone(w.past)
	first := w.check(htmlPage(body))
	for range 10 {
		if report := w.check(htmlPage(body)); !slices.Equal(report.Metrics, first.Metrics) {
			t.Fatalf("got  %v\nwant %v", report.Metrics, first.Metrics)
		}
	}
	if !bytes.Equal(w.past, settled) {
		t.Error("an unchanged page changes what is remembered")
	}
	if len(w.past) > 1500 {
		t.Errorf("%d bytes remembered of a page that never changed", len(w.past))
	}
}

func FuzzMemory(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{memoryVersion})
	for _, checks := range []int{0, 1, 10} {
		f.Add(learnedMemory(f, checks, true))
		f.Add(learnedMemory(f, checks, false))
	}
	plugin, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, past []byte) {
		// The checksum would keep the fuzzer from what lies behind it.
		for _, past := range [][]byte{past, sealed(past)} {
			for _, body := range []string{hacked, "", "<p>other</p>"} {
				report, err := plugin.Inspect(t.Context(), htmlPage(body), past)
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Past) > plugins.MaxPast {
					t.Fatalf("%d bytes remembered", len(report.Past))
				}
				if _, ok := read(report.Past); !ok {
					t.Fatalf("%x cannot be read again", report.Past)
				}
			}
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
				report, err := plugin.Inspect(b.Context(), &plugins.Page{URL: page.URL, Status: 200, Header: page.Header, Body: next(i)}, past)
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
