// Package assertion is the language of assertions: conditions over what was
// measured of a page, such as
//
//	status == 200 && timing.ttfb < 0.3
//
// The grammar is that of github.com/expr-lang/expr, without what could loop,
// grow or reach out: no lists but to look something up in, no closures, no
// variables, and few functions. So the time that an assertion takes is bounded
// by its own length and that of the texts it looks at.
//
// What was not measured is neither true nor false. "a && b" is false when one of
// them is, however little is known of the other; "a || b" is true likewise; what
// else needs something that was not measured is [Undecided].
package assertion

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// The limits of one assertion.
const (
	MaxLength = 1000 // bytes
	maxNodes  = 200  // names, values and operators
	maxRegex  = 200  // steps of all its regular expressions for each byte of a text
	maxBody   = 8    // times that it looks at the body
)

// Error says what is wrong with an expression, and where.
type Error struct {
	At      int // the character, from 1
	Message string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.At, e.Message) }

// wrong makes an Error of a place counted from 0.
func wrong(at file.Location, format string, args ...any) error {
	return &Error{At: at.From + 1, Message: fmt.Sprintf(format, args...)}
}

// Assertion is an expression that was compiled. It is safe for use by many
// goroutines.
type Assertion struct {
	source string
	root   condition
	names  []written // each path once
}

// Compile reads an expression. What is wrong with it is an *[Error].
func Compile(source string, vocabulary *Vocabulary) (*Assertion, error) {
	if len(source) > MaxLength {
		return nil, &Error{At: MaxLength, Message: fmt.Sprintf("the expression is longer than %d bytes", MaxLength)}
	}
	if strings.TrimSpace(source) == "" {
		return nil, &Error{At: 1, Message: "the expression is empty: write a condition, such as status == 200"}
	}
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	config.DisableIfOperator = true
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, parseError(err)
	}
	c := compiling{vocabulary: vocabulary, source: tree.Source}
	root, err := c.condition(tree.Node)
	if err != nil {
		return nil, err
	}
	if len(c.names) == 0 {
		return nil, &Error{At: 1, Message: "the expression is about nothing that is measured: name something, such as status"}
	}
	return &Assertion{source: source, root: root, names: c.names}, nil
}

// String is the expression as it was written.
func (a *Assertion) String() string { return a.source }

// Names lists what the expression is about, each once.
func (a *Assertion) Names() []Name {
	names := make([]Name, len(a.names))
	for i, w := range a.names {
		names[i] = w.name
	}
	return names
}

// parseError says in plain words what the parser says in its own.
func parseError(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return &Error{At: 1, Message: err.Error()}
	}
	message := at.Message
	switch {
	case strings.Contains(message, "maximum allowed nodes"):
		message = fmt.Sprintf("the expression has more than %d names, values and operators: make several of it", maxNodes)
	case strings.Contains(message, `token EOF`):
		message = "the expression ends too early"
	case strings.Contains(message, `Operator("=")`):
		message = "write == to compare"
	case strings.Contains(message, `Operator("&")`):
		message = "write && for and"
	case strings.Contains(message, "unexpected token"):
		message = strings.NewReplacer("unexpected token", "not expected here:", "Operator(", "", "Identifier(", "", "Bracket(", "",
			"Number(", "", "String(", "", ")", "").Replace(message)
	}
	return wrong(at.Location, "%s", message)
}
