package assertion

import (
	"cmp"
	"slices"

	"github.com/expr-lang/expr/vm"
)

// Values is what was measured, by the path of the names: a float64 for a number
// or a truth, a string for a text, a [Content] for the body. What was not
// measured is not in it. Assertions do not change it.
type Values map[string]any

// Judgement is what an assertion says of a page.
type Judgement struct {
	Outcome Outcome

	// Seen is what decided that it fails, as the expression names it, in its
	// order.
	Seen []Seen

	// Missing is what was not measured of what an undecided assertion is about,
	// as the expression names it; Trouble says in words why it is undecided else.
	Missing []string
	Trouble string

	// Operator, Left and Right are of an assertion that fails and is one single
	// comparison; empty and nil for any other.
	Operator    string
	Left, Right any // a float64 or a string
}

// Seen is a value that was measured: a float64, a string, or a bool for a truth.
// It is nil for what was not.
type Seen struct {
	Name  string
	Value any
}

// reading is the state of judging assertions over one page.
type reading struct {
	values  map[string]any
	machine vm.VM
	trouble string
}

// maxMemory bounds what lists and texts one comparison may make.
const maxMemory = 10_000

// Judge judges assertions over the same values, in their order.
func Judge(assertions []*Assertion, values Values) []Judgement {
	r := reading{values: values, machine: vm.VM{MemoryBudget: maxMemory}}
	judgements := make([]Judgement, len(assertions))
	for i, a := range assertions {
		r.trouble = ""
		j := &judgements[i]
		j.Outcome = a.root.judge(&r)
		switch j.Outcome {
		case Undecided:
			a.lacks(&r, j)
		case Fails:
			a.explain(&r, j)
		}
	}
	return judgements
}

// lacks says why the assertion is undecided.
func (a *Assertion) lacks(r *reading, j *Judgement) {
	for _, w := range a.names {
		if _, measured := r.values[w.name.Path]; !measured {
			j.Missing = append(j.Missing, w.text)
		}
	}
	if len(j.Missing) == 0 {
		j.Trouble = cmp.Or(r.trouble, "it could not be computed")
	}
}

// explain says what made the assertion fail.
func (a *Assertion) explain(r *reading, j *Judgement) {
	a.root.blame(r, Fails, func(w written) {
		if !slices.ContainsFunc(j.Seen, func(s Seen) bool { return s.Name == w.text }) {
			j.Seen = append(j.Seen, Seen{Name: w.text, Value: r.seen(w.name)})
		}
	})
	if c, single := a.root.(*comparison); single && c.left != nil {
		left, right, operator := c.left, c.right, c.operator
		if mirror, can := mirrored[operator]; can && len(left.needs) == 0 { // as in 200 == status
			left, right, operator = right, left, mirror
		}
		if j.Left, j.Right = left.value(r), right.value(r); j.Left != nil && j.Right != nil {
			j.Operator = operator
		}
	}
}

var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (r *reading) seen(name Name) any {
	value := r.values[name.Path]
	if number, measured := value.(float64); measured && name.Kind == Truth {
		return number != 0
	}
	return value
}
