package backtest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"webmon/plugins"
)

// Options say how to replay.
type Options struct {
	Suite *plugins.Suite // the plugins, with the options to be tried

	// Plugins names the plugins whose findings count; none: all of them. The
	// others run all the same, as they do in production.
	Plugins []string

	// MinVersions is how many learned pages must come before a probe for it to
	// be counted.
	MinVersions int
}

// Result is what the plugins said of one page.
type Result struct {
	Dir      string          `json:"dir"`
	File     string          `json:"file"`
	Time     time.Time       `json:"time"`
	Role     Role            `json:"role"`
	Label    string          `json:"label"`
	Verdict  plugins.Verdict `json:"verdict"`         // the worst of the findings that count; up without any
	Alarmed  bool            `json:"alarmed"`         // somebody would have been told that the page is not itself
	Opened   bool            `json:"opened"`          // alarmed, and the learned page before was not; for a probe the same as Alarmed
	Score    *float64        `json:"score,omitempty"` // the highest metric called "score" of the plugins that count; nil without any
	Findings []Finding       `json:"findings"`        // those that count, never nil

	Counted bool `json:"-"` // it is part of the rates
}

// Finding is a finding and who found it.
type Finding struct {
	Plugin string `json:"plugin"`
	plugins.Finding
}

// ahead is how many results of a folder may wait for the folders before it to
// be handed out. It bounds what is held in memory.
const ahead = 1024

// Run replays the histories and hands out a result for each page: in the order
// of the histories and their pages, though several are replayed at a time. It
// ends at the first error, of a page that cannot be read or of each.
func Run(ctx context.Context, histories []History, opts Options, each func(Result) error) (Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	streams := make([]*stream, len(histories))
	for i, history := range histories {
		streams[i] = &stream{history: history, results: make(chan Result, ahead), tally: newTally()}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for _, s := range streams {
			group.Go(func() error { s.run(ctx, opts); return nil })
		}
		_ = group.Wait() // each stream keeps its own error
	}()
	defer func() { cancel(); <-done }()

	total := newTally()
	summary := Summary{}
	for _, s := range streams {
		for result := range s.results {
			if err := each(result); err != nil {
				return summary, err
			}
		}
		if s.err != nil {
			return summary, s.err
		}
		total.merge(s.tally)
		summary.Folders = append(summary.Folders, s.tally.folder(s.history.Dir))
	}
	summary.Labels, summary.Months, summary.AlertsPerPageMonth = total.rates(), total.months(), total.alertsPerMonth(Normal)
	return summary, nil
}

// stream is one history while it is replayed.
type stream struct {
	history History
	results chan Result // closed at the end
	tally   *tally      // to be read after the end
	err     error       // likewise
}

func (s *stream) run(ctx context.Context, opts Options) {
	defer close(s.results)
	r := replay{opts: opts, dir: s.history.Dir}
	for _, saved := range s.history.Pages {
		page, err := s.history.Load(saved)
		if err != nil {
			s.err = fmt.Errorf("folder %s: %w", s.history.Dir, err)
			return
		}
		result := r.check(ctx, saved, page)
		s.tally.add(result)
		select {
		case s.results <- result:
		case <-ctx.Done():
			s.err = ctx.Err()
			return
		}
	}
}

// replay is the state between the pages of one history.
type replay struct {
	opts    Options
	dir     string
	memory  []byte // what the plugins remember
	learned int    // pages
	alarmed bool   // the last learned page was
	hash    uint64 // of the last learned page's body
	status  int    // of the last learned page
}

func (r *replay) check(ctx context.Context, saved Saved, page *plugins.Page) Result {
	outcome := r.opts.Suite.Inspect(ctx, page, r.memory)
	result := Result{
		Dir: r.dir, File: saved.File, Time: saved.Time, Role: saved.Role, Label: saved.Label,
		Verdict: plugins.Up, Findings: []Finding{},
	}
	for _, report := range outcome.Reports {
		if len(r.opts.Plugins) == 0 || slices.Contains(r.opts.Plugins, report.Plugin) {
			result.add(report)
		}
	}
	changed := r.learned == 0 || r.hash != page.Hash() || r.status != page.Status
	if saved.Role == Probe {
		result.Opened = result.Alarmed
		result.Counted = changed && r.learned >= r.opts.MinVersions
		return result
	}
	result.Opened = result.Alarmed && !r.alarmed
	result.Counted = changed
	r.memory, r.alarmed, r.hash, r.status = outcome.Memory, result.Alarmed, page.Hash(), page.Status
	r.learned++
	return result
}

// add takes in what a plugin says. A plugin that failed is shown as a finding,
// but is no alarm: nothing is known of the page.
func (r *Result) add(report plugins.Report) {
	if report.Error != "" {
		r.Findings = append(r.Findings, Finding{report.Plugin, plugins.Finding{
			Severity: plugins.Warning, Code: "plugin_failed", Message: report.Error,
		}})
	}
	for _, found := range report.Findings {
		finding := Finding{report.Plugin, found}
		r.Findings = append(r.Findings, finding)
		r.Verdict = r.Verdict.Worse(found.Verdict)
		r.Alarmed = r.Alarmed || finding.Alarming()
	}
	for _, metric := range report.Metrics {
		if metric.Name == "score" && (r.Score == nil || metric.Value > *r.Score) {
			r.Score = &metric.Value
		}
	}
}
