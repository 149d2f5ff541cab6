package maintenance_test

import (
	"strings"
	"testing"
	"time"

	"webmon/roles/dispatcher/notify/maintenance"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRecurring(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, cron, zone string
		duration         time.Duration
		from, until      string // of one window; open from the first, not at the second
	}{
		{"every night", "0 2 * * *", "UTC", time.Hour, "2026-05-04T02:00:00Z", "2026-05-04T03:00:00Z"},
		{"over midnight", "30 23 * * FRI", "UTC", 2 * time.Hour, "2026-05-08T23:30:00Z", "2026-05-09T01:30:00Z"},
		{"summer time", "0 2 * * *", "Europe/Berlin", time.Hour, "2026-07-01T00:00:00Z", "2026-07-01T01:00:00Z"},
		{"winter time", "0 2 * * *", "Europe/Berlin", time.Hour, "2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"},
		{"the 13th", "0 0 13 * *", "Asia/Kolkata", time.Hour, "2026-03-12T18:30:00Z", "2026-03-12T19:30:00Z"},
		{"the 13th or a Friday", "0 0 13 * FRI", "UTC", time.Hour, "2026-03-20T00:00:00Z", "2026-03-20T01:00:00Z"},
		// On 2026-03-29 Berlin's clock goes from 02:00 to 03:00, which is 01:00 UTC.
		{"a start that the clock leaves out", "30 2 * * *", "Europe/Berlin", time.Hour, "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
		{"a start just before", "30 1 * * *", "Europe/Berlin", time.Hour, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"the day after", "30 2 * * *", "Europe/Berlin", time.Hour, "2026-03-30T00:30:00Z", "2026-03-30T01:30:00Z"},
		// On 2026-10-25 it goes from 03:00 back to 02:00, which is 01:00 UTC.
		{"a start that comes twice", "30 2 * * *", "Europe/Berlin", 30 * time.Minute, "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"},
		{"a window over the change", "0 1 * * *", "Europe/Berlin", 3 * time.Hour, "2026-10-24T23:00:00Z", "2026-10-25T02:00:00Z"},
		{"midnight left out", "0 0 * * *", "America/Sao_Paulo", time.Hour, "2018-11-04T03:00:00Z", "2018-11-04T04:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, err := maintenance.Recurring(tt.cron, tt.zone, tt.duration)
			if err != nil {
				t.Fatal(err)
			}
			from, until := at(t, tt.from), at(t, tt.until)
			for _, probe := range []struct {
				at   time.Time
				open bool
			}{
				{from.Add(-time.Second), false}, {from, true}, {from.Add(tt.duration / 2), true},
				{until.Add(-time.Second), true}, {until, false}, {until.Add(time.Minute), false},
			} {
				end, open := w.Open(probe.at)
				if open != probe.open || open && !end.Equal(until) {
					t.Errorf("at %s: open %v until %s, not %v until %s", probe.at.Format(time.RFC3339), open, end.UTC().Format(time.RFC3339), probe.open, tt.until)
				}
			}
		})
	}
}

// A start that comes twice when the clock is put back opens one window.
func TestSecondTwoOClock(t *testing.T) {
	t.Parallel()
	w, err := maintenance.Recurring("30 2 * * *", "Europe/Berlin", 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, open := w.Open(at(t, "2026-10-25T00:35:00Z")); !open {
		t.Error("not open the first time")
	}
	if _, open := w.Open(at(t, "2026-10-25T01:35:00Z")); open {
		t.Error("open the second time too")
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	w, err := maintenance.Once(at(t, "2026-12-01T20:00:00+01:00"), at(t, "2026-12-01T22:00:00+01:00"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"2026-12-01T18:59:59Z": false, "2026-12-01T19:00:00Z": true, "2026-12-01T20:59:59Z": true, "2026-12-01T21:00:00Z": false,
	} {
		if _, open := w.Open(at(t, text)); open != want {
			t.Errorf("at %s: open %v", text, open)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cron, zone string
		duration   time.Duration
		want       string
	}{
		{"0 2 * *", "UTC", time.Hour, "no cron expression"},
		{"61 2 * * *", "UTC", time.Hour, "no cron expression"},
		{"@every 1h", "UTC", time.Hour, "@every"},
		{"TZ=UTC 0 2 * * *", "UTC", time.Hour, "key of its own"},
		{"CRON_TZ=UTC 0 2 * * *", "UTC", time.Hour, "key of its own"},
		{"0 2 30 2 *", "UTC", time.Hour, "never"},
		{"0 2 * * *", "Europe/Atlantis", time.Hour, "no time zone"},
		{"0 2 * * *", "", time.Hour, "no time zone"},
		{"0 2 * * *", "Local", time.Hour, "no time zone"},
		{"0 2 * * *", "UTC", 0, "duration"},
		{"0 2 * * *", "UTC", 32 * 24 * time.Hour, "duration"},
	} {
		if _, err := maintenance.Recurring(tt.cron, tt.zone, tt.duration); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q in %q for %v: %v", tt.cron, tt.zone, tt.duration, err)
		}
	}
	if _, err := maintenance.Once(at(t, "2026-12-01T20:00:00Z"), at(t, "2026-12-01T20:00:00Z")); err == nil {
		t.Error("an empty window is accepted")
	}
}
