package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/backup"
	"webmon/store/storetest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.Store {
	return storetest.Open(t, func(o *store.Options) { o.Now = func() time.Time { return now } })
}

func none(int64) {}

// write makes a backup of a store.
func write(t testing.TB, s *store.Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := backup.Write(t.Context(), s, &b, backup.Header{Webmon: "v1", Created: now}, none); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restore writes a backup into a store.
func restore(t testing.TB, s *store.Store, data []byte) *backup.File {
	t.Helper()
	f, err := backup.Check(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Restore(t.Context(), s, store.RestoreOptions{Name: "test"}, none); err != nil {
		t.Fatal(err)
	}
	return f
}

// fill makes assets with results, memories and decisions.
func fill(t testing.TB, s *store.Store, assets, results int) {
	t.Helper()
	ctx := t.Context()
	for i := range assets {
		a := &store.Asset{URL: fmt.Sprintf("http://host/%d", i), Tags: []string{fmt.Sprintf("tag%d", i%3), "all"},
			Interval: store.Duration(time.Minute), Timeout: store.Duration(time.Second), Enabled: i%4 != 0}
		if err := s.CreateAsset(ctx, a); err != nil {
			t.Fatal(err)
		}
		for n := range results {
			check(t, s, a.ID, now.Add(time.Duration(n-results)*time.Minute), plugins.Verdicts[1+(n/70)%4])
		}
		r, err := s.Remembered(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Decide(ctx, &r, []byte("decided"), &store.Decision{Action: store.Never, By: "ada", Note: "why"}); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t testing.TB, s *store.Store, id string, at time.Time, v plugins.Verdict) {
	t.Helper()
	var job string
	if _, _, err := s.Enqueue(t.Context(), store.Selection{Assets: []string{id}}, func(ids []string) { job = ids[0] }); err != nil {
		t.Fatal(err)
	}
	l, err := s.Lease(t.Context(), job, "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Finish(t.Context(), l, store.Outcome{Seconds: 0.25, Memory: []byte("at " + at.String()), Result: store.Result{
		Job: job, At: at, Verdict: v, Changed: v == plugins.Changed,
		Reports: []plugins.Report{{Plugin: "timing", Metrics: []plugins.Metric{{Name: "total_seconds", Value: float64(at.Unix()%97) / 8}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// seen is what users of a store see of it.
func seen(t *testing.T, s *store.Store) map[string]any {
	t.Helper()
	ctx := t.Context()
	all := map[string]any{}
	note := func(name string, value any, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = value
	}
	sum, err := s.Summary(ctx)
	sum.ChecksPerMinute = 0 // a restored system has not run
	note("summary", sum, err)
	queries := []store.AssetQuery{{}, {Tag: "tag1"}, {Tag: "all", Verdict: plugins.Changed}, {Text: "host/3"}}
	for _, v := range plugins.Verdicts {
		queries = append(queries, store.AssetQuery{Verdict: v})
	}
	for _, q := range queries {
		q.Limit = 1000
		page, err := s.Assets(ctx, q)
		note(fmt.Sprintf("%+v", q), page, err)
	}
	for _, a := range all[fmt.Sprintf("%+v", store.AssetQuery{Limit: 1000})].(store.AssetPage).Assets {
		results, err := s.Results(ctx, store.ResultQuery{Asset: a.ID, Limit: 1000})
		note("results of "+a.ID, results, err)
		stats, err := s.Stats(ctx, a.ID, 24*time.Hour)
		note("statistics of "+a.ID, stats, err)
		decisions, err := s.Decisions(ctx, a.ID)
		note("decisions of "+a.ID, decisions, err)
		memory, err := s.Remembered(ctx, a.ID)
		note("memory of "+a.ID, memory, err)
	}
	return all
}

// All that users see is the same before and after.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := open(t), open(t)
	fill(t, from, 12, 150)
	want := seen(t, from)
	data := write(t, from)
	f := restore(t, to, data)
	got := seen(t, to)
	for name := range want {
		if !reflect.DeepEqual(want[name], got[name]) {
			t.Errorf("%s:\n%+v, want\n%+v", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d things are seen, want %d", len(got), len(want))
	}
	if want := (backup.Counts{Assets: 12, Decisions: 12, Chunks: 24}); f.Counts != want {
		t.Errorf("%+v, want %+v", f.Counts, want)
	}
	if f.Webmon != "v1" || !f.Created.Equal(now) || f.Size != int64(len(data)) {
		t.Errorf("%+v", f)
	}
	if again := write(t, to); !bytes.Equal(again, data) {
		t.Error("a backup of what was restored is another one")
	}
}

func TestEmptyStore(t *testing.T) {
	t.Parallel()
	if f := restore(t, open(t), write(t, open(t))); f.Counts != (backup.Counts{}) {
		t.Errorf("%+v", f.Counts)
	}
}

// A flip of any bit that a byte can have, anywhere, is found, and so is every cut.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	fill(t, s, 2, 70)
	data := write(t, s)
	refused := func(what string, damaged []byte, is ...error) {
		t.Helper()
		f, err := backup.Check(bytes.NewReader(damaged), int64(len(damaged)))
		if f != nil || err == nil {
			t.Fatalf("%s is not refused", what)
		}
		for _, one := range is {
			if errors.Is(err, one) {
				return
			}
		}
		t.Errorf("%s: %v", what, err)
	}
	for i := range data {
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xff} {
			data[i] ^= flip
			refused(fmt.Sprintf("byte %d ^ %#x", i, flip), data, backup.ErrDamaged, backup.ErrNoBackup, backup.ErrNewer)
			data[i] ^= flip
		}
	}
	for n := range data {
		refused(fmt.Sprintf("the first %d bytes", n), data[:n], backup.ErrDamaged, backup.ErrNoBackup)
	}
	for _, rubbish := range []string{"\n", "\x00", "rubbish", string(data), string(data[len(data)-65:])} {
		refused(fmt.Sprintf("%d bytes more", len(rubbish)), append(bytes.Clone(data), rubbish...), backup.ErrDamaged)
	}
}

// An error says what is wrong and where.
func TestErrorsOfCheck(t *testing.T) {
	t.Parallel()
	s := open(t)
	fill(t, s, 2, 70)
	data := write(t, s)
	flipped := bytes.Clone(data)
	flipped[len(data)/2] ^= 1
	badSum := bytes.Clone(data)
	badSum[len(data)-2] ^= 1
	for name, test := range map[string]struct {
		data []byte
		is   error
		says string
	}{
		"nothing":      {nil, backup.ErrNoBackup, "webmon-backup"},
		"another file": {[]byte("REDIS0011"), backup.ErrNoBackup, "webmon-backup"},
		"newer":        {bytes.Replace(data, []byte("backup 1\n"), []byte("backup 2\n"), 1), backup.ErrNewer, "format is 2, this one reads up to 1"},
		"flipped":      {flipped, backup.ErrDamaged, fmt.Sprintf("of %d", len(data))},
		"checksum":     {badSum, backup.ErrDamaged, "checksum"},
		"cut":          {data[:len(data)-200], backup.ErrDamaged, fmt.Sprintf("cut off after byte %d", len(data)-200)},
		"longer":       {append(bytes.Clone(data), "rubbish"...), backup.ErrDamaged, "after the last record"},
	} {
		_, err := backup.Check(bytes.NewReader(test.data), int64(len(test.data)))
		if !errors.Is(err, test.is) || !strings.Contains(fmt.Sprint(err), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A backup whose writer fails, or that is cancelled, fails.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	s := open(t)
	fill(t, s, 3, 1)
	broken, w := io.Pipe()
	broken.CloseWithError(io.ErrShortWrite)
	if _, err := backup.Write(t.Context(), s, w, backup.Header{}, none); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := backup.Write(ctx, s, io.Discard, backup.Header{}, func(int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	r, err := s.BeginRestore(t.Context(), store.RestoreOptions{Name: "test", Replace: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := backup.Write(t.Context(), s, io.Discard, backup.Header{}, none); !errors.Is(err, store.ErrHalfRestored) {
		t.Errorf("of half a restore: %v", err)
	}
}
