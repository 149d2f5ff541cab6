package store_test

import (
	"testing"
	"time"

	"webmon/store"
)

func TestDurationText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                "0s",
		10 * time.Second:                 "10s",
		time.Minute:                      "60s",
		90 * time.Second:                 "90s",
		2 * time.Minute:                  "2m",
		5*time.Minute + time.Second:      "5m1s",
		time.Hour:                        "1h",
		90 * time.Minute:                 "1h30m",
		24*time.Hour + 10*time.Second:    "24h0m10s",
		250 * time.Millisecond:           "250ms",
		61*time.Second + time.Nanosecond: "1m1.000000001s",
		-time.Minute:                     "-60s",
		10 * time.Hour:                   "10h",
	} {
		text, err := store.Duration(d).MarshalText()
		if err != nil || string(text) != want {
			t.Errorf("%v is written %q, not %q", d, text, want)
		}
		var back store.Duration
		if err := back.UnmarshalText(text); err != nil || time.Duration(back) != d {
			t.Errorf("%q is read as %v: %v", text, time.Duration(back), err)
		}
	}
	for text, want := range map[string]time.Duration{"7d": 168 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0} {
		var d store.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q is read as %v: %v", text, time.Duration(d), err)
		}
	}
	for _, text := range []string{"", "60", "1 minute", "d", "-1d", "1d-1h", "99999999d", "1dd"} {
		if err := new(store.Duration).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
