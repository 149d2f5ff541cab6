package htmlstats

import (
	"cmp"
	"math"
	"slices"

	"webmon/plugins"
)

const (
	maxKeptPaths = 96 // the most frequent; the others are few elements each
	maxSketch    = 64 // hashes of words: the estimate is right within a tenth or so
)

// path is how often a path of three elements occurs, on a logarithmic scale:
// a page of 100 rows and one of 110 have the same structure.
type path struct {
	id     plugins.TagPath
	weight uint8
}

// mainPaths returns the most frequent paths, sorted by path.
func mainPaths(counts []plugins.PathCount) []path {
	if len(counts) > maxKeptPaths {
		counts = slices.Clone(counts)
		slices.SortFunc(counts, func(a, b plugins.PathCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Path, b.Path))
		})
		counts = counts[:maxKeptPaths]
		slices.SortFunc(counts, func(a, b plugins.PathCount) int { return cmp.Compare(a.Path, b.Path) })
	}
	paths := make([]path, len(counts))
	for i, c := range counts {
		paths[i] = path{c.Path, uint8(math.Round(4 * math.Log2(1+float64(c.Count))))}
	}
	return paths
}

// structureSimilarity is the weighted Jaccard index of two sorted bags.
func structureSimilarity(a, b []path) float64 {
	var common, all int
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].id < b[0].id:
			all += int(a[0].weight)
			a = a[1:]
		case a[0].id > b[0].id:
			all += int(b[0].weight)
			b = b[1:]
		default:
			common += int(min(a[0].weight, b[0].weight))
			all += int(max(a[0].weight, b[0].weight))
			a, b = a[1:], b[1:]
		}
	}
	for _, p := range a {
		all += int(p.weight)
	}
	for _, p := range b {
		all += int(p.weight)
	}
	if all == 0 {
		return 1
	}
	return float64(common) / float64(all)
}

// vocabularySimilarity estimates the Jaccard index of two vocabularies from the
// smallest hashes of each.
func vocabularySimilarity(a, b []uint32) float64 {
	var common, all int
	for all < maxSketch && len(a) > 0 && len(b) > 0 {
		all++
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			common++
			a, b = a[1:], b[1:]
		}
	}
	all = min(maxSketch, all+len(a)+len(b))
	if all == 0 {
		return 1
	}
	return float64(common) / float64(all)
}
