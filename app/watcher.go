package app

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// watcher finds out what is new of assets, by asking the API again and again.
type watcher struct {
	api  *client.Client
	tag  string
	ids  []string // only these assets; empty: all that have the tag
	seen map[string]watched
	took time.Duration // the last look
}

// watched is what was seen of an asset.
type watched struct {
	verdict  plugins.Verdict
	checked  time.Time
	findings []string // keys of those that the last check had
}

const (
	// maxDetails is of how many assets one look reads results. When much
	// changes at once the others are told of without findings.
	maxDetails = 50
	// maxMissed is how many results of an asset since the last look are read.
	maxMissed = 20
)

// look lists the assets and tells what is new. At first that is what is not up.
// After an error, what it did not tell is found by the next look.
func (w *watcher) look(ctx context.Context) ([]event, error) {
	began := time.Now()
	defer func() { w.took = time.Since(began) }()
	var events []event
	details := 0
	here := map[string]bool{}
	for a, err := range w.assets(ctx) {
		if err != nil {
			return events, err
		}
		here[a.ID] = true
		before := w.seen[a.ID]
		now := watched{verdict: a.Verdict, checked: a.Checked}
		switch {
		case a.Checked.Equal(before.checked) && a.Verdict == before.verdict:
			continue
		case a.Checked.IsZero(), a.Verdict == plugins.Up && !a.VerdictSince.After(before.checked):
			// Nothing to tell: not checked yet, or up as before.
		case a.Verdict == plugins.Up && before.verdict == "":
			// Up when it was first seen.
		case details == maxDetails:
			now.findings = before.findings
			if a.Verdict != before.verdict {
				events = append(events, newEvent(&a, before.verdict, a.Verdict, a.Checked))
			}
		default:
			details++
			news, findings, err := w.news(ctx, &a, before)
			if err != nil {
				return events, err
			}
			events, now.findings = append(events, news...), findings
		}
		w.seen[a.ID] = now
	}
	for id := range w.seen {
		if !here[id] {
			delete(w.seen, id) // deleted, or without the tag now
		}
	}
	return events, nil
}

func newEvent(a *client.Asset, before, verdict plugins.Verdict, at time.Time) event {
	return event{At: at, ID: a.ID, URL: a.URL, Name: a.Name, Before: before, Verdict: verdict, Findings: []plugins.Told{}}
}

// assets lists what is watched: by one call a thousand.
func (w *watcher) assets(ctx context.Context) iter.Seq2[client.Asset, error] {
	if len(w.ids) == 0 {
		return w.api.Assets(ctx, client.Filter{Tag: w.tag})
	}
	return func(yield func(client.Asset, error) bool) {
		for _, id := range w.ids {
			a, err := w.api.Asset(ctx, id)
			if err != nil && noSuchAsset(err) && len(w.seen) > 0 {
				continue // it was deleted meanwhile
			}
			if !yield(a, err) || err != nil {
				return
			}
		}
	}
}

// news reads the results of an asset since it was last seen, or the newest one,
// and tells of those that are other than the one before. It gives the keys of
// what the newest one found.
func (w *watcher) news(ctx context.Context, a *client.Asset, before watched) ([]event, []string, error) {
	var results []client.Result // newest first
	most, from := maxMissed, before.checked.Add(time.Millisecond)
	if before.checked.IsZero() {
		most, from = 1, a.Checked
	}
	for r, err := range w.api.Results(ctx, a.ID, from, time.Time{}) {
		if noSuchAsset(err) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if results = append(results, r); len(results) == most {
			break
		}
	}
	var events []event
	verdict, known := before.verdict, before.findings
	for _, r := range slices.Backward(results) {
		e := newEvent(a, verdict, r.Verdict, r.At)
		var keys []string
		for _, f := range r.Findings() {
			key := keyOf(&f)
			keys = append(keys, key)
			if f.Severity != plugins.Info && !slices.Contains(known, key) {
				e.Findings = append(e.Findings, f)
			}
		}
		if r.Verdict != verdict || len(e.Findings) > 0 {
			events = append(events, e)
		}
		verdict, known = r.Verdict, keys
	}
	return events, known, nil
}

// keyOf tells findings apart. The message is no part of it: it holds figures
// that are other each time.
func keyOf(f *plugins.Told) string {
	return strings.Join(append([]string{f.Plugin, f.Code, f.Metric}, f.Evidence...), "\x00")
}

// noSuchAsset tells whether an error says that there is no such asset.
func noSuchAsset(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusNotFound
}
