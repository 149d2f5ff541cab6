package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration written as short text: "60s", "5m", "1h30m".
type Duration time.Duration

// MarshalText writes the text of String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads Go's notation: a number with a unit, "90s" or "1h30m".
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a duration: write a number with a unit, such as 30s, 5m or 1h30m", b)
	}
	*d = Duration(v)
	return nil
}

// String is Go's notation without its zeros at the end. Up to two minutes it is
// in seconds, because that is how people write the intervals of checks.
func (d Duration) String() string {
	t := time.Duration(d)
	if t%time.Second == 0 && t.Abs() < 2*time.Minute {
		return strconv.FormatInt(int64(t/time.Second), 10) + "s"
	}
	text := t.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
