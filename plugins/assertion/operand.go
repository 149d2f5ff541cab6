package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// operand gives a part of a comparison as the virtual machine runs it: names are
// written by their paths, and lists are gone. It refuses all that is not known
// to end soon. needs gets the names.
func (c *compiling) operand(node ast.Node, needs *[]written) (ast.Node, error) {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode:
		return node, nil
	case *ast.IdentifierNode, *ast.MemberNode:
		w, err := c.name(node)
		switch {
		case err != nil:
			return nil, err
		case w.name.Kind == Body:
			return nil, bodyOnly(node, w)
		}
		if !slices.Contains(pathsOf(*needs), w.name.Path) {
			*needs = append(*needs, w)
		}
		return placed(&ast.IdentifierNode{Value: w.name.Path}, node), nil
	case *ast.UnaryNode:
		inner, err := c.operand(n.Node, needs)
		return placed(&ast.UnaryNode{Operator: n.Operator, Node: inner}, node), err
	case *ast.BinaryNode:
		return c.binary(n, needs)
	case *ast.ConditionalNode:
		parts, err := c.operands([]ast.Node{n.Cond, n.Exp1, n.Exp2}, needs)
		if err != nil {
			return nil, err
		}
		return placed(&ast.ConditionalNode{Ternary: true, Cond: parts[0], Exp1: parts[1], Exp2: parts[2]}, node), nil
	case *ast.NilNode:
		return nil, wrong(node.Location(), "there is no nil here: measured(NAME) tells whether something was measured")
	case *ast.ArrayNode:
		return nil, wrong(node.Location(), "a list can only follow in, as in status in [200, 204]")
	}
	if name, arguments, is := callOf(node); is {
		return c.call(name, arguments, node, needs)
	}
	return nil, wrong(node.Location(), "this is not possible in an assertion")
}

func (c *compiling) operands(nodes []ast.Node, needs *[]written) ([]ast.Node, error) {
	made := make([]ast.Node, len(nodes))
	for i, node := range nodes {
		var err error
		if made[i], err = c.operand(node, needs); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// placed gives a node the place of another.
func placed(made, at ast.Node) ast.Node {
	made.SetLocation(at.Location())
	return made
}

func pathsOf(names []written) []string {
	paths := make([]string, len(names))
	for i, w := range names {
		paths[i] = w.name.Path
	}
	return paths
}

// functions are those that can be called, each with how many arguments it takes.
var functions = map[string][2]int{
	"abs": {1, 1}, "ceil": {1, 1}, "floor": {1, 1}, "round": {1, 1}, "max": {2, 10}, "min": {2, 10},
	"len": {1, 1}, "lower": {1, 1}, "upper": {1, 1}, "trim": {1, 1},
}

func (c *compiling) call(name string, arguments []ast.Node, node ast.Node, needs *[]written) (ast.Node, error) {
	switch name {
	case "measured":
		return nil, wrong(node.Location(), "measured stands by itself: join it to the rest with &&, || and !")
	case "duration":
		if len(arguments) == 1 {
			if text, is := arguments[0].(*ast.StringNode); is {
				value, err := seconds(text.Value)
				if err != nil {
					return nil, wrong(text.Location(), "%v", err)
				}
				return placed(&ast.FloatNode{Value: value}, node), nil
			}
		}
		return nil, wrong(node.Location(), `duration takes one text, as in duration("300ms") or duration("14d"), and is a number of seconds`)
	}
	takes, known := functions[name]
	if !known {
		return nil, wrong(node.Location(), "there is no function %s; there are abs, ceil, duration, floor, len, lower, max, measured, min, round, trim and upper", name)
	}
	if n := len(arguments); n < takes[0] || n > takes[1] {
		return nil, wrong(node.Location(), "%s takes %s, not %d", name, plural(takes), n)
	}
	made, err := c.operands(arguments, needs)
	return placed(&ast.BuiltinNode{Name: name, Arguments: made}, node), err
}

func plural(takes [2]int) string {
	if takes[0] == takes[1] {
		return fmt.Sprintf("%d value", takes[0])
	}
	return fmt.Sprintf("%d to %d values", takes[0], takes[1])
}

var binaryOperators = []string{
	"==", "!=", "<", "<=", ">", ">=", "&&", "and", "||", "or", "+", "-", "*", "/", "**", "^",
	"contains", "startsWith", "endsWith", "matches", "in",
}

func (c *compiling) binary(n *ast.BinaryNode, needs *[]written) (ast.Node, error) {
	switch {
	case n.Operator == "in":
		return c.in(n, needs)
	case n.Operator == "..":
		return nil, wrong(n.Location(), "a range can only follow in, as in status in 200..299")
	case n.Operator == "??":
		return nil, wrong(n.Location(), "?? is not possible: measured(NAME) tells whether something was measured")
	case !slices.Contains(binaryOperators, n.Operator):
		return nil, wrong(n.Location(), "%s is not possible in an assertion", n.Operator)
	case n.Operator == "matches":
		text, constant := n.Right.(*ast.StringNode)
		if !constant {
			return nil, wrong(n.Right.Location(), "the regular expression must be given in quotes")
		}
		if err := c.addRegex(text); err != nil {
			return nil, err
		}
	case n.Operator == "+" && (c.isText(n.Left) || c.isText(n.Right)):
		return nil, wrong(n.Location(), "texts cannot be added")
	case n.Operator == "==" || n.Operator == "!=":
		if err := errorOf(c.checkWord(n.Left, n.Right), c.checkWord(n.Right, n.Left)); err != nil {
			return nil, err
		}
	}
	sides, err := c.operands([]ast.Node{n.Left, n.Right}, needs)
	if err != nil {
		return nil, err
	}
	return placed(&ast.BinaryNode{Operator: n.Operator, Left: sides[0], Right: sides[1]}, n), nil
}

// in makes comparisons of "x in [a, b]" and "x in a..b", so that their types are
// checked and no list is made.
func (c *compiling) in(n *ast.BinaryNode, needs *[]written) (ast.Node, error) {
	if c.inside {
		return nil, wrong(n.Location(), "in stands for a condition, which cannot be looked up in a list")
	}
	c.inside = true
	left, err := c.operand(n.Left, needs)
	c.inside = false
	if err != nil {
		return nil, err
	}
	compare := func(operator string, with ast.Node) ast.Node {
		return placed(&ast.BinaryNode{Operator: operator, Left: left, Right: with}, n)
	}
	switch list := n.Right.(type) {
	case *ast.BinaryNode:
		if list.Operator == ".." && isNumber(list.Left) && isNumber(list.Right) {
			return placed(&ast.BinaryNode{Operator: "&&", Left: compare(">=", list.Left), Right: compare("<=", list.Right)}, n), nil
		}
	case *ast.ArrayNode:
		var made ast.Node
		for _, element := range list.Nodes {
			if _, text := element.(*ast.StringNode); !text && !isNumber(element) {
				return nil, wrong(element.Location(), "a list holds numbers or texts in quotes")
			}
			if err := c.checkWord(n.Left, element); err != nil {
				return nil, err
			}
			one := compare("==", element)
			if made != nil {
				one = placed(&ast.BinaryNode{Operator: "||", Left: made, Right: one}, n)
			}
			made = one
		}
		if made != nil {
			return made, nil
		}
	}
	return nil, wrong(n.Right.Location(), "in needs a list of values or a range, such as [200, 204] or 200..299")
}

func isNumber(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	case *ast.UnaryNode:
		return n.Operator == "-" && isNumber(n.Node)
	}
	return false
}

// isText tells whether a node is a text by its looks.
func (c *compiling) isText(node ast.Node) bool {
	if isName(node) {
		w, err := c.name(node)
		return err == nil && w.name.Kind == Text
	}
	if name, _, is := callOf(node); is {
		return name == "lower" || name == "upper" || name == "trim"
	}
	_, text := node.(*ast.StringNode)
	return text
}

// checkWord refuses to compare a text with what it never is.
func (c *compiling) checkWord(name, with ast.Node) error {
	text, constant := with.(*ast.StringNode)
	if !constant || !isName(name) {
		return nil
	}
	w, err := c.name(name)
	if err != nil || w.name.Words == nil || slices.Contains(w.name.Words, text.Value) {
		return err
	}
	words := make([]string, len(w.name.Words))
	for i, word := range w.name.Words {
		words[i] = fmt.Sprintf("%q", word)
	}
	return wrong(with.Location(), "%s is never %q; it is one of %s", w.text, text.Value, strings.Join(words, ", "))
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
