package htmlstats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// judgedMetric is a number that is compared with the page's past.
type judgedMetric struct {
	metric metric
	scale  float64 // below it, differences count little
	weight float64 // points of an extreme change
}

// judged is in the order of the windows that are remembered: append only.
var judged = [...]judgedMetric{
	{pageBytes, 500, 1}, {textBytes, 200, 1.2}, {words, 40, 1.2}, {tags, 20, 1.2}, {distinctTags, 5, 1}, {depth, 4, 1},
	{links, 5, 0.8}, {scripts, 4, 0.8}, {inlineScriptBytes, 500, 0.4}, {forms, 3, 0.4}, {frames, 3, 0.4}, {images, 5, 0.5},
	{stylesheets, 4, 0.4}, {attributes, 20, 0.8}, {comments, 5, 0.2}, {hidden, 4, 0.5}, {eventHandlers, 4, 0.4},
	{inlineStyles, 5, 0.4}, {tagMetric("p"), 5, 0.4}, {tagMetric("li"), 5, 0.4}, {tagMetric("div"), 5, 0.4},
	{tagMetric("span"), 5, 0.4}, {tagMetric("tr"), 5, 0.4}, {tagMetric("h2"), 5, 0.4},
}

const numJudged = len(judged)

// leastChange is the smallest difference on the logarithmic scale that matters
// however steady a page is: a quarter more, or a fifth less.
const leastChange = 0.22

// deviation is a number that is out of its usual range.
type deviation struct {
	judgedMetric
	value            int64
	expected, stddev float64
	zscore           float64
	change           float64 // on the logarithmic scale
	points           float64
}

// compare judges a number by what was usual.
func (j judgedMetric) compare(w window, value int64, k float64) (d deviation, unusual bool) {
	now := levelOf(value, j.scale)
	s := w.summarise()
	if low, high := s.usual(k); low <= now && now <= high {
		return d, false
	}
	y := float64(now) / stepsPerUnit
	d = deviation{judgedMetric: j, value: value, change: y - s.median, zscore: stat.StdScore(y, s.median, s.sigma)}
	d.expected = math.Round(numberAt(s.median, j.scale))
	// σ in the metric's unit, so that it fits the z-score.
	d.stddev = (float64(value) - d.expected) / d.zscore
	d.points = j.weight * min(1, 1.5*(math.Abs(d.change)-0.15))
	if d.change > 0 {
		d.points /= 2 // pages grow more often than they are emptied
	}
	return d, true
}

// deviations lists the numbers that are out of range.
func (m *memory) deviations(v *version, k float64) (all []deviation) {
	for i, j := range judged {
		if len(m.windows[i]) == 0 || j.metric != pageBytes && !v.isHTML {
			continue
		}
		if d, unusual := j.compare(m.windows[i], v.numbers[j.metric], k); unusual {
			if !m.htmlLearned {
				d.points *= 4 // its size is all that is known
			}
			all = append(all, d)
		}
	}
	return all
}
