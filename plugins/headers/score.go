package headers

// The points are those that the Mozilla HTTP Observatory publishes, version 6 of
// its rules: an answer starts with 100, each fault takes some, and what is
// better than it must be adds some. What needs other requests is left out: the
// list of preloaded sites, CORS, and whether plain http leads to https where
// the asset is https itself.
const (
	fullScore = 100
	bonusFrom = 90 // points without a bonus, below which bonuses do not count
)

// tally adds up points.
type tally struct{ faults, bonuses int }

func (t *tally) add(points int) {
	if points < 0 {
		t.faults += points
	} else {
		t.bonuses += points
	}
}

func (t *tally) score() int {
	score := fullScore + t.faults
	if score >= bonusFrom {
		score += t.bonuses
	}
	return max(score, 0)
}

// grade is the letter of a score.
func grade(score int) string {
	for _, step := range []struct {
		from  int
		grade string
	}{
		{100, "A+"}, {90, "A"}, {85, "A-"}, {80, "B+"}, {70, "B"}, {65, "B-"}, {60, "C+"}, {50, "C"}, {45, "C-"}, {40, "D+"}, {30, "D"}, {25, "D-"},
	} {
		if score >= step.from {
			return step.grade
		}
	}
	return "F"
}
