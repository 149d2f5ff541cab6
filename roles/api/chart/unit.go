package chart

import (
	"math"
	"strconv"
	"strings"
)

// unit is what values are shown in: the metric's unit, or a multiple of it.
type unit struct {
	by   float64 // of the metric's unit
	name string
}

var (
	byteUnits   = []unit{{1, "bytes"}, {1 << 10, "KiB"}, {1 << 20, "MiB"}, {1 << 30, "GiB"}}
	secondUnits = []unit{{1e-3, "ms"}, {10, "s"}, {600, "min"}, {7200, "h"}, {2 * 86400, "days"}} // from when on they are used
	secondSizes = map[string]float64{"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "days": 86400}
)

// unitOf chooses what values of a metric's unit (see plugins.MetricDoc) are
// shown in when the greatest is most.
func unitOf(of string, most float64) unit {
	switch of {
	case "bytes":
		chosen := byteUnits[0]
		for _, u := range byteUnits {
			if most >= u.by {
				chosen = u
			}
		}
		return chosen
	case "seconds":
		chosen := secondUnits[0]
		for _, u := range secondUnits {
			if most >= u.by {
				chosen = u
			}
		}
		return unit{by: secondSizes[chosen.name], name: chosen.name}
	case "number", "bool", "timestamp":
		return unit{by: 1}
	}
	return unit{by: 1, name: of}
}

// number writes a number with three significant digits, or all of those before
// the point.
func number(v float64) string {
	size := math.Abs(v)
	switch {
	case size != 0 && (size < 1e-4 || size >= 1e12):
		return minus(strconv.FormatFloat(v, 'g', 3, 64))
	case size >= 100:
		return decimals(v, 0)
	case size >= 10:
		return trim(decimals(v, 1))
	case size >= 0.1:
		return trim(decimals(v, 2))
	}
	return trim(decimals(v, 5))
}

// decimals writes so many decimals, and commas between thousands.
func decimals(v float64, n int) string {
	text := strconv.FormatFloat(v, 'f', n, 64)
	sign := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	whole, rest, found := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + rest
	}
	if sign && strings.Trim(whole, "0.") != "" {
		whole = "−" + whole
	}
	return whole
}

func trim(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

func minus(text string) string { return strings.ReplaceAll(text, "-", "−") }
