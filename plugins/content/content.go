// Package content is the plugin that tells whether the text of a page changed,
// and which lines of it.
package content

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "content",
		Doc:  "Whether the text a reader sees changed since the last check, which lines of it, and the page's title.",
		When: "the text changed (worth noting only, unless `alert` is set)",
		Metrics: []plugins.MetricDoc{
			{Name: "text_bytes", Unit: "bytes", Doc: "Visible text of an HTML page, white space collapsed; of it what the options watch and do not ignore."},
			{Name: "words_count", Unit: "count", Doc: "Words of that text."},
			{Name: "added_lines_count", Unit: "count", Doc: "Lines and sentences that are new since the check before; 0 when the text is the same."},
			{Name: "removed_lines_count", Unit: "count", Doc: "Lines and sentences that are gone since the check before."},
			{Name: "simhash_distance_count", Unit: "count", Doc: "How far the text is from that of the check before, in bits of 64: 0 is alike, 32 has nothing in common."},
		},
		Facts: []plugins.FactDoc{
			{Name: "diff", Doc: "What changed in the text since the check before, if anything did."},
			{Name: "hash", Doc: "The hash of the text, masks applied."},
			{Name: "title", Doc: "The title of an HTML page."},
		},
		Options: optionDocs(),
		New:     New,
	}
}

// Inspect implements [plugins.Plugin]. It remembers what it says of the page,
// so that an unchanged body is not parsed again. Anything but a good answer
// teaches it nothing.
func (c *content) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	before, known := decode(past)
	known = known && before.config == c.config
	if page.Err != nil || page.Status < 200 || page.Status > 399 {
		return plugins.Nothing(past, known), nil
	}
	isHTML := page.IsHTML()
	if known && before.body == page.Hash() && before.isHTML == isHTML {
		report := before.report(known, change{})
		report.Past = past
		return report, nil
	}
	now, lines := c.look(page, isHTML)
	if known && now.text == before.text && now.isHTML == before.isHTML {
		now.kept = before.kept // the lines may be parted in another way, which is no reason to write them anew
		report := now.report(known, change{})
		report.Past = now.encode()
		return report, nil
	}
	var changed change
	if known {
		changed = compare(&before, &now, lines)
	}
	now.kept = keep(lines)
	report := now.report(known, changed)
	report.Past = now.encode()
	if known {
		report.Changed = true
		report.Findings = append(report.Findings, c.finding(&before, &now, changed))
		if diff := changed.diff(); diff != "" {
			report.Facts["diff"] = diff
		}
	}
	return report, nil
}

// finding says that the text changed, and how.
func (c *content) finding(before, now *summary, changed change) plugins.Finding {
	finding := plugins.Finding{
		Severity: plugins.Info, Code: "content_changed",
		Message:  changed.message(before, now),
		Observed: plugins.Text(hexOf(now.text)), Expected: plugins.Text(hexOf(before.text)),
		Evidence: changed.evidence(),
	}
	if c.alert {
		finding.Severity, finding.Verdict = plugins.Warning, plugins.Changed
	}
	return finding
}

// report says what is to be said of any page. Known is whether there is one to
// compare it with.
func (s *summary) report(known bool, changed change) plugins.Report {
	report := plugins.Report{Facts: map[string]string{"hash": hexOf(s.text)}}
	report.Metrics = make([]plugins.Metric, 0, 5) // sorted by name, which spares those who take them a map
	if known {
		report.Metrics = append(report.Metrics,
			plugins.Metric{Name: "added_lines_count", Value: float64(changed.added)},
			plugins.Metric{Name: "removed_lines_count", Value: float64(changed.removed)},
			plugins.Metric{Name: "simhash_distance_count", Value: float64(changed.distance)})
	}
	if s.isHTML {
		report.Metrics = append(report.Metrics,
			plugins.Metric{Name: "text_bytes", Value: float64(s.textBytes)},
			plugins.Metric{Name: "words_count", Value: float64(s.words)})
	}
	if s.title != "" {
		report.Facts["title"] = s.title
	}
	if s.nothing {
		report.Findings = []plugins.Finding{{
			Severity: plugins.Warning, Code: "watch_found_nothing",
			Message: "Nothing on the page matches the selectors to watch, so there is no text to compare.",
		}}
	}
	return report
}

// compare tells what of the text that is remembered is no longer there, and
// what is new.
func compare(before, now *summary, lines []byte) change {
	changed := change{distance: bits.OnesCount64(before.simhash ^ now.simhash)}
	if before.isHTML == now.isHTML && !before.binary && !now.binary {
		if old, whole, ok := before.remembered(); ok {
			changed.read(old, lines, !whole)
		}
	}
	return changed
}

func hexOf(hash uint64) string { return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, hash)) }
