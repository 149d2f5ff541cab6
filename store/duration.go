package store

import (
	"fmt"
	"time"
)

// Duration is a time.Duration written as text such as "60s" or "1h30m0s".
type Duration time.Duration

// MarshalText writes Go's notation, "1m0s".
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

func (d Duration) String() string { return time.Duration(d).String() }
