package assertion

import (
	"fmt"
	"math"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// comparison is what the virtual machine decides. It runs only when all that it
// needs was measured.
type comparison struct {
	needs   []written
	program *vm.Program

	// What is compared, when it is two values: nil for anything else.
	operator    string
	left, right *side
}

func (c *comparison) judge(r *reading) Outcome {
	if !has(r, c.needs) {
		return Undecided
	}
	result, err := r.machine.Run(c.program, r.values)
	if err != nil {
		r.trouble = plainError(err)
		return Undecided
	}
	truth, ok := result.(bool)
	if !ok {
		return Undecided
	}
	return outcomeOf(truth)
}

func (c *comparison) blame(_ *reading, _ Outcome, each func(written)) {
	for _, w := range c.needs {
		each(w)
	}
}

func has(r *reading, needs []written) bool {
	for _, w := range needs {
		if _, measured := r.values[w.name.Path]; !measured {
			return false
		}
	}
	return true
}

// side is one side of a comparison.
type side struct {
	needs   []written
	program *vm.Program
}

// value is a float64 or a string, or nil when there is none.
func (s *side) value(r *reading) any {
	if !has(r, s.needs) {
		return nil
	}
	result, err := r.machine.Run(s.program, r.values)
	if err != nil {
		return nil
	}
	switch result := result.(type) {
	case int:
		return float64(result)
	case float64:
		if math.IsNaN(result) || math.IsInf(result, 0) {
			return nil
		}
		return result
	case string:
		return result
	}
	return nil
}

// assemble makes a program of a part of an expression, in which names are
// written by their paths. It gives the name of its type, too.
func (c *compiling) assemble(node ast.Node, needs []written) (*vm.Program, string, error) {
	types := make(map[string]any, len(needs))
	for _, w := range needs {
		types[w.name.Path] = float64(0)
		if w.name.Kind == Text {
			types[w.name.Path] = ""
		}
	}
	config := conf.New(types)
	tree := &parser.Tree{Node: node, Source: c.source}
	kind, err := checker.Check(tree, config)
	if err != nil {
		return nil, "", typeError(err)
	}
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, "", wrong(node.Location(), "this cannot be computed")
	}
	return program, kind.String(), nil
}

// compare makes a condition of what is neither "and", "or" nor "not".
func (c *compiling) compare(node ast.Node) (condition, error) {
	var needs []written
	root, err := c.operand(node, &needs)
	if err != nil {
		return nil, err
	}
	program, kind, err := c.assemble(root, needs)
	if err != nil {
		return nil, err
	}
	if kind != "bool" {
		return nil, wrong(start(node), "this is %s and not a condition: compare it with something, such as %s", kindWords[kind], example(needs, kind))
	}
	made := &comparison{needs: needs, program: program}
	binary, is := node.(*ast.BinaryNode)
	if is && shown[binary.Operator] {
		made.operator = binary.Operator
		if made.left, err = c.sideOf(binary.Left); err == nil {
			made.right, err = c.sideOf(binary.Right)
		}
		if err != nil {
			return nil, err
		}
	}
	return made, nil
}

// shown are the operators of which both sides are told.
var shown = map[string]bool{
	"==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true,
	"contains": true, "startsWith": true, "endsWith": true, "matches": true,
}

func (c *compiling) sideOf(node ast.Node) (*side, error) {
	var needs []written
	root, err := c.operand(node, &needs)
	if err != nil {
		return nil, err
	}
	program, _, err := c.assemble(root, needs)
	return &side{needs: needs, program: program}, err
}

func example(needs []written, kind string) string {
	name := "it"
	if len(needs) > 0 {
		name = needs[0].text
	}
	if kind == "string" {
		return fmt.Sprintf("%s == %q", name, "")
	}
	return name + " > 0"
}

// start is where a node begins; its own place may be that of its operator.
func start(node ast.Node) file.Location {
	switch n := node.(type) {
	case *ast.BinaryNode:
		return start(n.Left)
	case *ast.MemberNode:
		return start(n.Node)
	}
	return node.Location()
}
