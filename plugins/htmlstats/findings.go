package htmlstats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"webmon/plugins"
)

const (
	maxFindings = 10 // those with the most points
	maxNamed    = 3  // new things named in a sentence
	maxName     = 120
)

// The kinds of findings that are no news.
const (
	unusualValue    = "unusual_value"
	otherStructure  = "other_structure"
	otherVocabulary = "other_vocabulary"
	otherType       = "other_type"
	notThePage      = "not_the_page"
	knownVariant    = "known_variant"
)

// findings says why a version scores what it does, the weightiest first. They
// are alarms, or notes when the score asks for a notice only.
func (h *htmlstats) findings(m *memory, v *version, a *assessment, alarm bool) []plugins.Finding {
	var reasons []plugins.Finding
	add := func(points float64, f plugins.Finding) {
		if points > 0 {
			f.Points = round6(points)
			reasons = append(reasons, f)
		}
	}
	for _, d := range a.deviations {
		add(d.points, d.finding())
	}
	for i := range a.news {
		n := &a.news[i]
		add(n.points, n.finding())
	}
	for _, f := range a.kept {
		add(f.Points, f)
	}
	add(a.unlike[0], plugins.Finding{
		Code: otherStructure, Metric: structureName, Severity: plugins.Warning,
		Message:  fmt.Sprintf("The structure is %.0f %% alike to the last normal version; at least %d %% is usual.", 100*a.structure, 100-m.unlike[0]),
		Observed: plugins.Number(round6(a.structure)), Expected: plugins.Number(1 - float64(m.unlike[0])/100),
	})
	add(a.unlike[1], plugins.Finding{
		Code: otherVocabulary, Metric: vocabularyName, Severity: plugins.Warning,
		Message:  fmt.Sprintf("About %.0f %% of the words are those of the last normal version; at least %d %% is usual.", 100*a.vocabulary, 100-m.unlike[1]),
		Observed: plugins.Number(round6(a.vocabulary)), Expected: plugins.Number(1 - float64(m.unlike[1])/100),
	})
	if a.otherType {
		kinds := map[bool]string{true: "HTML", false: "something else than HTML"}
		add(typePoints, plugins.Finding{Code: otherType, Severity: plugins.Critical, Message: "The page is " + kinds[v.isHTML] + " now."})
	}
	slices.SortStableFunc(reasons, func(a, b plugins.Finding) int { return cmp.Compare(b.Points, a.Points) })

	reasons = reasons[:min(len(reasons), maxFindings)]
	for i := range reasons {
		if alarm {
			reasons[i].Verdict = plugins.Changed
		} else {
			reasons[i].Severity = plugins.Info
		}
	}
	return reasons
}

// inconclusive says that something else was shown in place of the page.
func inconclusive(m *memory, v *version, what string) plugins.Finding {
	f := plugins.Finding{
		Severity: plugins.Warning, Code: notThePage, Verdict: plugins.Inconclusive, Metric: names[words],
		Message:  fmt.Sprintf("The answer looks like %s, not like the page: %s of text.", what, words.amount(v.numbers[words])),
		Observed: plugins.Number(float64(v.numbers[words])), Evidence: []string{what},
	}
	if w := m.windows[wordsIndex]; len(w) > 0 {
		f.Expected = plugins.Number(math.Round(judged[wordsIndex].scale * math.Expm1(w.summarise().median)))
	}
	return f
}

func (d *deviation) finding() plugins.Finding {
	f := plugins.Finding{
		Severity: plugins.Warning, Code: unusualValue, Metric: names[d.metric],
		Observed: plugins.Number(float64(d.value)), Expected: plugins.Number(d.expected), StdDev: d.stddev, ZScore: d.zscore,
	}
	if math.Abs(d.change) > 1.6 {
		f.Severity = plugins.Critical
	}
	amount := d.metric.amount(d.value)
	switch {
	case d.expected == 0:
		f.Message = fmt.Sprintf("%s, usually none.", amount)
	case d.metric.isTag():
		f.Message = fmt.Sprintf("%s, usually %.0f ± %.1f.", amount, d.expected, math.Abs(d.stddev))
	default:
		f.Message = fmt.Sprintf("%s, %.0f %% of the usual %.0f ± %.1f.", amount, 100*float64(d.value)/d.expected, d.expected, math.Abs(d.stddev))
	}
	return f
}

func (n *news) finding() plugins.Finding {
	r := rules[n.kind]
	f := plugins.Finding{Severity: r.severity(), Code: r.code, Metric: names[r.metric], Message: r.message}
	if strings.Contains(r.message, "%s") {
		f.Message = fmt.Sprintf(r.message, n.names())
	}
	if len(n.items) > 1 {
		f.Message = strings.Replace(f.Message, ", a host this", ", hosts this", 1)
	}
	f.Observed = plugins.Text(n.names())
	f.Evidence = n.evidence()
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxFindings)]
	return f
}

// evidence lists what is new by name, sorted.
func (n *news) evidence() []string {
	all := make([]string, len(n.items))
	for i, it := range n.items {
		all[i] = it.piece(n.kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// piece is a member of a set as evidence.
func (it item) piece(k kind) string {
	switch k {
	case pathSet:
		return plugins.TagPath(it.hash).String()
	case inlineScripts:
		return "#" + strconv.FormatUint(uint64(it.hash), 16)
	}
	return clip(it.name)
}

// names lists what is new, as in a sentence.
func (n *news) names() string {
	all := n.evidence()
	switch n.kind {
	case titles, headings, otherTitles, otherHeadings, firstWords, putBefore, defacedTerms, suspiciousTerms, spamTerms, errorTerms:
		for i, name := range all {
			all[i] = "“" + name + "”"
		}
	}
	if more := len(all) - maxNamed; more > 0 {
		all = append(all[:maxNamed], fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, ", ")
}

func clip(name string) string {
	if len(name) > maxName {
		name = name[:maxName] + "…"
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }
