package text_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/text"
)

var opened = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func one(change ...func(*channel.Incident)) *channel.Incident {
	i := &channel.Incident{
		ID: "d4a1!7", Asset: "d4a1", Name: "shop", URL: "https://shop.example.org/", Verdict: plugins.Down, Severity: plugins.Critical,
		Reason: "It answers 503.", Opened: opened, LastGood: opened.Add(-time.Minute),
	}
	for _, c := range change {
		c(i)
	}
	return i
}

func TestOne(t *testing.T) {
	t.Parallel()
	over := func(i *channel.Incident) { i.Closed, i.Why = opened.Add(20*time.Minute), "recovered" }
	for _, tt := range []struct {
		kind          string
		i             *channel.Incident
		subject, body string // its first line
	}{
		{"opened", one(), "shop is down", "shop is down."},
		{"opened", one(func(i *channel.Incident) { i.Name, i.Verdict = "", plugins.Inconclusive }), "https://shop.example.org/ is not to be judged", "https://shop.example.org/ is not to be judged."},
		{"opened", one(over), "shop was down for 20 min", "shop was down for 20 min, and that is over."},
		{"worse", one(), "shop is worse: down", "shop is worse: it is down now, which is critical."},
		{"flapping", one(), "shop goes up and down", "shop goes up and down: it is down again. You will hear when it is stable."},
		{"reminder.2", one(), "shop is still down", "shop is still down, for 3 h 0 min now."},
		{"closed", one(over), "shop is well again", "shop is well again: it was down for 20 min."},
		{"settled", one(over), "shop is stable again", "shop is stable again: it was down for 20 min."},
		{"closed", one(over, func(i *channel.Incident) { i.Why = "closed by hand: known" }), "the incident of shop is closed", "The incident of shop is closed by hand: known. It was down for 20 min."},
		{"closed", one(over, func(i *channel.Incident) { i.Why = "the asset was deleted" }), "the incident of shop is closed", "The incident of shop is closed: the asset was deleted. It was down for 20 min."},
		{"opened", one(func(i *channel.Incident) { i.Name = "sh\r\nBcc: all\u202e \x1bop" }), "sh Bcc: all op is down", "sh Bcc: all op is down."},
	} {
		subject, body := text.One(tt.kind, tt.i, opened.Add(3*time.Hour))
		first, _, _ := strings.Cut(body, "\n")
		if subject != "webmon: "+tt.subject || first != tt.body {
			t.Errorf("%s: %q, %q", tt.kind, subject, first)
		}
	}
	_, body := text.One("opened", one(func(i *channel.Incident) { i.Tags, i.Link = []string{"a", "b"}, "https://w/assets/d4a1" }), opened)
	const want = `shop is down.

It answers 503.

URL:       https://shop.example.org/
Verdict:   down, critical
Since:     2026-11-29 12:00:00 UTC
Last good: 2026-11-29 11:59:00 UTC
Tags:      a, b
Incident:  d4a1!7
More:      https://w/assets/d4a1
`
	if body != want {
		t.Errorf("%s", body)
	}
}

func TestMany(t *testing.T) {
	t.Parallel()
	var list []channel.Incident
	for n := range 13 {
		list = append(list, *one(func(i *channel.Incident) {
			i.Name = fmt.Sprintf("a%02d", n)
			if n%3 == 0 {
				i.Verdict, i.Reason = plugins.Changed, "The page looks defaced."
			}
		}))
	}
	subject, body := text.Many("opened", list, 0, "https://w/", opened)
	if subject != "webmon: 13 assets are in trouble" {
		t.Error(subject)
	}
	for _, want := range []string{
		"8 down, 5 changed\n", "8× It answers 503.\n5× The page looks defaced.\n",
		"- a00 (https://shop.example.org/): changed since 2026-11-29 12:00:00 UTC\n", "- a09 ", "- and 3 more\n", "More: https://w/\n",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not in:\n%s", want, body)
		}
	}
	if strings.Contains(body, "a10") {
		t.Errorf("more than ten are named:\n%s", body)
	}
	for i := range list {
		list[i].Closed = opened.Add(time.Hour)
	}
	subject, body = text.Many("closed", list[:4], 6, "", opened)
	if subject != "webmon: 4 assets are well again" || !strings.HasPrefix(body, "4 of 6 assets are well again.\n\n- a00 (https://shop.example.org/): was changed for 60 min\n") {
		t.Errorf("%s\n%s", subject, body)
	}
	if subject, _ = text.Many("reminder.1", list[1:3], 0, "", opened); subject != "webmon: 2 assets are still down" {
		t.Error(subject)
	}
}
