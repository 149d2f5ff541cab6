package configs

// nearest finds the key that a mistyped word most likely means, or "" when
// none is near.
func nearest(word string) string {
	best, least := "", 1+len(word)/3 // a third of the letters may be wrong
	for _, k := range Keys() {
		if d := distance(word, k.Name); d <= least {
			best, least = k.Name, d-1
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
