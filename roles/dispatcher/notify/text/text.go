// Package text words what people are told of incidents.
package text

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/store"
)

// shown is how many of many incidents, and of their reasons, are named.
const shown = 10

// Test is the message that proves that a channel works.
func Test(name string) (subject, body string) {
	return "webmon: a test", fmt.Sprintf("This is a test of the channel %s. Nothing is wrong.\n", name)
}

// One words a message about one incident, as of some time.
func One(kind string, i *channel.Incident, at time.Time) (subject, body string) {
	what, is := title(i), state(i.Verdict)
	var first string
	switch {
	case isClear(kind):
		subject = what + " is well again"
		if kind == store.NoticeSettled {
			subject = what + " is stable again"
		}
		first = fmt.Sprintf("%s: it was %s for %s.", subject, state(i.Verdict), lasted(i, i.Closed))
		if i.Why != "" && i.Why != "recovered" {
			subject = "the incident of " + what + " is closed"
			first = fmt.Sprintf("The incident of %s is %s. It was %s for %s.", what, ended(i.Why), state(i.Verdict), lasted(i, i.Closed))
		}
	case !i.Closed.IsZero(): // told too late
		subject = fmt.Sprintf("%s was %s for %s", what, state(i.Verdict), lasted(i, i.Closed))
		first = subject + ", and that is over."
	case kind == store.NoticeWorse:
		subject = fmt.Sprintf("%s is worse: %s", what, is)
		first = fmt.Sprintf("%s is worse: it is %s now, which is %s.", what, is, i.Severity)
	case kind == store.NoticeFlapping:
		subject = what + " goes up and down"
		first = fmt.Sprintf("%s goes up and down: it is %s again. You will hear when it is stable.", what, is)
	case strings.HasPrefix(kind, store.NoticeReminder):
		subject = fmt.Sprintf("%s is still %s", what, is)
		first = fmt.Sprintf("%s is still %s, for %s now.", what, is, lasted(i, at))
	default:
		subject = fmt.Sprintf("%s is %s", what, is)
		first = subject + "."
	}
	var b strings.Builder
	b.WriteString(line(first) + "\n\n")
	if i.Reason != "" {
		b.WriteString(line(i.Reason) + "\n\n")
	}
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name+":", line(value))
		}
	}
	field("URL", i.URL)
	field("Verdict", fmt.Sprintf("%s, %s", i.Verdict, i.Severity))
	field("Since", stamp(i.Opened))
	field("Until", stamp(i.Closed))
	field("Last good", stamp(i.LastGood))
	field("Tags", strings.Join(i.Tags, ", "))
	field("Incident", i.ID)
	field("More", i.Link)
	return "webmon: " + line(subject), b.String()
}

// Many words a message about several incidents. total is how many of the same
// message before it are meant, for an all-clear; 0 for none.
func Many(kind string, list []channel.Incident, total int, page string, at time.Time) (subject, body string) {
	n := len(list)
	is := "in trouble"
	if verdict, same := sameVerdict(list); same {
		is = state(verdict)
	}
	var first string
	switch {
	case isClear(kind):
		subject = fmt.Sprintf("%d assets are well again", n)
		first = subject + "."
		if total > n {
			first = fmt.Sprintf("%d of %d assets are well again.", n, total)
		}
	case strings.HasPrefix(kind, store.NoticeReminder):
		subject = fmt.Sprintf("%d assets are still %s", n, is)
		first = subject + "."
	default:
		subject = fmt.Sprintf("%d assets are %s", n, is)
		first = subject + "."
	}
	var b strings.Builder
	b.WriteString(first + "\n\n")
	if !isClear(kind) {
		counts(&b, list)
	}
	for i := range list[:min(shown, n)] {
		one := &list[i]
		fmt.Fprintf(&b, "- %s", line(title(one)))
		if one.Name != "" {
			fmt.Fprintf(&b, " (%s)", line(one.URL))
		}
		if isClear(kind) {
			fmt.Fprintf(&b, ": was %s for %s", state(one.Verdict), lasted(one, one.Closed))
		} else {
			fmt.Fprintf(&b, ": %s since %s", state(one.Verdict), stamp(one.Opened))
		}
		b.WriteString("\n")
	}
	if n > shown {
		fmt.Fprintf(&b, "- and %d more\n", n-shown)
	}
	if page != "" {
		fmt.Fprintf(&b, "\nMore: %s\n", page)
	}
	return "webmon: " + subject, b.String()
}

// counts says how many there are of each verdict and each reason.
func counts(b *strings.Builder, list []channel.Incident) {
	reasons := map[string]int{}
	for i := range list {
		reasons[cmp.Or(line(list[i].Reason), "no reason is known")]++
	}
	if _, same := sameVerdict(list); !same {
		verdicts := map[plugins.Verdict]int{}
		for i := range list {
			verdicts[list[i].Verdict]++
		}
		var parts []string
		for _, v := range slices.Backward(plugins.Verdicts) {
			if verdicts[v] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", verdicts[v], state(v)))
			}
		}
		b.WriteString(strings.Join(parts, ", ") + "\n\n")
	}
	sorted := slices.SortedFunc(maps.Keys(reasons), func(x, y string) int {
		return cmp.Or(cmp.Compare(reasons[y], reasons[x]), cmp.Compare(x, y))
	})
	for _, reason := range sorted[:min(shown, len(sorted))] {
		fmt.Fprintf(b, "%d× %s\n", reasons[reason], reason)
	}
	if len(sorted) > shown {
		fmt.Fprintf(b, "and %d other reasons\n", len(sorted)-shown)
	}
	b.WriteString("\n")
}

func isClear(kind string) bool { return kind == store.NoticeClosed || kind == store.NoticeSettled }

func sameVerdict(list []channel.Incident) (plugins.Verdict, bool) {
	for i := range list {
		if list[i].Verdict != list[0].Verdict {
			return "", false
		}
	}
	return list[0].Verdict, true
}

func title(i *channel.Incident) string { return cmp.Or(i.Name, i.URL) }

// state is what an asset with a verdict is.
func state(v plugins.Verdict) string {
	if v == plugins.Inconclusive {
		return "not to be judged"
	}
	return string(v)
}

func ended(why string) string {
	if strings.HasPrefix(why, "closed") {
		return why
	}
	return "closed: " + why
}

// lasted is how long an incident went on, in words.
func lasted(i *channel.Incident, until time.Time) string {
	d := until.Sub(i.Opened)
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// line is a text of strangers on one line.
func line(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)), " ")
}
