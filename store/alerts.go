package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"webmon/plugins"
)

// Alerts says when an asset's checks make an incident, and whether anybody is
// told. A zero field means the default; see [Alerts.Effective].
type Alerts struct {
	Bad     int               `json:"bad,omitempty"`     // an incident opens after so many bad checks
	Of      int               `json:"of,omitempty"`      // of the latest so many
	Good    int               `json:"good,omitempty"`    // and closes after so many good ones in a row
	On      []plugins.Verdict `json:"on,omitempty"`      // what is bad; sorted by seriousness, no duplicates
	Confirm *bool             `json:"confirm,omitempty"` // nil or true: the first bad check asks for another one at once
	Mute    bool              `json:"mute,omitempty"`    // incidents open, but nobody is told
	Remind  Duration          `json:"remind,omitempty"`  // tell again every so often while one is open; 0: never
}

// The limits of Alerts, and what holds for fields that are zero.
const (
	DefaultBad  = 2
	DefaultOf   = 3
	DefaultGood = 2
	MaxOf       = 20 // also of Good
	MinRemind   = time.Minute
	MaxRemind   = 366 * 24 * time.Hour
)

// DefaultOn is what is bad by default: all that is not as it should be.
var DefaultOn = []plugins.Verdict{plugins.Degraded, plugins.Changed, plugins.Inconclusive, plugins.Down}

// Effective is a with its defaults filled in. Of is no less than Bad.
func (a Alerts) Effective() Alerts {
	switch {
	case a.Of == 0:
		a.Bad = cmp.Or(a.Bad, DefaultBad)
		a.Of = max(DefaultOf, a.Bad)
	case a.Bad == 0:
		a.Bad = min(DefaultBad, a.Of)
	}
	a.Good = cmp.Or(a.Good, DefaultGood)
	if len(a.On) == 0 {
		a.On = DefaultOn
	}
	if a.Confirm == nil {
		yes := true
		a.Confirm = &yes
	}
	return a
}

// Check calls refuse for each field, by its JSON name, that cannot be as it is. It
// does not look at Remind, which is from MinRemind to MaxRemind, or 0.
func (a Alerts) Check(refuse func(field string, value any, message string)) {
	for _, f := range []struct {
		name  string
		value int
	}{{"bad", a.Bad}, {"of", a.Of}, {"good", a.Good}} {
		if f.value < 0 || f.value > MaxOf {
			refuse(f.name, f.value, fmt.Sprintf("must be from 1 to %d, or 0 for the default", MaxOf))
			return
		}
	}
	if full := a.Effective(); full.Bad > full.Of {
		refuse("bad", a.Bad, fmt.Sprintf("%d bad checks of the latest %d can never be", full.Bad, full.Of))
	}
	for _, v := range a.On {
		if !slices.Contains(DefaultOn, v) {
			refuse("on", string(v), fmt.Sprintf("is no verdict that can be bad: choose of %v", DefaultOn))
			return
		}
	}
}

// SortVerdicts sorts verdicts by seriousness and takes out duplicates.
func SortVerdicts(given []plugins.Verdict) []plugins.Verdict {
	return slices.Compact(slices.SortedFunc(slices.Values(given), func(a, b plugins.Verdict) int { return cmp.Compare(a.Rank(), b.Rank()) }))
}

const (
	minDamping    = 15 * time.Minute
	dampingChecks = 10
)

// damping is for how long after an incident closed a relapse belongs to it: for
// some time, and for some checks.
func (a *Asset) damping() time.Duration {
	return max(minDamping, dampingChecks*time.Duration(a.Interval))
}
