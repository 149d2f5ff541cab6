// Package protocol is the plugin that notes how an answer was carried: by which
// version of HTTP, how well compressed, and whether a cache gave it.
package protocol

import (
	"context"
	"math"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "protocol",
		Doc:  "How an answer was carried: the HTTP version, bytes on the wire, compression and caches.",
		When: "HTTP/2 or compression is lost (worth noting only)",
		Metrics: []plugins.MetricDoc{
			{Name: "age_seconds", Unit: "seconds", Doc: "How long a cache had kept the answer; missing when it does not say."},
			{Name: "body_bytes", Unit: "bytes", Doc: "The body, decompressed."},
			{Name: "cache_hit", Unit: "bool", Doc: "1 when a cache gave the answer, 0 when it had to ask; missing when it does not say."},
			{Name: "compression_ratio", Unit: "ratio", Doc: "Bytes on the wire for each byte of the body; missing for an empty or cut body."},
			{Name: "wire_bytes", Unit: "bytes", Doc: "The body as it was received."},
		},
		Facts: []plugins.FactDoc{
			{Name: "cache", Doc: "What the answer says of caches."},
			{Name: "http_version", Doc: "The version of HTTP, such as HTTP/2.0."},
		},
		New: plugins.NoOptions(protocol{}),
	}
}

type protocol struct{}

const (
	pastVersion = 1

	// Below this size compression saves no packet. Servers leave it out.
	worthCompressing = 2048
)

// Inspect implements [plugins.Plugin]. It looks at the length of the body only.
// What is lost is worth noting once, and no more: the page is the same.
func (protocol) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	r := plugins.ReadPast(past, pastVersion)
	multiplexed, compressed := plugins.ReadStreak(r), plugins.ReadStreak(r)
	known := r.OK()
	if !known {
		multiplexed, compressed = plugins.Streak{}, plugins.Streak{}
	}
	if !page.Good() {
		return plugins.Nothing(past, known), nil
	}
	report := plugins.Report{Metrics: metrics(page), Facts: facts(page)}
	if multiplexed.Learn(page.Proto == "" || page.Proto >= "HTTP/2") == 1 {
		report.Findings = append(report.Findings, plugins.Finding{
			Severity: plugins.Info, Code: "http_downgraded",
			Message:  "The answer came by " + fact(page.Proto) + "; until now it was HTTP/2 or later.",
			Observed: plugins.Text(fact(page.Proto)),
		})
	}
	if size := len(page.Body); size >= worthCompressing && !page.Truncated && page.WireBytes > 0 {
		if compressed.Learn(page.WireBytes < int64(size)) == 1 {
			report.Findings = append(report.Findings, plugins.Finding{
				Severity: plugins.Info, Code: "compression_lost", Metric: "compression_ratio",
				Message:  "The answer is not compressed any more.",
				Observed: plugins.Number(ratio(page.WireBytes, size)),
			})
		}
	}
	report.Changed = len(report.Findings) > 0
	w := plugins.NewPast(pastVersion)
	multiplexed.Write(w)
	compressed.Write(w)
	report.Past = w.Bytes()
	return report, nil
}

func metrics(page *plugins.Page) []plugins.Metric {
	list := make([]plugins.Metric, 0, 5)
	if age, ok := age(page.Header); ok {
		list = append(list, plugins.Metric{Name: "age_seconds", Value: age})
	}
	list = append(list, plugins.Metric{Name: "body_bytes", Value: float64(len(page.Body))})
	switch cacheState(page.Header) {
	case "hit":
		list = append(list, plugins.Metric{Name: "cache_hit", Value: 1})
	case "miss":
		list = append(list, plugins.Metric{Name: "cache_hit", Value: 0})
	}
	if len(page.Body) > 0 && page.WireBytes > 0 && !page.Truncated {
		list = append(list, plugins.Metric{Name: "compression_ratio", Value: ratio(page.WireBytes, len(page.Body))})
	}
	return append(list, plugins.Metric{Name: "wire_bytes", Value: float64(max(0, page.WireBytes))})
}

// ratio is rounded to a millionth, which takes less space to store.
func ratio(wire int64, size int) float64 {
	return math.Round(float64(wire)/float64(size)*1e6) / 1e6
}

func facts(page *plugins.Page) map[string]string {
	facts := make(map[string]string, 2)
	if page.Proto != "" {
		facts["http_version"] = fact(page.Proto)
	}
	if state := cacheState(page.Header); state != "" {
		facts["cache"] = state
	}
	return facts
}
