package plugins

import (
	"encoding/json"
	"math"
	"testing"
)

// remembering is a plugin whose baselines are made of its past.
type remembering struct{ inspectFunc }

func (remembering) Baselines(past []byte) []Baseline {
	n := float64(len(past))
	return []Baseline{{Metric: "n_count", Expected: n, High: 2 * n, N: len(past)}, {Metric: "odd", Expected: math.NaN()}}
}

func TestSuiteBaselines(t *testing.T) {
	t.Parallel()
	def := define("count", count)
	def.New = func(json.RawMessage) (Plugin, error) { return remembering{count}, nil }
	suite := newSuite(t, def, define("other", count))
	var memory []byte
	for range 3 {
		memory = suite.Inspect(t.Context(), &Page{}, memory).Memory
	}
	got := suite.Baselines(memory)
	if want := (Baseline{Metric: "n_count", Expected: 3, High: 6, N: 3}); len(got) != 1 || got["count.n_count"] != want {
		t.Errorf("got %+v", got)
	}
	if got := suite.Baselines(memory[1:]); got["count.n_count"].N != 0 {
		t.Errorf("of a damaged memory: %+v", got)
	}
}
