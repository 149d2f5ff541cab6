package content

import (
	"slices"
	"strings"
)

// hunk is a place where two texts differ: the lines from oldFrom to oldTo, not
// included, gave way to those from nowFrom to nowTo. Either may be none.
type hunk struct{ oldFrom, oldTo, nowFrom, nowTo int }

// dropCut takes off a hunk that ends both texts the lines that the one has more
// of than the other, when it may be only that the other was cut.
func (h *hunk) dropCut(oldCut, nowCut bool) {
	gone, added := h.oldTo-h.oldFrom, h.nowTo-h.nowFrom
	if oldCut {
		added = min(added, gone)
	}
	if nowCut {
		gone = min(gone, added)
	}
	h.oldTo, h.nowTo = h.oldFrom+gone, h.nowFrom+added
}

// pair is a line of an old text and one of the text now.
type pair struct{ old, now int }

// linesIn returns the lines of a text, none of an empty one.
func linesIn(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// differences tells where two texts differ, in their order. It holds on to the
// lines that both texts have once, and to what stayed next to them. To find the
// fewest changes would take longer, and would hold on to lines such as "and"
// that say nothing.
func differences(old, now []string) (hunks []hunk) {
	// Most changes are at one place, so what is before and after it is left out.
	start := sameStart(old, now)
	old, now = old[start:], now[start:]
	end := sameEnd(old, now)
	old, now = old[:len(old)-end], now[:len(now)-end]
	var done pair
	for _, at := range append(anchors(old, now), pair{len(old), len(now)}) {
		if at.old < done.old {
			continue // it is among those that stayed next to the one before
		}
		stayed := sameEnd(old[done.old:at.old], now[done.now:at.now])
		if from := (pair{at.old - stayed, at.now - stayed}); from != done {
			hunks = append(hunks, hunk{start + done.old, start + from.old, start + done.now, start + from.now})
		}
		stayed = sameStart(old[at.old:], now[at.now:])
		done = pair{at.old + stayed, at.now + stayed}
	}
	return hunks
}

// sameStart returns how many lines two texts begin with in common.
func sameStart(a, b []string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// sameEnd returns how many lines two texts end with in common.
func sameEnd(a, b []string) (n int) {
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// anchors pairs the lines that both texts have once, as many as are in the same
// order in both.
func anchors(old, now []string) []pair {
	const several = -1
	places := make(map[string]int, len(old)) // of a line in old, or several
	for i, line := range old {
		if _, again := places[line]; again {
			i = several
		}
		places[line] = i
	}
	match := make([]int, len(old)) // for a line that old has once, its place in now from 1 on, or several
	for i, line := range now {
		place, known := places[line]
		switch {
		case !known || place == several:
		case match[place] == 0:
			match[place] = i + 1
		default:
			match[place] = several
		}
	}
	return rising(match)
}

// rising picks as many of the matches as there can be with both places rising.
func rising(match []int) []pair {
	var ends []int                    // of the rows of each length, the end that is lowest in now
	before := make([]int, len(match)) // what goes before one in its row
	for i, place := range match {
		if place <= 0 {
			continue
		}
		length, _ := slices.BinarySearchFunc(ends, place, func(end, place int) int { return match[end] - place })
		if length > 0 {
			before[i] = ends[length-1]
		}
		if length == len(ends) {
			ends = append(ends, i)
		} else {
			ends[length] = i
		}
	}
	row := make([]pair, len(ends))
	for n := len(row) - 1; n >= 0; n-- {
		i := ends[n]
		row[n] = pair{i, match[i] - 1}
		if n > 0 {
			ends[n-1] = before[i]
		}
	}
	return row
}
