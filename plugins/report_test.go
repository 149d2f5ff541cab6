package plugins_test

import (
	"slices"
	"testing"

	"webmon/plugins"
)

func TestMostTellingFirst(t *testing.T) {
	t.Parallel()
	want := []plugins.Told{
		{"availability", plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Down}},
		{plugins.AssertionsName, plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Down}},
		{plugins.AssertionsName, plugins.Finding{Severity: plugins.Warning, Verdict: plugins.Down}},
		{"defacement", plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Changed}},
		{"htmlstats", plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Changed, Points: 4}},
		{"htmlstats", plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Changed, StdDev: 1, ZScore: 9}},
		{"tlscert", plugins.Finding{Severity: plugins.Critical, Verdict: plugins.Degraded}},
		{"headers", plugins.Finding{Severity: plugins.Warning}},
		{"headers", plugins.Finding{Severity: plugins.Info}},
	}
	for i := range want {
		for j := range want {
			if got := want[i].Compare(&want[j]); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%v beside %v: %d", want[i], want[j], got)
			}
		}
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b plugins.Told) int { return a.Compare(&b) })
	for i := range got {
		if got[i].Plugin != want[i].Plugin {
			t.Errorf("%d: %v, want %v", i, got[i], want[i])
		}
	}
}
