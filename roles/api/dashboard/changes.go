package dashboard

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"webmon/roles/api/client"
)

// change is what became of a page's text at a check.
type change struct {
	At    time.Time
	Said  string // in a sentence
	Lines []diffLine
}

// diffLine is a line of a difference.
type diffLine struct {
	Kind string // "add", "del", "same" or "gap"
	Mark string // what shows the kind beside its colour
	Text string
}

// changesIn finds the differences of the text in results since a time, at most
// so many, the newest first. Results are the newest first.
func changesIn(results []client.Result, since time.Time, most int) (found []change) {
	for i := range results {
		r := &results[i]
		if r.At.Before(since) || len(found) == most {
			break
		}
		if c, ok := changeIn(r); ok {
			found = append(found, c)
		}
	}
	return found
}

// changeIn finds what the plugin content says of a change.
func changeIn(r *client.Result) (change, bool) {
	for i := range r.Reports {
		report := &r.Reports[i]
		diff := report.Facts["diff"]
		if report.Plugin != "content" || diff == "" {
			continue
		}
		c := change{At: r.At, Lines: readDiff(diff)}
		for _, f := range report.Findings {
			if f.Code == "content_changed" {
				c.Said = f.Message
				c.Lines = append(leftOut(f.Evidence, c.Lines), c.Lines...)
			}
		}
		return c, true
	}
	return change{}, false
}

// leftOut gives the new lines that the evidence names and that a long difference
// was cut off before: they say most.
func leftOut(evidence []string, lines []diffLine) (missing []diffLine) {
	for _, piece := range evidence {
		text, added := strings.CutPrefix(piece, "+ ")
		known := slices.ContainsFunc(lines, func(l diffLine) bool {
			return l.Kind == "add" && strings.HasPrefix(l.Text, strings.TrimSuffix(text, "…"))
		})
		if added && !known {
			missing = append(missing, diffLine{"add", "+", text})
		}
	}
	if len(missing) > 0 {
		missing = append(missing, diffLine{Kind: "gap", Mark: "⋯"})
	}
	return missing
}

// readDiff reads the lines of a difference: a sign, a blank and the text.
func readDiff(diff string) []diffLine {
	var lines []diffLine
	for text := range strings.SplitSeq(diff, "\n") {
		line := diffLine{Kind: "same", Mark: " ", Text: text}
		switch {
		case strings.HasPrefix(text, "+ "):
			line = diffLine{"add", "+", text[2:]}
		case strings.HasPrefix(text, "- "):
			line = diffLine{"del", "−", text[2:]}
		case strings.HasPrefix(text, "  "):
			line.Text = text[2:]
		case text == "@@", strings.HasPrefix(text, "…"):
			line = diffLine{"gap", "⋯", strings.TrimPrefix(strings.TrimPrefix(text, "@@"), "… ")}
		}
		lines = append(lines, line)
	}
	return lines
}

// delta is a number of the structure that is not what it was.
type delta struct {
	Metric      string
	Before, Now string
	By          string // the difference, with its sign
}

const mostDeltas = 24

// structure compares the numbers of a page's structure of two checks. Those that
// changed most, in proportion, come first.
func structure(before, now *client.Result) []delta {
	type pair struct {
		delta
		weight float64
	}
	var pairs []pair
	old := reportOf(before, "htmlstats")
	current := reportOf(now, "htmlstats")
	if old == nil || current == nil {
		return nil
	}
	for name, value := range current.Metrics {
		was, known := old.Metrics[name]
		if value == was || !strings.HasSuffix(name, "_count") && !strings.HasSuffix(name, "_bytes") {
			continue
		}
		if !known {
			was = 0
		}
		by := value - was
		sign := "+"
		if by < 0 {
			sign = ""
		}
		pairs = append(pairs, pair{
			delta{structureName(name), number(was), number(value), sign + number(by)},
			math.Abs(by) / (math.Min(math.Abs(was), math.Abs(value)) + 1),
		})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.Metric, b.Metric))
	})
	list := make([]delta, min(len(pairs), mostDeltas))
	for i := range list {
		list[i] = pairs[i].delta
	}
	return list
}

func reportOf(r *client.Result, plugin string) *client.Report {
	for i := range r.Reports {
		if r.Reports[i].Plugin == plugin {
			return &r.Reports[i]
		}
	}
	return nil
}

// structureName is a metric in words: <div> for tag_div_count.
func structureName(metric string) string {
	if tag, found := strings.CutPrefix(metric, "tag_"); found {
		if tag, found = strings.CutSuffix(tag, "_count"); found {
			return "<" + tag + ">"
		}
	}
	name, isCount := strings.CutSuffix(metric, "_count")
	name = strings.ReplaceAll(name, "_", " ")
	if !isCount {
		name = strings.TrimSuffix(name, " bytes") + ", bytes"
	}
	return name
}
