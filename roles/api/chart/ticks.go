package chart

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
)

// valueTicks marks round values: multiples of 1, 2 or 5 times a power of ten.
type valueTicks struct {
	most  int  // about as many
	whole bool // only whole numbers
}

func (t valueTicks) Ticks(low, high float64) []plot.Tick {
	rough := (high - low) / float64(t.most)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * power
	for _, n := range []float64{1, 2, 5} {
		if n*power >= rough*0.999 {
			step = n * power
			break
		}
	}
	if t.whole {
		step = max(1, step)
	}
	greatest := max(math.Abs(low), math.Abs(high))
	places := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	digits := 1 + int(math.Ceil(math.Log10(greatest/step)))
	var ticks []plot.Tick
	for i, first := 0, math.Ceil(low/step-1e-9); i <= 2*t.most; i++ {
		v := (first + float64(i)) * step
		if v > high+step*1e-9 {
			break
		}
		label := decimals(v, places)
		if step < 1e-6 || greatest >= 1e12 {
			label = minus(strconv.FormatFloat(v, 'g', digits, 64))
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	return ticks
}

// boolTicks marks the two values of a truth.
type boolTicks struct{}

func (boolTicks) Ticks(_, _ float64) []plot.Tick {
	return []plot.Tick{{Value: 0, Label: "no"}, {Value: 1, Label: "yes"}}
}

// timeTicks marks round times in UTC. Values are seconds since base.
type timeTicks struct {
	base  time.Time
	most  int
	years bool // days are written with their year
}

const day = 24 * time.Hour

var timeSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 3 * day, 7 * day, 14 * day,
}

func (t timeTicks) Ticks(low, high float64) []plot.Tick {
	from, to := t.at(low), t.at(high)
	var ticks []plot.Tick
	add := func(at time.Time, layout string) {
		ticks = append(ticks, plot.Tick{Value: at.Sub(t.base).Seconds(), Label: at.Format(layout)})
	}
	rough := to.Sub(from) / time.Duration(t.most)
	for _, step := range timeSteps {
		if step < rough {
			continue
		}
		at := from.Truncate(step) // from a Monday on, the first of year 1
		if at.Before(from) {
			at = at.Add(step)
		}
		for ; !at.After(to); at = at.Add(step) {
			add(at, t.layout(at, step))
		}
		return ticks
	}
	months := max(1, int(math.Ceil(rough.Hours()/24/31)))
	for _, n := range []int{1, 2, 3, 6, 12} {
		if n >= months {
			months = n
			break
		}
	}
	if months > 12 {
		months = (months + 11) / 12 * 12
	}
	at := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	for ; !at.After(to); at = at.AddDate(0, months, 0) {
		if !at.Before(from) {
			add(at, "Jan 2006")
		}
	}
	return ticks
}

func (t timeTicks) at(seconds float64) time.Time {
	return t.base.Add(time.Duration(seconds * float64(time.Second)))
}

// layout is how a time is written: at midnight the day says more.
func (t timeTicks) layout(at time.Time, step time.Duration) string {
	switch {
	case step < time.Minute:
		return "15:04:05"
	case step < day && at.Truncate(day) != at:
		return "15:04"
	case t.years:
		return "2 Jan 2006"
	}
	return "2 Jan"
}
