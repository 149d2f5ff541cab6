package plugins

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Verdict is what a check, or a single finding, says of an asset.
type Verdict string

// The verdicts, from the least to the most serious; see [Verdict.Worse].
const (
	Unknown      Verdict = "unknown"      // never checked
	Up           Verdict = "up"           // answered as expected
	Degraded     Verdict = "degraded"     // works, but not as well as it should
	Changed      Verdict = "changed"      // the page is not what it used to be
	Inconclusive Verdict = "inconclusive" // an answer came, but it is not the page (captcha, maintenance)
	Down         Verdict = "down"         // does not answer, or with an error
)

// Verdicts lists every verdict in order of seriousness.
var Verdicts = []Verdict{Unknown, Up, Degraded, Changed, Inconclusive, Down}

// Rank is the verdict's place in [Verdicts], or -1 for a word that is none.
func (v Verdict) Rank() int {
	for i, known := range Verdicts {
		if v == known {
			return i
		}
	}
	return -1
}

// Worse returns the more serious of the two verdicts.
func (v Verdict) Worse(other Verdict) Verdict {
	if other.Rank() > v.Rank() {
		return other
	}
	return v
}

// Severity says how loudly a finding speaks.
type Severity string

// The severities.
const (
	Info     Severity = "info"     // worth noting, nobody need act
	Warning  Severity = "warning"  // someone should look
	Critical Severity = "critical" // someone should look now
)

// Rank is 0 for [Info], 1 for [Warning], 2 for [Critical], and -1 for a word that
// is no severity.
func (s Severity) Rank() int { return slices.Index([]Severity{Info, Warning, Critical}, s) }

// Metric is one number a plugin measured.
//
// The name follows Prometheus: lower case, base unit as suffix (_seconds,
// _bytes, _count, _ratio). It carries no plugin name; readers see it as
// "plugin.name". Values are finite: [Suite] drops NaN and infinities.
// Durations are best rounded to a microsecond and ratios to a millionth,
// because values with at most six decimals are stored in far less space.
type Metric struct {
	Name  string
	Value float64
}

// Finding is something a plugin wants a person to know.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`              // stable snake_case name of this kind of finding
	Message  string   `json:"message"`           // one plain sentence
	Metric   string   `json:"metric,omitempty"`  // the metric it is about, if any
	Observed Value    `json:"observed,omitzero"` // what was seen
	Expected Value    `json:"expected,omitzero"` // what should have been seen; the mean for statistics
	StdDev   float64  `json:"stddev,omitempty"`  // σ used, after any floor, in the metric's unit; 0 when not statistical
	ZScore   float64  `json:"zscore,omitempty"`  // (observed − expected) / σ; 0 when not statistical
	Verdict  Verdict  `json:"verdict,omitempty"` // what this finding makes of the asset; empty: nothing

	Evidence []string `json:"evidence,omitempty"` // what it is about, one by one and in full: new hosts, a title, lost text; at most 10 of at most 200 bytes
	Points   float64  `json:"points,omitempty"`   // what it adds to its plugin's score; 0 for plugins without one
}

// Alarming tells whether somebody is to be told that the page is not itself:
// the finding is a warning or worse, and says that the page changed, is not the
// page, or is down. A page that is only slow, or whose certificate runs out,
// has not changed.
func (f *Finding) Alarming() bool {
	if f.Severity == Info {
		return false
	}
	switch f.Verdict {
	case Changed, Inconclusive, Down:
		return true
	}
	return false
}

// Told is a finding and the plugin that tells it.
type Told struct {
	Plugin string `json:"plugin"`
	Finding
}

// Compare orders what was told of one check, the most telling first: by what it
// makes of the asset, by severity, and by points. A finding without points stands
// for itself, and so comes before those that only add up. Assertions come after
// what plugins found by themselves: that is the cause.
func (t *Told) Compare(other *Told) int {
	if c := cmp.Or(
		cmp.Compare(other.Verdict.Rank(), t.Verdict.Rank()),
		cmp.Compare(other.Severity.Rank(), t.Severity.Rank()),
		cmp.Compare(other.weight(), t.weight()),
	); c != 0 || t.Plugin == other.Plugin {
		return c
	}
	switch AssertionsName {
	case t.Plugin:
		return 1
	case other.Plugin:
		return -1
	}
	return 0
}

// weight is the finding's part in its plugin's score.
func (f *Finding) weight() float64 {
	if f.Points == 0 && f.StdDev == 0 {
		return math.Inf(1)
	}
	return f.Points
}

// Value is a number or a piece of text; its zero value is "nothing given".
// In JSON it is a plain number or a plain string.
type Value struct {
	number float64
	text   string
	kind   uint8 // 0 nothing, 1 number, 2 text
}

// Number makes a Value of a number.
func Number(n float64) Value { return Value{number: n, kind: 1} }

// Text makes a Value of a piece of text.
func Text(s string) Value { return Value{text: s, kind: 2} }

// IsZero tells whether nothing was given.
func (v Value) IsZero() bool { return v.kind == 0 }

// Number returns the number, and whether v holds one.
func (v Value) Number() (float64, bool) { return v.number, v.kind == 1 }

func (v Value) String() string {
	if v.kind == 1 {
		return strconv.FormatFloat(v.number, 'g', 6, 64)
	}
	return v.text
}

// MarshalJSON writes a number, a string, or null.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case 1:
		return json.Marshal(v.number)
	case 2:
		return json.Marshal(v.text)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads a number, a string, or null.
func (v *Value) UnmarshalJSON(b []byte) error {
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	switch x := x.(type) {
	case nil:
		*v = Value{}
	case float64:
		*v = Number(x)
	case string:
		*v = Text(x)
	default:
		return fmt.Errorf("a value is a number or a string, not %s", b)
	}
	return nil
}

// Report is what one plugin says of one page.
type Report struct {
	Plugin   string            // filled in by Suite
	Metrics  []Metric          // numbers; each gets a history
	Facts    map[string]string // short texts worth showing: a title, an issuer
	Findings []Finding
	Changed  bool   // the page is not what this plugin remembered of it
	Past     []byte // what to remember for the next check; nil forgets all
	Error    string // why the plugin could not report; set by Suite for an error or a panic
}

// Nothing is the report on a page that shows nothing and teaches nothing, such
// as an error: no numbers, no findings, and what was remembered stays. Known
// tells whether the plugin could read it; if not, it is forgotten.
func Nothing(past []byte, known bool) Report {
	if !known {
		past = nil
	}
	return Report{Past: past}
}
