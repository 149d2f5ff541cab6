package assertion

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// compiling is the state of compiling one expression.
type compiling struct {
	vocabulary *Vocabulary
	source     file.Source
	names      []written // each path once
	regex      int       // steps of the regular expressions so far
	bodies     int       // looks at the body so far
	inside     bool      // the left side of "in" is read
}

// condition makes a condition of a node that is to be true or false.
func (c *compiling) condition(node ast.Node) (condition, error) {
	switch n := node.(type) {
	case *ast.BoolNode:
		return constant(n.Value), nil
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			inner, err := c.condition(n.Node)
			return not{inner}, err
		}
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.BinaryNode:
		switch n.Operator {
		case "&&", "and":
			return c.both(n, false)
		case "||", "or":
			return c.both(n, true)
		}
		if made, err := c.special(n); made != nil || err != nil {
			return made, err
		}
	case *ast.IdentifierNode, *ast.MemberNode:
		w, err := c.name(node)
		if err != nil {
			return nil, err
		}
		if w.name.Kind == Truth {
			return truth{w}, nil
		}
	}
	if name, arguments, is := callOf(node); is && name == "measured" {
		return c.measured(node, arguments)
	}
	return c.compare(node)
}

func (c *compiling) both(n *ast.BinaryNode, any bool) (condition, error) {
	made := &every{any: any}
	for _, node := range []ast.Node{n.Left, n.Right} {
		part, err := c.condition(node)
		if err != nil {
			return nil, err
		}
		made.parts = append(made.parts, part)
	}
	return made, nil
}

func (c *compiling) conditional(n *ast.ConditionalNode) (condition, error) {
	var made choice
	for _, part := range []struct {
		into *condition
		node ast.Node
	}{{&made.when, n.Cond}, {&made.then, n.Exp1}, {&made.otherwise, n.Exp2}} {
		var err error
		if *part.into, err = c.condition(part.node); err != nil {
			return nil, err
		}
	}
	return &made, nil
}

// special makes conditions of what the virtual machine has no part in: a search
// in the body, and a truth that is compared with true or false. It gives nothing
// for anything else.
func (c *compiling) special(n *ast.BinaryNode) (condition, error) {
	if !isName(n.Left) {
		return nil, nil
	}
	w, err := c.name(n.Left)
	if err != nil {
		return nil, err
	}
	switch value, isBool := n.Right.(*ast.BoolNode); {
	case isBool && w.name.Kind == Truth && (n.Operator == "==" || n.Operator == "!="):
		if value.Value == (n.Operator == "==") {
			return truth{w}, nil
		}
		return not{truth{w}}, nil
	case w.name.Kind == Body:
		part, isText := n.Right.(*ast.StringNode)
		if !isText || n.Operator != "contains" && n.Operator != "startsWith" && n.Operator != "endsWith" {
			return nil, bodyOnly(n, w)
		}
		if c.bodies++; c.bodies > maxBody {
			return nil, wrong(n.Location(), "the body can be looked at %d times in one expression: make several of it", maxBody)
		}
		return &bodyHas{written: w, operator: n.Operator, part: []byte(part.Value)}, nil
	}
	return nil, nil
}

func bodyOnly(n ast.Node, w written) error {
	return wrong(n.Location(), `of %s it can only be asked whether it contains, startsWith or endsWith a text, as in %[1]s contains "Welcome"`, w.text)
}

func (c *compiling) measured(node ast.Node, arguments []ast.Node) (condition, error) {
	if len(arguments) != 1 || !isName(arguments[0]) {
		return nil, wrong(node.Location(), "measured takes one name, as in measured(htmlstats.links)")
	}
	w, err := c.name(arguments[0])
	return measured{w}, err
}

// callOf tells what a node calls, if it calls a function.
func callOf(node ast.Node) (name string, arguments []ast.Node, is bool) {
	switch n := node.(type) {
	case *ast.BuiltinNode:
		return n.Name, n.Arguments, true
	case *ast.CallNode:
		if callee, named := n.Callee.(*ast.IdentifierNode); named {
			return callee.Value, n.Arguments, true
		}
	}
	return "", nil, false
}

func isName(node ast.Node) bool {
	switch node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		return true
	}
	return false
}

// name finds out what a node names.
func (c *compiling) name(node ast.Node) (written, error) {
	first, second := "", ""
	switch n := node.(type) {
	case *ast.IdentifierNode:
		first = n.Value
	case *ast.MemberNode:
		owner, named := n.Node.(*ast.IdentifierNode)
		member, text := n.Property.(*ast.StringNode)
		if !named || !text || member.Value == "" || n.Optional || n.Method {
			return written{}, wrong(start(node), `this is not a name: write one such as timing.total or header["server"]`)
		}
		first, second = owner.Value, member.Value
	}
	found, err := c.vocabulary.lookup(first, second)
	if err != nil {
		return written{}, wrong(start(node), "%s", err)
	}
	w := written{text: first, name: found}
	switch {
	case c.vocabulary.free[first] && second != "":
		w.text = found.Path
	case second != "":
		w.text += "." + second
	}
	if !slices.ContainsFunc(c.names, func(known written) bool { return known.name.Path == found.Path }) {
		c.names = append(c.names, w)
	}
	return w, nil
}
