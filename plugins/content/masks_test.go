package content

import (
	"strings"
	"testing"
)

// A page that shows the date, the time, or a counter does not change all the
// time when that is masked, and still changes when something else does.
func TestMasks(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer("Sunday, 22 November", "Monday, 23 November", "14:03", "9:15", "10,482", "11,001", "5 minutes ago", "an hour ago").Replace(news)
	for _, test := range []struct {
		options string
		changes bool
	}{
		{"", true},
		{`{"mask": ["dates"]}`, true},
		{`{"mask": ["dates", "times", "ages"]}`, true},
		{`{"mask": ["numbers", "dates", "times", "ages"]}`, false},
		{`{"mask": ["dates", "times", "ages"], "mask_expressions": ["Visitors: [\\d,]+"]}`, false},
		{`{"ignore": ["footer"]}`, false},
		{`{"ignore": ["footer > *"]}`, true},
		{`{"watch": ["main"]}`, false},
		{`{"watch": ["main", "#count"]}`, true},
		{`{"watch": ["main", "footer"], "ignore": ["footer:nth-child(3)"]}`, false},
	} {
		a := newAsset(t, test.options)
		a.finding(news)
		if got := a.finding(later); (got != nil) != test.changes {
			t.Errorf("options %s: finding %+v, want one: %t", test.options, got, test.changes)
		}
		if got := a.finding(strings.Replace(later, "bridge", "tunnel", 1)); got == nil {
			t.Errorf("options %s: a change of the text is not seen", test.options)
		}
	}
}

func TestMaskedWords(t *testing.T) {
	t.Parallel()
	masks, err := compileMasks([]string{`ticket-\w+`}, []string{"numbers", "dates", "times", "ages"})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"2026-11-22":                                "[date]",
		"2026-11-22T14:03:22Z":                      "[date]",
		"am 22.11.2026 um 14:03 Uhr":                "am [date] um [time]",
		"11/22/2026 and 1/2/26":                     "[date] and [date]",
		"Sonntag, den 22. November 2026":            "[date]",
		"November 22nd, 2026 at 2:03 PM UTC":        "[date] at [time]",
		"22 août 2026, le 1er mars":                 "[date], le [date]",
		"15 de março de 2026":                       "[date]",
		"Nov 22":                                    "[date]",
		"2026年11月22日":                               "[date]",
		"just now, 3 hours ago, vor 5 Minuten":      "[age], [age], [age]",
		"hace 3 días, il y a 2 heures":              "[age], [age]",
		"1,234 of 5.6 %, H2O":                       "[number] of [number] %, H[number]O",
		"see ticket-a7":                             "see [masked]",
		"12 decisions, 5 markets, version 1.2":      "[number] decisions, [number] markets, version [number]",
		"march on, no dates here, a maybe, ten ago": "march on, no dates here, a maybe, ten ago",
	} {
		if got := hide(line, masks); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}
