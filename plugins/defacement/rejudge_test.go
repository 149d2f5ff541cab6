package defacement

import (
	"strings"
	"testing"

	"webmon/plugins"
)

func TestRejudge(t *testing.T) {
	t.Parallel()
	make := func(options string) plugins.Plugin {
		plugin, err := New([]byte(options))
		if err != nil {
			t.Fatal(err)
		}
		return plugin
	}
	page := func(title, text string) *plugins.Page {
		return &plugins.Page{Status: 200, Body: []byte("<!doctype html><title>" + title + "</title><p>" + text)}
	}
	for name, test := range map[string]struct {
		page         *plugins.Page
		was, options string
		found        string // of the message; empty: nothing
		estimate     bool
	}{
		"as it was":              {page("Hacked by nobody", ""), "", "", `says "hacked by"`, false},
		"another word allowed":   {page("Hacked by nobody", ""), "", `{"allow": ["zone-h"]}`, `says "hacked by"`, false},
		"the only word allowed":  {page("Hacked by nobody", ""), "", `{"allow": ["H4cked by"]}`, "", true},
		"a weak word allowed":    {page("Hacked by nobody", "zone-h, greetz"), "", `{"allow": ["greetz"]}`, "it uses the words zone-h", true},
		"only weak words left":   {page("Hacked by nobody", "zone-h, greetz"), "", `{"allow": ["hacked by"]}`, "", true},
		"a word no longer given": {page("Bad bread here", ""), `{"words": ["bad bread"]}`, "", "", true},
	} {
		was, err := make(test.was).Inspect(t.Context(), test.page, nil)
		if err != nil || len(was.Findings) != 1 {
			t.Fatalf("%s: %+v, %v", name, was, err)
		}
		judge, err := make(test.options).(plugins.Rejudger).Rejudge(plugins.Origin{Was: make(test.was)})
		if err != nil {
			t.Fatal(err)
		}
		got := judge(plugins.StoredCheck{Report: &was})
		if got.Estimate != test.estimate || (len(got.Findings) == 0) != (test.found == "") {
			t.Errorf("%s: %+v of %+v", name, got, was.Findings)
		} else if test.found != "" && !strings.Contains(got.Findings[0].Message, test.found) {
			t.Errorf("%s: %s", name, got.Findings[0].Message)
		}
	}
	if _, err := make(`{"words": ["bread"]}`).(plugins.Rejudger).Rejudge(plugins.Origin{Was: make("")}); err == nil || !strings.Contains(err.Error(), "bread") {
		t.Errorf("a word that nobody looked for: %v", err)
	}
}
