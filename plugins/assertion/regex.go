package assertion

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// addRegex checks a regular expression, and that all of them together do not
// take too much work. Their size is known before they are compiled, which takes
// memory in proportion.
func (c *compiling) addRegex(node *ast.StringNode) error {
	parsed, err := syntax.Parse(node.Value, syntax.Perl)
	if err != nil {
		return wrong(node.Location(), "this is not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if c.regex += weight(parsed); c.regex > maxRegex {
		return wrong(node.Location(), "the regular expression takes too much work: ask for less, or repeat less often")
	}
	if _, err := regexp.Compile(node.Value); err != nil {
		return wrong(node.Location(), "this is not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}

// weight is how many steps a regular expression takes for each byte of a text,
// at most. Above maxRegex it does not tell how many.
func weight(re *syntax.Regexp) int {
	sum := 1
	if re.Op == syntax.OpLiteral {
		sum = len(re.Rune)
	}
	for _, part := range re.Sub {
		sum += weight(part)
	}
	if re.Op == syntax.OpRepeat {
		sum *= max(re.Min, re.Max, 1)
	}
	return min(sum, maxRegex+1)
}
