package assertion

import "bytes"

// Outcome is what an assertion comes to.
type Outcome uint8

// The outcomes.
const (
	Undecided Outcome = iota // it is about something that was not measured
	Holds
	Fails
)

func outcomeOf(truth bool) Outcome {
	if truth {
		return Holds
	}
	return Fails
}

func (o Outcome) not() Outcome {
	switch o {
	case Holds:
		return Fails
	case Fails:
		return Holds
	}
	return Undecided
}

// condition is a part of an expression that is true, false or undecided.
type condition interface {
	judge(r *reading) Outcome

	// blame hands each what a part of the condition is about, of the parts that
	// made it come to that outcome.
	blame(r *reading, outcome Outcome, each func(written))
}

// written is a name as the expression has it.
type written struct {
	text string
	name Name
}

// every is true when all its parts are, or with any set, when any of them is.
type every struct {
	any   bool
	parts []condition
}

func (c *every) judge(r *reading) Outcome {
	ends := Fails // what one part decides for all
	if c.any {
		ends = Holds
	}
	all := ends.not()
	for _, part := range c.parts {
		switch outcome := part.judge(r); outcome {
		case ends:
			return ends
		case Undecided:
			all = Undecided
		}
	}
	return all
}

func (c *every) blame(r *reading, outcome Outcome, each func(written)) {
	for _, part := range c.parts {
		if part.judge(r) == outcome {
			part.blame(r, outcome, each)
		}
	}
}

// choice is one of two conditions, as a third says.
type choice struct{ when, then, otherwise condition }

func (c *choice) judge(r *reading) Outcome {
	switch c.when.judge(r) {
	case Holds:
		return c.then.judge(r)
	case Fails:
		return c.otherwise.judge(r)
	}
	if outcome := c.then.judge(r); outcome == c.otherwise.judge(r) {
		return outcome
	}
	return Undecided
}

func (c *choice) blame(r *reading, outcome Outcome, each func(written)) {
	when := c.when.judge(r)
	c.when.blame(r, when, each)
	if when != Fails {
		c.then.blame(r, outcome, each)
	}
	if when != Holds {
		c.otherwise.blame(r, outcome, each)
	}
}

type not struct{ condition }

func (c not) judge(r *reading) Outcome { return c.condition.judge(r).not() }

func (c not) blame(r *reading, outcome Outcome, each func(written)) {
	c.condition.blame(r, outcome.not(), each)
}

// constant is true or false, as it is written.
type constant bool

func (c constant) judge(*reading) Outcome { return outcomeOf(bool(c)) }

func (c constant) blame(*reading, Outcome, func(written)) {}

// truth is whether a number that means yes or no means yes.
type truth struct{ written }

func (c truth) judge(r *reading) Outcome {
	value, measured := r.values[c.name.Path].(float64)
	if !measured {
		return Undecided
	}
	return outcomeOf(value != 0)
}

func (c truth) blame(_ *reading, _ Outcome, each func(written)) { each(c.written) }

// measured is whether something was measured, which is always decided.
type measured struct{ written }

func (c measured) judge(r *reading) Outcome {
	_, measured := r.values[c.name.Path]
	return outcomeOf(measured)
}

func (c measured) blame(_ *reading, _ Outcome, each func(written)) { each(c.written) }

// Content is the value of a name of the kind [Body].
type Content struct {
	Bytes     []byte
	Truncated bool // there was more
}

// bodyHas is whether the body contains, starts with or ends with a text.
type bodyHas struct {
	written
	operator string
	part     []byte
}

func (c *bodyHas) judge(r *reading) Outcome {
	body, measured := r.values[c.name.Path].(Content)
	if !measured {
		return Undecided
	}
	has, enough := false, !body.Truncated
	switch c.operator {
	case "contains":
		has = bytes.Contains(body.Bytes, c.part)
		enough = enough || has
	case "startsWith":
		has = bytes.HasPrefix(body.Bytes, c.part)
		enough = enough || len(body.Bytes) >= len(c.part)
	case "endsWith":
		has = bytes.HasSuffix(body.Bytes, c.part)
	}
	if !enough {
		r.trouble = "the body was cut at the size limit"
		return Undecided
	}
	return outcomeOf(has)
}

func (c *bodyHas) blame(*reading, Outcome, func(written)) {} // the expression says it all
