package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"webmon/plugins"
)

// viewAssertions shows assertions with their defaults.
func viewAssertions(list []plugins.Assertion) []assertion {
	view := make([]assertion, len(list))
	for i, a := range list {
		view[i] = assertion(a.WithDefaults())
	}
	return view
}

// assertions checks assertions, and leaves out what is the default. suite is what
// they are judged with; nil when that is not known.
func (r *refusals) assertions(given []assertion, registry *plugins.Registry, suite *plugins.Suite) []plugins.Assertion {
	list := make([]plugins.Assertion, len(given))
	for i, a := range given {
		list[i] = plugins.Assertion(a)
		list[i].Expr, list[i].Message = strings.TrimSpace(a.Expr), strings.TrimSpace(a.Message)
		if list[i].Severity == plugins.Critical {
			list[i].Severity = ""
		}
		if list[i].Verdict == plugins.Down && list[i].Severity != plugins.Info {
			list[i].Verdict = ""
		}
	}
	for _, wrong := range registry.CheckAssertions(suite, list) {
		if wrong.Field == "" {
			r.add("assertions", nil, wrong.Err.Error())
			continue
		}
		r.add(fmt.Sprintf("assertions[%d].%s", wrong.Index, wrong.Field), shown(list[wrong.Index].Expr, wrong), wrong.Err.Error())
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// shown is the value that a refusal repeats: of an expression the part from
// where it is wrong.
func shown(expr string, wrong *plugins.AssertionError) any {
	if wrong.At == 0 {
		return nil
	}
	letters := []rune(expr)
	return shorten(string(letters[min(wrong.At-1, len(letters)):]))
}

// readAssertionsCell reads a cell of a table: an expression a line, or a list in
// JSON.
func readAssertionsCell(cell string) (any, error) {
	if strings.HasPrefix(cell, "[") {
		if !json.Valid([]byte(cell)) {
			return nil, errors.New("is not JSON: write a list of assertions, or an expression a line")
		}
		return json.RawMessage(cell), nil
	}
	list := []assertion{}
	for line := range strings.Lines(cell) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, assertion{Expr: line})
		}
	}
	return list, nil
}

// assertionsCell writes a cell that readAssertionsCell reads.
func assertionsCell(list []assertion) (string, error) {
	lines := make([]string, len(list))
	for i, a := range list {
		lines[i] = a.Expr
		if a != assertion((plugins.Assertion{Expr: a.Expr}).WithDefaults()) || strings.HasPrefix(a.Expr, "[") || strings.ContainsAny(a.Expr, "\r\n") {
			text, err := json.Marshal(list)
			return string(text), err
		}
	}
	return strings.Join(lines, "\n"), nil
}
