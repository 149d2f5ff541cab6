package plugins

import (
	"slices"
	"strings"
	"testing"
)

func TestHomes(t *testing.T) {
	t.Parallel()
	links := func(n int, host string) string { return strings.Repeat("<a href=https://"+host+"/x>x</a>", n) }
	for name, test := range map[string]struct {
		body string
		want []string
	}{
		"its own":        {"<link rel=canonical href=https://www.site.example/>" + links(9, "site.example"), nil},
		"canonical":      {"<link rel=canonical href=https://www.other.example/terms>" + links(4, "third.example"), []string{"other.example"}},
		"links":          {links(6, "de.other.example") + links(6, "fr.other.example") + "<a href=/a>a</a>", []string{"other.example"}},
		"few links":      {links(4, "other.example"), nil},
		"a third":        {links(6, "other.example") + strings.Repeat("<a href=/a>a</a>", 12), []string{"other.example"}},
		"less than that": {links(6, "other.example") + strings.Repeat("<a href=/a>a</a>", 13), nil},
		"base":           {"<base href=https://other.example/>" + strings.Repeat("<a href=/a>a</a>", 9), []string{"other.example"}},
		"no sites":       {strings.Repeat("<a href=mailto:a@b.example>a</a><a href=javascript:x()>a</a>", 9), nil},
	} {
		page := &Page{URL: "https://site.example/", Status: 200, Body: []byte("<html><body>" + test.body)}
		if got := page.Homes(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}
