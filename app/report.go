package app

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"webmon/app/terminal"
	"webmon/plugins"
)

// shownOfFamily is how many metrics of a family, such as htmlstats' one for
// each tag, a report shows unless asked for all.
const shownOfFamily = 5

// reportPrinter writes outcomes for people.
type reportPrinter struct {
	out      io.Writer
	paint    terminal.Painter
	families map[string][]family // by plugin
	err      error               // the first that out returned
}

// newReportPrinter makes a printer. With verbose, no metric is left out.
func newReportPrinter(out io.Writer, definitions []plugins.Definition, verbose bool) *reportPrinter {
	p := &reportPrinter{out: out, paint: terminal.NewPainter(out), families: map[string][]family{}}
	if !verbose {
		for _, definition := range definitions {
			p.families[definition.Name] = familiesOf(definition)
		}
	}
	return p
}

func (p *reportPrinter) print(all []checked) error {
	for i, one := range all {
		if i > 0 {
			p.line("")
		}
		p.head(one)
		for _, report := range one.outcome.Reports {
			p.report(report)
		}
	}
	return p.err
}

func (p *reportPrinter) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

func (p *reportPrinter) head(one checked) {
	page := one.page
	p.line("%s  %s", page.URL, p.paint.Verdict(one.outcome.Verdict))
	for _, hop := range page.Redirects {
		p.line("  %d redirect from %s", hop.Status, terminal.Printable(hop.URL))
	}
	if len(page.Redirects) > 0 {
		p.line("  ends at %s", terminal.Printable(page.FinalURL))
	}
	switch {
	case page.Err != nil:
		p.line("  no answer (%s): %s", page.ErrClass, terminal.Printable(page.Err.Error()))
	default:
		cut := ""
		if page.Truncated {
			cut = ", cut at the size limit"
		}
		p.line("  %d %s, %d bytes%s, %s", page.Status, http.StatusText(page.Status), len(page.Body), cut, page.Proto)
	}
	t := page.Timing
	p.line("  dns %s, connect %s, tls %s, first byte %s, transfer %s, total %s",
		millis(t.DNS), millis(t.Connect), millis(t.TLS), millis(t.FirstByte), millis(t.Transfer), millis(t.Total))
}

// report leaves out a plugin that has nothing to say, such as tlscert over
// plain HTTP.
func (p *reportPrinter) report(report plugins.Report) {
	if report.Error == "" && len(report.Findings)+len(report.Metrics)+len(report.Facts) == 0 {
		return
	}
	p.line("  %s", p.paint.Bold(report.Plugin))
	if report.Error != "" {
		p.line("    %s %s", p.paint.Severity(plugins.Critical, "failed"), terminal.Printable(report.Error))
	}
	for _, f := range report.Findings {
		p.line("    %s %s: %s", p.paint.Severity(f.Severity, string(f.Severity)), f.Code, terminal.Printable(f.Message))
	}
	metrics, hidden := fold(report.Metrics, p.families[report.Plugin])
	width := 0
	for _, metric := range metrics {
		width = max(width, len(metric.Name))
	}
	for name := range report.Facts {
		width = max(width, len(name))
	}
	for _, metric := range metrics {
		p.line("    %-*s  %s", width, metric.Name, quantity(metric))
	}
	if hidden > 0 {
		p.line("    and %d smaller ones; -v shows them", hidden)
	}
	for _, name := range slices.Sorted(maps.Keys(report.Facts)) {
		p.line("    %-*s  %s", width, name, terminal.Printable(report.Facts[name]))
	}
}

// family matches the metrics that a plugin documents as one, such as
// "tag_<name>_count".
type family struct{ before, after string }

func familiesOf(definition plugins.Definition) []family {
	var families []family
	for _, doc := range definition.Metrics {
		before, rest, opened := strings.Cut(doc.Name, "<")
		_, after, closed := strings.Cut(rest, ">")
		if opened && closed {
			families = append(families, family{before, after})
		}
	}
	return families
}

func (f family) has(name string) bool {
	return len(name) > len(f.before)+len(f.after) &&
		strings.HasPrefix(name, f.before) && strings.HasSuffix(name, f.after)
}

// fold leaves out all but the largest metrics of each family.
func fold(metrics []plugins.Metric, families []family) (kept []plugins.Metric, hidden int) {
	kept = metrics
	for _, f := range families {
		var members, others []plugins.Metric
		for _, metric := range kept {
			if f.has(metric.Name) {
				members = append(members, metric)
			} else {
				others = append(others, metric)
			}
		}
		if len(members) <= shownOfFamily {
			continue
		}
		slices.SortStableFunc(members, func(a, b plugins.Metric) int { return cmp.Compare(b.Value, a.Value) })
		kept = append(others, members[:shownOfFamily]...)
		hidden += len(members) - shownOfFamily
	}
	return kept, hidden
}

// quantity writes a metric's value in a unit that is easy to read.
func quantity(metric plugins.Metric) string {
	if strings.HasSuffix(metric.Name, "_timestamp_seconds") {
		return time.Unix(int64(metric.Value), 0).UTC().Format(time.RFC3339)
	}
	if strings.HasSuffix(metric.Name, "_seconds") {
		if math.Abs(metric.Value) >= 60 {
			return strconv.FormatFloat(metric.Value, 'f', 0, 64) + " s"
		}
		return millis(time.Duration(metric.Value * float64(time.Second)))
	}
	return strconv.FormatFloat(metric.Value, 'f', -1, 64)
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
}
