package backtest

import (
	"math"
	"time"
)

// Summary is what a backtest comes to.
type Summary struct {
	Labels map[string]Rates `json:"labels"`

	// AlertsPerPageMonth is how many alerts opened on normal learned pages, for
	// each folder and 30 days between its first and its last learned page. It
	// is 0 when no time passed.
	AlertsPerPageMonth float64 `json:"alerts_per_page_month"`

	Months  float64  `json:"-"` // the time all folders cover together, in 30 days
	Folders []Folder `json:"-"` // each folder by itself, in order
}

// Rates are about all pages of one label. Percentages are of N.
type Rates struct {
	N              int     `json:"n"` // changed checks
	AlarmedPercent float64 `json:"alarmed_percent"`
	OpenedPercent  float64 `json:"opened_percent"`

	Alerts         int     `json:"-"` // opened alerts, on pages equal to the one before, too
	Learned        bool    `json:"-"` // some of the pages were learned, so that AlertsPerMonth means something
	AlertsPerMonth float64 `json:"-"` // opened on learned pages, for each folder and 30 days
}

// Folder is the summary of one history.
type Folder struct {
	Dir    string
	Months float64 // between the first and the last learned page, in 30 days
	Labels map[string]Rates
}

const month = 30 * 24 * time.Hour

// tally counts results.
type tally struct {
	labels      map[string]*count
	merged      float64   // 30-day months that the tallies merged in cover
	first, last time.Time // of the learned pages added here
}

type count struct {
	n, alarmed, opened int // of counted pages
	alerts             int // opened alerts on all pages
	learned            int // pages
	learnedAlerts      int // opened alerts on learned pages
}

func newTally() *tally { return &tally{labels: map[string]*count{}} }

func (t *tally) label(name string) *count {
	c := t.labels[name]
	if c == nil {
		c = &count{}
		t.labels[name] = c
	}
	return c
}

func (t *tally) add(r Result) {
	c := t.label(r.Label)
	if r.Counted {
		c.n++
		c.alarmed += one(r.Alarmed)
		c.opened += one(r.Opened)
	}
	if r.Role == Probe {
		c.alerts += one(r.Opened && r.Counted)
		return
	}
	c.alerts += one(r.Opened)
	c.learned++
	c.learnedAlerts += one(r.Opened)
	if t.first.IsZero() || r.Time.Before(t.first) {
		t.first = r.Time
	}
	if r.Time.After(t.last) {
		t.last = r.Time
	}
}

func (t *tally) merge(other *tally) {
	for name, from := range other.labels {
		to := t.label(name)
		to.n += from.n
		to.alarmed += from.alarmed
		to.opened += from.opened
		to.alerts += from.alerts
		to.learned += from.learned
		to.learnedAlerts += from.learnedAlerts
	}
	t.merged += other.months()
}

func (t *tally) months() float64 {
	return t.merged + float64(t.last.Sub(t.first))/float64(month)
}

func (t *tally) alertsPerMonth(label string) float64 {
	c, months := t.labels[label], t.months()
	if c == nil || months <= 0 {
		return 0
	}
	return rounded(float64(c.learnedAlerts) / months)
}

func (t *tally) rates() map[string]Rates {
	rates := make(map[string]Rates, len(t.labels))
	for name, c := range t.labels {
		rates[name] = Rates{
			N: c.n, AlarmedPercent: percent(c.alarmed, c.n), OpenedPercent: percent(c.opened, c.n),
			Alerts: c.alerts, Learned: c.learned > 0, AlertsPerMonth: t.alertsPerMonth(name),
		}
	}
	return rates
}

func (t *tally) folder(dir string) Folder {
	return Folder{Dir: dir, Months: t.months(), Labels: t.rates()}
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return rounded(100 * float64(part) / float64(whole))
}

// rounded keeps four decimals: more would only look exact.
func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
