package dashboard

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"webmon/plugins"
)

// functions are what templates may call.
var functions = template.FuncMap{
	"ago": ago, "in": inTime, "span": span, "stamp": stamp, "iso": iso,
	"number": number, "signed": signed, "percent": percent, "count": count, "seconds": secondsText,
	"every":  every,
	"plural": plural, "more": func(n int) int { return n - 1 }, "sum": func(a, b int) int { return a + b }, "dict": dict,
}

// shownVerdicts is the order in which verdicts are shown.
var shownVerdicts = []plugins.Verdict{plugins.Down, plugins.Inconclusive, plugins.Changed, plugins.Degraded, plugins.Up, plugins.Unknown}

// dict makes a map of names and values, for the parts of templates.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments are no pairs", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// span says a duration in its largest unit or two.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = d.Abs(); {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < day:
		return pair(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	case d < 30*day:
		return pair(int(d/day), "d", int(d.Hours())%24, "h")
	}
	return strconv.Itoa(int(d/day)) + " d"
}

func pair(n int, unit string, rest int, small string) string {
	if rest == 0 || n >= 10 {
		return strconv.Itoa(n) + " " + unit
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, rest, small)
}

// ago says how long ago t is.
func ago(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	if d := now.Sub(t); d >= time.Second {
		return span(d) + " ago"
	}
	return "just now"
}

// inTime says how soon t is.
func inTime(t, now time.Time) string {
	if d := t.Sub(now); d >= time.Second {
		return "in " + span(d)
	}
	return "now"
}

// every says when the schedule checks an asset.
func every(interval string) string {
	if interval == "0s" {
		return "on demand"
	}
	return "every " + interval
}

// stamp is a time in full. clock is the time of day of it, and iso is for machines.
func stamp(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006 15:04:05") + " UTC" }
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }
func iso(t time.Time) string   { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// number writes a value in as many digits as people read.
func number(v float64) string {
	switch a := math.Abs(v); {
	case v == math.Trunc(v) && a < 1e15, a >= 1000 && a < 1e15:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	case a >= 1e15 || a < 1e-4:
		return thousands(strconv.FormatFloat(v, 'g', 3, 64))
	}
	text := strconv.FormatFloat(v, 'g', 4, 64)
	if strings.Contains(text, "e") {
		text = strconv.FormatFloat(v, 'f', 6, 64)
	}
	return thousands(text)
}

// signed writes how far something is away, to one decimal.
func signed(v float64) string {
	switch text := strconv.FormatFloat(math.Abs(v), 'f', 1, 64); {
	case text == "0.0":
		return "0"
	case v < 0:
		return "−" + text
	default:
		return "+" + text
	}
}

// count writes a whole number, an int or an int64.
func count(n any) string { return thousands(fmt.Sprint(n)) }

// thousands puts narrow spaces between the thousands of a whole number, and gives
// any number a minus that is one.
func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	if len(digits) < 5 || strings.ContainsAny(digits, ".e") {
		return sign + digits
	}
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString("\u202f")
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// percent is cut, not rounded: 100 % is only what is all of it.
func percent(v float64) string {
	v = math.Floor(v*100+1e-9) / 100
	text := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " %"
}

// secondsText says a time that was measured.
func secondsText(s float64) string {
	switch {
	case s < 0.0095:
		return strconv.FormatFloat(s*1000, 'f', 1, 64) + " ms"
	case s < 1:
		return strconv.FormatFloat(s*1000, 'f', 0, 64) + " ms"
	case s < 100:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return strconv.FormatFloat(s, 'f', 0, 64) + " s"
}

// sentence gives what the API says a capital letter and a full stop.
func sentence(s string) string { return fullStop(capital(s)) }

func fullStop(s string) string {
	if s != "" && !strings.ContainsRune(".!?…", lastRune(s)) {
		s += "."
	}
	return s
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// host is the part of a URL that people know it by.
func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	return u.Host
}

// cut shortens a text to at most so many bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
