package dashboard

import (
	"fmt"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// why says in a sentence or two what is behind an asset's verdict. findings are
// those of the newest result, the most serious first.
func why(a *client.Asset, newest *client.Result, findings []finding, now time.Time) string {
	if newest == nil {
		switch {
		case !a.Enabled:
			return "It was never checked, and it is paused."
		case a.NextCheck.IsZero():
			return "It was never checked, and is only on demand."
		}
		return "It was never checked; the first check is due " + inTime(a.NextCheck, now) + "."
	}
	if len(findings) > 0 {
		text := sentence(findings[0].Message)
		if n := len(findings) - 1; n > 0 {
			text += fmt.Sprintf(" And %s.", plural(n, "more finding"))
		}
		return text
	}
	if a.Verdict != plugins.Up {
		return "The last check does not say why."
	}
	text := "It answers as expected"
	if status, ok := metric(newest, "availability", "status_code"); ok {
		text += fmt.Sprintf(": %.0f", status)
		if took, ok := metric(newest, "timing", "total_seconds"); ok {
			text += " in " + secondsText(took)
		}
	}
	return text + fmt.Sprintf(". %s looked at it and found nothing unusual.", plural(len(newest.Reports), "plugin"))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// metric finds what a plugin measured in a check.
func metric(r *client.Result, plugin, name string) (float64, bool) {
	for i := range r.Reports {
		if r.Reports[i].Plugin == plugin {
			value, ok := r.Reports[i].Metrics[name]
			return value, ok
		}
	}
	return 0, false
}
