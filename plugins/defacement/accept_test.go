package defacement

import (
	"encoding/json"
	"slices"
	"testing"

	"webmon/plugins"
)

// Words that are accepted are the page's own, others are not.
func TestAccept(t *testing.T) {
	t.Parallel()
	const options = `{"words": ["moonwalk crew"]}`
	defaced := page("<title>Hacked by the moonwalk crew</title>" + usual("", "<p>greetz"))
	for _, test := range []struct {
		targets []plugins.Target
		want    []string // evidence of what still alarms
	}{
		{[]plugins.Target{{}}, nil},
		{[]plugins.Target{{Code: code}}, nil},
		{[]plugins.Target{{Code: code, Evidence: "hacked by"}}, []string{"moonwalk crew", "greetz", "hacked"}},
		{[]plugins.Target{{Code: code, Evidence: "hacked by"}, {Code: code, Evidence: "moonwalk crew"}}, nil},
		{[]plugins.Target{{Code: "another", Evidence: "hacked by"}}, []string{"hacked by", "moonwalk crew", "greetz", "hacked"}},
		{[]plugins.Target{{Code: code, Evidence: "no such word"}}, []string{"hacked by", "moonwalk crew", "greetz", "hacked"}},
	} {
		plugin, err := New(json.RawMessage(options))
		if err != nil {
			t.Fatal(err)
		}
		past := inspect(t, options, page(usual("", "")), nil).Past
		past = inspect(t, options, defaced, past).Past
		for _, target := range test.targets {
			past = plugin.(plugins.Accepter).Accept(past, target)
		}
		report := inspect(t, options, defaced, past)
		var got []string
		for _, f := range report.Findings {
			got = f.Evidence
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v: alarms about %q, want %q", test.targets, got, test.want)
		}
		if other := inspect(t, options, page("<title>Pwned by nobody</title>"), report.Past); len(other.Findings) == 0 {
			t.Errorf("%v: other words are accepted, too", test.targets)
		}
	}
}

// A page that does not alarm has nothing to accept, whatever words it uses.
func TestAcceptNothing(t *testing.T) {
	t.Parallel()
	past := inspect(t, "", page(usual("<p>hacker", "")), nil).Past
	if after := new(defacement).Accept(past, plugins.Target{}); string(after) != string(past) {
		t.Error("something was accepted")
	}
}
