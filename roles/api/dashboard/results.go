package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// resultRow is a check in a table.
type resultRow struct {
	At       time.Time
	URL      string
	Verdict  plugins.Verdict
	Status   string
	Took     *float64
	Bytes    string
	Serious  int    // findings that are warnings or worse
	Quiet    int    // all others
	First    string // what the most serious one says
	Critical bool
}

func resultRows(results []client.Result) []resultRow {
	rows := make([]resultRow, len(results))
	for i := range results {
		r := &results[i]
		serious, quiet := findingsOf(r)
		row := resultRow{At: r.At, URL: resultURL(r.Job, r.At), Verdict: r.Verdict, Serious: len(serious), Quiet: len(quiet)}
		if len(serious) > 0 {
			row.First, row.Critical = serious[0].Message, serious[0].Severity == plugins.Critical
		}
		if status, ok := metric(r, "availability", "status_code"); ok && status > 0 {
			row.Status = number(status)
		}
		if took, ok := metric(r, "timing", "total_seconds"); ok {
			row.Took = &took
		}
		if size, ok := metric(r, "htmlstats", "page_bytes"); ok {
			row.Bytes = number(size)
		}
		rows[i] = row
	}
	return rows
}

// resultURL is the address of a check's page. A check is known by its time.
func resultURL(job string, at time.Time) string {
	return "/assets/" + url.PathEscape(assetOf(job)) + "/results/" + strconv.FormatInt(at.UnixMilli(), 10)
}

// assetOf is the asset's part of a job's id.
func assetOf(job string) string {
	for i, c := range job {
		if c == '.' {
			return job[:i]
		}
	}
	return job
}

// resultsPage is a page of an asset's results.
type resultsPage struct {
	client.Asset
	Rows  []resultRow
	Pager pager
}

func showResults(v *visit) error {
	id := v.r.PathValue("id")
	a, err := v.api.Asset(v.r.Context(), id)
	if err != nil {
		return err
	}
	page, err := v.api.ResultPage(v.r.Context(), id, time.Time{}, time.Time{}, pageLength, v.r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "results", "Results of "+a.Label(), &resultsPage{a, resultRows(page.Results), pagerOf(v.r.URL, page.Next)})
}

// resultPage is the page of one check.
type resultPage struct {
	client.Asset
	Result   *client.Result
	Row      resultRow
	Findings []finding
	Quiet    []finding
	Changes  []change
}

func showResult(v *visit) error {
	id := v.r.PathValue("id")
	ms, err := strconv.ParseInt(v.r.PathValue("at"), 10, 64)
	if err != nil {
		return noPage(v)
	}
	a, err := v.api.Asset(v.r.Context(), id)
	if err != nil {
		return err
	}
	r, err := v.resultAt(id, time.UnixMilli(ms))
	if err != nil {
		return err
	}
	if r == nil {
		return &client.Problem{Status: http.StatusNotFound, Title: http.StatusText(http.StatusNotFound), Detail: "There is no such result; it may be too old to be kept."}
	}
	p := resultPage{Asset: a, Result: r, Row: resultRows([]client.Result{*r})[0]}
	p.Findings, p.Quiet = findingsOf(r)
	p.Changes = changesIn([]client.Result{*r}, time.Time{}, 1)
	return v.show(http.StatusOK, "result", "A check of "+a.Label(), &p)
}
