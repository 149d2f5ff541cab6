package app

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"time"

	"webmon/app/client"
	"webmon/plugins"
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

// maxDetails is of how many assets one look reads the findings. When much
// changes at once the others are told of without.
const maxDetails = 50

// look lists the assets and tells what is new. At first that is what is not up.
func (w *watcher) look(ctx context.Context) ([]event, error) {
	began := time.Now()
	defer func() { w.took = time.Since(began) }()
	first := len(w.seen) == 0
	var events []event
	details := 0
	here := map[string]bool{}
	for a, err := range w.assets(ctx) {
		if err != nil {
			return events, err
		}
		here[a.ID] = true
		before, known := w.seen[a.ID]
		if known && a.Checked.Equal(before.checked) && a.Verdict == before.verdict {
			continue
		}
		e := event{At: a.Checked, ID: a.ID, URL: a.URL, Name: a.Name, Before: before.verdict, Verdict: a.Verdict, Findings: []found{}}
		now := watched{verdict: a.Verdict, checked: a.Checked}
		switch {
		case a.Verdict == plugins.Up || a.Verdict == plugins.Unknown:
		case details == maxDetails:
			now.findings = before.findings
		default:
			details++
			if e.Findings, now.findings, err = w.news(ctx, a.ID, before.findings); err != nil {
				return events, err // the next look finds it again
			}
		}
		w.seen[a.ID] = now
		quiet := a.Verdict == plugins.Up || a.Verdict == plugins.Unknown
		changed := known && e.Before != e.Verdict || !known && !quiet || !known && !first && a.Verdict != plugins.Unknown
		if changed || len(e.Findings) > 0 {
			events = append(events, e)
		}
	}
	for id := range w.seen {
		if !here[id] {
			delete(w.seen, id) // deleted, or without the tag now
		}
	}
	return events, nil
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

// news reads the findings of an asset's newest result that the one before did
// not have, and the keys of all of them.
func (w *watcher) news(ctx context.Context, id string, before []string) (fresh []found, keys []string, err error) {
	fresh = []found{}
	newest, checked, err := w.api.Newest(ctx, id)
	switch {
	case noSuchAsset(err), err == nil && !checked:
		return fresh, nil, nil
	case err != nil:
		return nil, nil, err
	}
	for _, report := range newest.Reports {
		for _, f := range report.Findings {
			// Messages hold figures that are other each time.
			key := report.Plugin + "\x00" + f.Code + "\x00" + f.Metric
			for _, evidence := range f.Evidence {
				key += "\x00" + evidence
			}
			keys = append(keys, key)
			if f.Severity != plugins.Info && !slices.Contains(before, key) {
				fresh = append(fresh, found{report.Plugin, f})
			}
		}
	}
	return fresh, keys, nil
}

// noSuchAsset tells whether an error says that there is no such asset.
func noSuchAsset(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusNotFound
}
