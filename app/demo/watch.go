package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"webmon/app/terminal"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// refresh is how often the demo asks the API what is new.
const refresh = 200 * time.Millisecond

// newest is how many results of a page it reads then.
const newest = 20

// page is what the demo knows of a page.
type page struct {
	target
	id, name string

	job      string // of the last result that was read
	verdict  plugins.Verdict
	checks   int
	seconds  float64 // the last check's time; 0: no answer
	finding  *plugins.Told
	since    time.Time      // when the last check said finding
	caught   []plugins.Told // what was said of the first attack
	caughtAt int            // the check that said it
	caughtBy []string       // the plugins that said it
}

// addPages puts the targets under watch, and ends the watch on what an earlier
// demonstration has left in the data folder.
func addPages(ctx context.Context, api *client.Client, targets []target) ([]*page, error) {
	old, err := watched(ctx, api)
	if err != nil {
		return nil, err
	}
	for _, asset := range old {
		if err := api.DeleteAsset(ctx, asset.ID, 0); err != nil {
			return nil, err
		}
	}
	wanted := make([]asset, len(targets))
	for i, target := range targets {
		wanted[i] = target.asset
	}
	if err := add(ctx, api, wanted); err != nil {
		return nil, err
	}
	added, err := watched(ctx, api)
	if err != nil {
		return nil, err
	}
	pages := make([]*page, len(targets))
	for i, target := range targets {
		// The API may write the URL in another way than it was given.
		at := slices.IndexFunc(added, func(a client.Asset) bool { return a.Name == target.asset.Name })
		if at < 0 {
			return nil, fmt.Errorf("%s was imported and is not there", target.asset.URL)
		}
		pages[i] = &page{target: target, id: added[at].ID, name: shortURL(target.asset.Name), verdict: plugins.Unknown}
		added = slices.Delete(added, at, at+1)
	}
	return pages, nil
}

// shortURL leaves out what readers know anyway. It leaves other names alone.
func shortURL(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	return strings.TrimSuffix(name, "/")
}

// watch follows the checks of the pages.
type watch struct {
	api    *client.Client
	base   string // the API's URL
	screen *screen
	pages  []*page
	began  time.Time
	rounds int    // batches still to be asked for
	batch  string // the one under way; empty: none
	lost   bool   // the API does not answer
}

// run follows the checks until done says so (it may be nil) or ctx ends, which
// is its error.
func (w *watch) run(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		err := w.step(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Redis may be away for a while; webmon waits for it, and so does this.
		if err != nil && !w.lost {
			w.screen.say("The API: %v. Trying again.", err)
		}
		w.lost = err != nil
		w.screen.flush(append(w.table(), w.footer()))
		if done != nil && done() {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// step asks for the next round of checks when the one before has ended, and
// reads what is new.
func (w *watch) step(ctx context.Context) (err error) {
	if w.batch != "" {
		batch, err := w.api.Batch(ctx, w.batch)
		if err != nil {
			return err
		}
		if batch.State == "done" {
			w.batch = ""
		}
	}
	if w.batch == "" && w.rounds > 0 {
		if w.batch, _, err = w.api.Run(ctx, client.Selection{Tag: tag}); err != nil {
			return err
		}
		w.rounds--
	}
	for _, page := range w.pages {
		latest, err := w.api.ResultPage(ctx, page.id, time.Time{}, time.Time{}, newest, "")
		if err != nil {
			return err
		}
		results := latest.Results
		if known := slices.IndexFunc(results, func(r client.Result) bool { return r.Job == page.job }); known >= 0 {
			results = results[:known]
		}
		for _, result := range slices.Backward(results) {
			w.take(page, result)
		}
	}
	return nil
}

// take enters a new result.
func (w *watch) take(page *page, result client.Result) {
	page.job = result.Job
	page.checks++
	page.seconds = 0
	var alarmed []string
	for _, report := range result.Reports {
		if slices.ContainsFunc(report.Findings, func(f plugins.Finding) bool { return f.Verdict == plugins.Changed }) {
			alarmed = append(alarmed, report.Plugin)
		}
		if report.Plugin == "timing" {
			page.seconds = report.Metrics["total_seconds"]
		}
	}
	findings := result.Findings()
	if len(findings) > 0 && (page.finding == nil || findings[0].Severity.Rank() >= page.finding.Severity.Rank()) {
		page.finding, page.since = &findings[0], time.Now()
	}
	if page.caught == nil && page.attacked != nil && result.Verdict == plugins.Changed && page.attacked() {
		page.caught, page.caughtAt, page.caughtBy = findings, page.checks, alarmed
	}
	if page.verdict != result.Verdict {
		w.tell(page, result.Verdict, findings)
		page.verdict = result.Verdict
	}
}

// tell says that a page's verdict is another one now, and why.
func (w *watch) tell(page *page, now plugins.Verdict, findings []plugins.Told) {
	before := ""
	if page.checks > 1 {
		before = string(page.verdict) + " → "
	}
	name := pad(cut(terminal.Printable(page.name), w.nameWidth()), w.nameWidth())
	w.screen.say("%5.1fs  %s  %s%s", time.Since(w.began).Seconds(), w.screen.paint.Bold(name), before, w.screen.paint.Verdict(now))
	if now != plugins.Up {
		w.screen.findings(findings)
	}
}

// caught is a page whose attack was noticed, or nil.
func (w *watch) caught() *page {
	for _, page := range w.pages {
		if page.caught != nil {
			return page
		}
	}
	return nil
}
