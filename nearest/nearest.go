// Package nearest finds the word that a mistyped one most likely means.
package nearest

import "iter"

// Word is the known word that is nearest to a mistyped one, or "" when none is
// near: a third of the letters may be wrong.
func Word(typed string, known iter.Seq[string]) string {
	best, least := "", 1+len(typed)/3
	for word := range known {
		if len(word)-len(typed) > least || len(typed)-len(word) > least {
			continue // it takes at least as many letters as one is longer
		}
		if d := distance(typed, word); d <= least {
			best, least = word, d-1
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace to turn a into b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
