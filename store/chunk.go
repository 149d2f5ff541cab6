package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"webmon/plugins"
)

// Results are kept in chunks. A chunk is a run of frames, one a result, each
// telling only what differs from the one before: a calm page costs some 30
// bytes a check with all its metrics. An asset has one open chunk, which
// grows by APPEND; when it is full it is compressed and put on a list
// (sealed.go).
//
// A frame is its length and then, all numbers as varints:
//
//	flags, verdict's rank,
//	change of the time step in ms, change of the job's number,
//	flagNames:    new plugin names, new metrics, new facts (plugin and name),
//	flagPlugins:  one byte a plugin: whether it reported,
//	metrics that changed: gap to the one before, value (see appendValue),
//	flagFacts:    facts that changed: gap, 0 for none or length + 1 and text,
//	flagFindings: plugins whose findings changed: index, findings as JSON.
//
// Names are numbered in the order of their first appearance in the chunk.
const (
	flagChanged  = 1 << iota // the result's Changed
	flagNames                // new names follow
	flagPlugins              // the set of reporting plugins changed
	flagFacts                // facts changed
	flagFindings             // findings changed
)

// How a metric's value is written: in the two lowest bits of a varint.
const (
	valueWhole  = iota // difference to the last whole number
	valueMicros        // difference in millionths
	valueRaw           // eight bytes follow
	valueAbsent        // not reported this time
)

// errorFact is the name under which a report's error is kept among its facts.
const errorFact = ""

var errDamaged = errors.New("a stored chunk of results is damaged")

// chunkState is what one must know to read or write the next frame.
type chunkState struct {
	results  int
	at, step int64 // time of the last result in ms, and since the one before it
	seq      uint64
	verdict  plugins.Verdict
	changed  bool
	plugins  []pluginSlot
	metrics  []metricSlot
	facts    []factSlot
}

// In each slot next and seen are the writer's notes on the result it compares.

type pluginSlot struct {
	name     string
	present  bool
	findings string // JSON
	seen     bool
}

type metricSlot struct {
	plugin  int
	name    string
	value   float64 // the last one, even when absent now
	present bool
	next    float64
	seen    bool
}

type factSlot struct {
	plugin  int
	name    string
	value   string
	present bool
	next    string
	seen    bool
}

// result is the result that the state stands at, its reports sorted by plugin.
func (c *chunkState) result(asset string) (Result, error) {
	r := Result{Job: jobID(asset, c.seq), At: timeOf(c.at), Verdict: c.verdict, Changed: c.changed}
	place := make([]int, len(c.plugins))
	for i, p := range c.plugins {
		place[i] = -1
		if !p.present {
			continue
		}
		report := plugins.Report{Plugin: p.name}
		if p.findings != "" {
			if err := json.Unmarshal([]byte(p.findings), &report.Findings); err != nil {
				return Result{}, fmt.Errorf("%w: %w", errDamaged, err)
			}
		}
		place[i] = len(r.Reports)
		r.Reports = append(r.Reports, report)
	}
	for _, m := range c.metrics {
		if m.present && place[m.plugin] >= 0 {
			report := &r.Reports[place[m.plugin]]
			report.Metrics = append(report.Metrics, plugins.Metric{Name: m.name, Value: m.value})
		}
	}
	for _, f := range c.facts {
		if !f.present || place[f.plugin] < 0 {
			continue
		}
		report := &r.Reports[place[f.plugin]]
		if f.name == errorFact {
			report.Error = f.value
			continue
		}
		if report.Facts == nil {
			report.Facts = map[string]string{}
		}
		report.Facts[f.name] = f.value
	}
	slices.SortFunc(r.Reports, func(a, b plugins.Report) int { return strings.Compare(a.Plugin, b.Plugin) })
	return r, nil
}

// wholeOf gives v as a whole number, when it is one.
func wholeOf(v float64) (int64, bool) {
	return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<52
}

// microsOf gives v in millionths, when it has no more than six decimals.
func microsOf(v float64) (int64, bool) {
	n := math.Round(v * 1e6)
	return int64(n), math.Abs(n) < 1<<52 && n/1e6 == v
}

// appendValue writes a metric's new value, told from its last one.
func appendValue(b []byte, last, v float64) []byte {
	// A last value that is not of the kind counts as 0, on both sides.
	if n, ok := wholeOf(v); ok {
		return binary.AppendUvarint(b, kindOf(valueWhole, n-orZero(wholeOf(last))))
	}
	if n, ok := microsOf(v); ok {
		return binary.AppendUvarint(b, kindOf(valueMicros, n-orZero(microsOf(last))))
	}
	return binary.LittleEndian.AppendUint64(binary.AppendUvarint(b, valueRaw), math.Float64bits(v))
}

// kindOf puts a difference and the kind it is of into one number.
func kindOf(kind uint64, delta int64) uint64 { return zigzag(delta)<<2 | kind }

func orZero(n int64, ok bool) int64 {
	if !ok {
		return 0
	}
	return n
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
