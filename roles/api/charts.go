package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/roles/api/chart"
	"webmon/store"
)

const (
	svgType = "image/svg+xml"
	// imageAge is how long a picture may be shown without asking again. Those
	// who show many, such as a page that many read, ask once for all.
	imageAge = "max-age=30"
	// imagePolicy lets a picture load and run nothing, also when it is opened
	// on its own.
	imagePolicy = "default-src 'none'; sandbox"
)

func (s *Server) chartRoutes(api huma.API) {
	operation := func(id, name, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: assetsPath + "/{id}/" + name,
			Tags: []string{groupStatistics}, Summary: summary, Description: description,
			Errors: []int{http.StatusNotFound},
			Responses: map[string]*huma.Response{
				"200": {Description: "The picture.", Content: map[string]*huma.MediaType{svgType: {Schema: &huma.Schema{Type: huma.TypeString}, Example: `<svg xmlns="http://www.w3.org/2000/svg" …></svg>`}}},
				"304": {Description: "The picture is still the one of If-None-Match."},
			},
		}
	}
	register(s, api, operation("get-chart", "chart.svg", "Draw a metric of an asset over time",
		"A line, with gaps where there was no value; what the plugin holds as normal now as a band, and the mean ± σ that a finding went by as a span of its own; "+
			"triangles at warnings and diamonds at what is critical; above, a strip that is high while the asset was down."), storeBudget, s.drawChart)
	register(s, api, operation("get-badge", "badge.svg", "Draw the verdict and the availability of an asset as a badge",
		"Its name, or else its host; the verdict of the last check; in how many percent of the checks of the window the asset was there."), storeBudget, s.drawBadge)
}

type chartInput struct {
	AssetID
	IfNoneMatch
	Metric string `query:"metric" required:"true" minLength:"1" maxLength:"300" example:"timing.total_seconds" doc:"Plugin and metric, as in the statistics."`
	Window string `query:"window" default:"24h" example:"7d" doc:"How far back from now, such as 1h or 7d."`
	Width  int    `query:"width" default:"800" minimum:"240" maximum:"2000" doc:"How wide the picture is, in px."`
	Height int    `query:"height" default:"300" minimum:"120" maximum:"1200" doc:"How high the picture is, in px."`
	Theme  string `query:"theme" default:"light" enum:"light,dark" doc:"Which background the picture has."`
}

type badgeInput struct {
	AssetID
	IfNoneMatch
	Window string `query:"window" default:"30d" example:"7d" doc:"The time that the availability is of, such as 24h or 7d back from now."`
}

// IfNoneMatch makes an answer conditional.
type IfNoneMatch struct {
	Tags []string `header:"If-None-Match" example:"[\"\\\"3w5e11264sgs\\\"\"]" doc:"ETags of pictures that the client has: if one is still true, the answer is 304."`
}

type imageOutput struct {
	Status  int
	Type    string `header:"Content-Type"`
	ETag    string `header:"ETag" example:"\"3w5e11264sgs\"" doc:"Stands for the picture."`
	Age     string `header:"Cache-Control" example:"max-age=30" doc:"How long it may be shown without asking again."`
	Policy  string `header:"Content-Security-Policy" example:"default-src 'none'; sandbox" doc:"Lets the picture load and run nothing."`
	Options string `header:"X-Content-Type-Options" example:"nosniff" doc:"Lets browsers take it for nothing else."`
	Body    []byte
}

// image answers with a picture, unless the client has it.
func (m *IfNoneMatch) image(svg []byte) *imageOutput {
	tag := strconv.Quote(strconv.FormatUint(xxhash.Sum64(svg), 36))
	out := &imageOutput{Status: http.StatusOK, Type: svgType, ETag: tag, Age: imageAge, Policy: imagePolicy, Options: "nosniff", Body: svg}
	for _, known := range m.Tags {
		if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == tag {
			out.Status, out.Body = http.StatusNotModified, nil
		}
	}
	return out
}

func (s *Server) drawChart(ctx context.Context, in *chartInput) (*imageOutput, error) {
	window, err := readWindow("query.window", in.Window)
	if err != nil {
		return nil, err
	}
	to := chartEnd(time.Now(), window, in.Width)
	series, err := s.store.MetricSeries(ctx, in.ID, in.Metric, to.Add(-window))
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	baselines, err := s.baselines(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	normal, learned := baselines[in.Metric]
	doc, documented := s.metricDoc(in.Metric)
	if family := doc.Name != "" && strings.Contains(doc.Name, "<"); !slices.Contains(series.Metrics, in.Metric) && !learned && (!documented || family) {
		return nil, invalid("query.metric", shorten(in.Metric), s.near(in.Metric, series.Metrics))
	}
	c := chart.Chart{
		Name: displayName(&series.Asset), Metric: in.Metric, Unit: doc.Unit,
		From: to.Add(-window), To: to, Every: time.Duration(series.Asset.Interval),
		Points: make([]chart.Point, len(series.Points)), Availability: series.Availability,
		Width: in.Width, Height: in.Height, Theme: in.Theme,
	}
	if learned {
		c.Normal = &chart.Band{Low: normal.Low, High: normal.High}
	}
	for i := range series.Points {
		c.Points[i] = chartPoint(&series.Points[i])
	}
	svg, err := c.SVG()
	if err != nil {
		return nil, err
	}
	return in.image(svg), nil
}

// chartEnd is when a chart's window ends: at the next whole px, so that the
// picture stays the same from one px to the next, unless something was checked.
func chartEnd(now time.Time, window time.Duration, width int) time.Time {
	px := max(window/time.Duration(width), time.Millisecond)
	return now.UTC().Truncate(px).Add(px)
}

func (s *Server) drawBadge(ctx context.Context, in *badgeInput) (*imageOutput, error) {
	window, err := readWindow("query.window", in.Window)
	if err != nil {
		return nil, err
	}
	series, err := s.store.MetricSeries(ctx, in.ID, "", time.Now().Add(-window))
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	badge := chart.Badge{Label: displayName(&series.Asset), Verdict: series.Asset.Status.Verdict, Availability: series.Availability}
	return in.image(badge.SVG()), nil
}

// displayName is what an asset is called in a picture, which strangers may see:
// never its whole URL, which may hold secrets.
func displayName(a *store.Asset) string {
	if a.Name != "" {
		return a.Name
	}
	if u, err := url.Parse(a.URL); err == nil && u.Host != "" {
		return u.Host
	}
	return a.ID
}

// chartPoint is a point of a chart. Of its finding it has the mean and the
// standard deviation, which are what the finding says; how many of these the
// plugin took for usual it does not say.
func chartPoint(p *store.MetricPoint) chart.Point {
	point := chart.Point{At: p.At, Value: math.NaN(), Down: p.Verdict == plugins.Down}
	if p.Measured {
		point.Value = p.Value
	}
	for i := range p.Findings {
		f := &p.Findings[i]
		if f.Severity == plugins.Info || point.Severity == plugins.Critical || point.Severity == f.Severity {
			continue // nothing to mark, or marked already
		}
		point.Severity, point.Expected = f.Severity, nil
		if mean, ok := f.Expected.Number(); ok && f.StdDev > 0 {
			point.Expected = &chart.Band{Low: mean - f.StdDev, High: mean + f.StdDev}
		}
	}
	return point
}

// metricDoc finds what a plugin says of its metric.
func (s *Server) metricDoc(name string) (plugins.MetricDoc, bool) {
	plugin, metric, _ := strings.Cut(name, ".")
	var family plugins.MetricDoc
	for _, d := range s.opts.Plugins.Definitions() {
		if d.Name != plugin {
			continue
		}
		for _, m := range d.Metrics {
			before, rest, many := strings.Cut(m.Name, "<")
			_, after, _ := strings.Cut(rest, ">")
			switch {
			case m.Name == metric:
				return m, true
			case many && len(metric) > len(before)+len(after) && strings.HasPrefix(metric, before) && strings.HasSuffix(metric, after):
				family = m
			}
		}
	}
	return family, family.Name != ""
}

// near says that there is no such metric, and which names are like it: that
// begin and end alike, or hold it.
func (s *Server) near(name string, measured []string) string {
	known := slices.Clone(measured)
	for _, d := range s.opts.Plugins.Definitions() {
		for _, m := range d.Metrics {
			if !strings.Contains(m.Name, "<") {
				known = append(known, d.Name+"."+m.Name)
			}
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	slices.SortStableFunc(known, func(a, b string) int { return likeness(name, b) - likeness(name, a) })
	if len(known) == 0 {
		return "there is no such metric, and none was measured yet: GET /v1/plugins lists them"
	}
	return fmt.Sprintf("there is no such metric in this window; near ones are %s", strings.Join(known[:min(5, len(known))], ", "))
}

func likeness(asked, name string) int {
	if strings.Contains(name, asked) {
		return len(asked) + len(name)
	}
	least := min(len(asked), len(name))
	begin, end := 0, 0
	for begin < least && asked[begin] == name[begin] {
		begin++
	}
	for end < least-begin && asked[len(asked)-1-end] == name[len(name)-1-end] {
		end++
	}
	return begin + end
}
