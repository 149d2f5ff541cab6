package output

import (
	"slices"
	"testing"
)

func TestShrink(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		widths []int
		whole  []bool
		limit  int
		want   []int
	}{
		{[]int{5, 20, 60}, []bool{false, false, false}, 100, []int{5, 20, 60}},
		{[]int{5, 20, 60}, []bool{false, false, false}, 50, []int{5, 20, 21}},
		{[]int{5, 60, 60}, []bool{false, false, false}, 49, []int{5, 20, 20}},
		{[]int{5, 60, 60}, []bool{false, true, false}, 90, []int{5, 60, 21}},
		{[]int{5, 60, 60}, []bool{false, false, false}, 10, []int{5, 8, 8}}, // no narrower: then lines wrap
		{[]int{60}, []bool{true}, 10, []int{60}},
	} {
		got := slices.Clone(test.widths)
		if shrink(got, test.whole, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("%v in %d columns: %v, want %v", test.widths, test.limit, got, test.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"世界世界", 8, "世界世界"}, {"世界世界", 7, "世界世…"}, {"世界世界", 6, "世界…"}, {"e\u0301e\u0301", 2, "e\u0301e\u0301"}, {"", 0, ""},
	} {
		if got := cut(test.text, test.most); got != test.want || columns(got) > test.most {
			t.Errorf("%q to %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}
