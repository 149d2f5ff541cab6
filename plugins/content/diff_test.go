package content

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Put in place of what they replace, the lines of all differences make the text
// now out of the old one.
func TestDifferencesAreAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 2))
		letters := 2 + random.IntN(30)
		text := func() []string {
			lines := make([]string, random.IntN(30))
			for i := range lines {
				lines[i] = string(rune('A' + random.IntN(letters)))
			}
			return lines
		}
		old, now := text(), text()
		if half := len(old) / 2; seed%2 == 0 { // texts that have something in common
			now = slices.Concat(old[half:], now, old[:half])
		}
		var made []string
		done := 0
		for _, h := range differences(old, now) {
			if h.oldFrom < done || h.oldFrom == h.oldTo && h.nowFrom == h.nowTo {
				t.Fatalf("%q to %q: the difference %+v comes after line %d of old", old, now, h, done)
			}
			made = slices.Concat(made, old[done:h.oldFrom], now[h.nowFrom:h.nowTo])
			done = h.oldTo
		}
		if made = append(made, old[done:]...); !slices.Equal(made, now) {
			t.Fatalf("%q to %q: the differences make %q", old, now, made)
		}
	}
}

// Lines that are there once hold a text together, however often others occur.
func TestDifferencesAreFew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		old, now string
		want     []hunk
	}{
		{"a a b c", "a a b c", nil},
		{"", "a b", []hunk{{0, 0, 0, 2}}},
		{"a b", "", []hunk{{0, 2, 0, 0}}},
		{"one - two - three - four", "one - 2 - three - 4 - five", []hunk{{2, 3, 2, 3}, {6, 7, 6, 9}}},
		{"one - two - three", "zero - one - two and - three - end", []hunk{{0, 0, 0, 2}, {3, 3, 5, 6}, {5, 5, 8, 10}}},
		{"a b c d e", "x d b c y", []hunk{{0, 1, 0, 2}, {3, 5, 4, 5}}}, // of the unique lines as many as are in order
	} {
		if got := differences(strings.Fields(test.old), strings.Fields(test.now)); !slices.Equal(got, test.want) {
			t.Errorf("%q to %q: %+v, want %+v", test.old, test.now, got, test.want)
		}
	}
}
