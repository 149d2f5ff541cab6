package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

const (
	pageLength = 50
	// searchFor is how long a page looks for assets that a filter selects. The
	// API looks at a few thousand a call; who wants more goes on by hand.
	searchFor = 40 * time.Millisecond
	// troubled is how many assets that need attention are shown above the list.
	troubled = 10
)

// overview is the page of the whole fleet.
type overview struct {
	Summary   client.Summary
	Available *float64 // percent of the assets that could be judged
	Share     []share  // of the fleet, by verdict
	Chips     []chip
	Filter    client.Filter
	Filtered  bool
	Attention []row // what is not as it should be, the worst first
	More      bool  // there is more of that
	Rows      []row
	Searched  bool // the list may be short because only a part was searched
	Pager     pager
	Form      assetForm // of the first asset
	Here      string    // the address of this page
}

// share is a part of the fleet in a bar that is 1000 wide.
type share struct {
	Verdict  plugins.Verdict
	X, Width int
}

// chip is a link that filters by a verdict; the empty one by none.
type chip struct {
	Verdict plugins.Verdict
	Count   int
	URL     string
	Chosen  bool
}

// row is an asset in a list.
type row struct {
	client.Asset
	Seconds *float64 // how long the last check took
	Bars    bars
}

func showOverview(v *visit) error {
	ctx, query := v.r.Context(), v.r.URL.Query()
	o := overview{Here: v.r.URL.RequestURI(), Filter: client.Filter{
		Tag: strings.TrimSpace(query.Get("tag")), Verdict: plugins.Verdict(query.Get("verdict")), Text: strings.TrimSpace(query.Get("q")),
	}}
	o.Filtered = o.Filter != client.Filter{}
	var err error
	if o.Summary, err = v.api.Summary(ctx); err != nil {
		return err
	}
	o.chips()
	cursor := query.Get("cursor")
	if !o.Filtered && cursor == "" {
		if err := o.attention(v); err != nil {
			return err
		}
	}
	found, next, err := v.search(o.Filter, cursor)
	if err != nil {
		return err
	}
	o.Rows, o.Searched = rows(found), next != "" && len(found) < pageLength
	o.Pager = pagerOf(v.r.URL, next)
	return v.show(http.StatusOK, "overview", "Overview", &o)
}

// search reads a page of assets. With filters the API may need several calls.
func (v *visit) search(f client.Filter, cursor string) (found []client.Asset, next string, err error) {
	for began := time.Now(); ; {
		page, err := v.api.AssetPage(v.r.Context(), f, pageLength-len(found), recentChecks, cursor)
		if err != nil {
			return nil, "", err
		}
		found, cursor = append(found, page.Assets...), page.Next
		if cursor == "" || len(found) >= pageLength || time.Since(began) > searchFor {
			return found, cursor, nil
		}
	}
}

// attention finds the assets that are not as they should be.
func (o *overview) attention(v *visit) error {
	for _, verdict := range shownVerdicts {
		if verdict == plugins.Up || verdict == plugins.Unknown || o.Summary.Verdicts[verdict] == 0 {
			continue
		}
		room := troubled - len(o.Attention)
		if room == 0 {
			o.More = true
			break
		}
		page, err := v.api.AssetPage(v.r.Context(), client.Filter{Verdict: verdict}, room, recentChecks, "")
		if err != nil {
			return err
		}
		o.Attention = append(o.Attention, rows(page.Assets)...)
		o.More = o.More || page.Next != ""
	}
	return nil
}

func rows(assets []client.Asset) []row {
	list := make([]row, len(assets))
	for i, a := range assets {
		list[i] = row{Asset: a, Bars: recentBars(a.Recent)}
		if n := len(a.Recent); n > 0 {
			list[i].Seconds = a.Recent[n-1].Seconds
		}
	}
	return list
}

// chips works out the counts by verdict.
func (o *overview) chips() {
	link := func(verdict plugins.Verdict) string {
		q := url.Values{}
		for name, value := range map[string]string{"verdict": string(verdict), "tag": o.Filter.Tag, "q": o.Filter.Text} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if len(q) == 0 {
			return "/"
		}
		return "/?" + q.Encode()
	}
	o.Chips = append(o.Chips, chip{Count: o.Summary.Assets, URL: link(""), Chosen: o.Filter.Verdict == ""})
	x := 0
	for _, verdict := range shownVerdicts {
		n := o.Summary.Verdicts[verdict]
		o.Chips = append(o.Chips, chip{verdict, n, link(verdict), o.Filter.Verdict == verdict})
		if n > 0 {
			width := max(8, 1000*n/o.Summary.Assets)
			o.Share = append(o.Share, share{verdict, x, width})
			x += width
		}
	}
	down := o.Summary.Verdicts[plugins.Down]
	judged := down + o.Summary.Verdicts[plugins.Up] + o.Summary.Verdicts[plugins.Degraded] + o.Summary.Verdicts[plugins.Changed]
	if judged > 0 {
		percent := 100 * float64(judged-down) / float64(judged)
		o.Available = &percent
	}
}
