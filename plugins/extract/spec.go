package extract

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"

	"github.com/antchfx/xpath"
	"github.com/ohler55/ojg/jp"

	"webmon/plugins/baseline"
)

// spec is a number as the options name it.
type spec struct {
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`
	Expression string   `json:"expression"`
	Attribute  string   `json:"attribute"`
	Decimal    string   `json:"decimal"`
	Min        *float64 `json:"min"`
	Max        *float64 `json:"max"`
	K          float64  `json:"k"`
}

// value is a number that is ready to be taken out of a page. Its expression is
// set, but for that of the kind xpath, which is compiled anew for each page: a
// compiled one keeps state.
type value struct {
	spec
	limits   baseline.Limits
	css      []selector
	json     jp.Expr
	regex    *regexp.Regexp
	searched int // bytes of the body in which regex is looked for
}

var valueName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

const maxExpression = 1000 // bytes

// compile checks a spec and makes it ready.
func (s spec) compile() (v value, err error) {
	if s.Decimal == "" {
		s.Decimal = "."
	}
	if s.K == 0 {
		s.K = 4
	}
	switch {
	case !valueName.MatchString(s.Name):
		return value{}, errors.New("a name is a lower-case word of letters, digits and _, of at most 40")
	case s.Expression == "" || len(s.Expression) > maxExpression:
		return value{}, fmt.Errorf("an expression has 1 to %d bytes", maxExpression)
	case s.Attribute != "" && s.Kind != "css":
		return value{}, errors.New("an attribute goes with the kind css only")
	case s.Decimal != "." && s.Decimal != ",":
		return value{}, fmt.Errorf(`decimal is "." or ",", not %q`, s.Decimal)
	case s.K < 1 || s.K > 20:
		return value{}, fmt.Errorf("k is between 1 and 20, not %v", s.K)
	case s.Min != nil && s.Max != nil && *s.Min > *s.Max:
		return value{}, fmt.Errorf("min %v is above max %v", *s.Min, *s.Max)
	}
	v = value{spec: s, limits: baseline.Limits{
		Size: 60, Warmup: 10, K: s.K, AbsoluteFloor: 1e-9, RelativeFloor: 0.01, Adopt: 10,
	}}
	// Some compilers panic on odd input.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the expression %q is not valid %s: %v", s.Expression, s.Kind, cause)
		}
	}()
	switch s.Kind {
	case "css":
		v.css, err = parseSelectors(s.Expression)
	case "xpath":
		if replaces.MatchString(s.Expression) {
			return value{}, errors.New("the function replace is not allowed: its result may be of any length")
		}
		_, err = xpath.Compile(s.Expression)
	case "jsonpath":
		v.json, err = parsePath(s.Expression)
	case "regex":
		v.regex, v.searched, err = compileRegex(s.Expression)
	default:
		return value{}, fmt.Errorf("there is no kind %q; kinds are css, xpath, jsonpath and regex", s.Kind)
	}
	if err != nil {
		return value{}, fmt.Errorf("the expression %q is not valid %s: %w", s.Expression, s.Kind, err)
	}
	return v, nil
}

var replaces = regexp.MustCompile(`\breplace\s*\(`)

// compileRegex also tells in how many bytes of a page a regular expression may
// be looked for: that takes a step for each byte and each of its instructions.
func compileRegex(expression string) (regex *regexp.Regexp, searched int, err error) {
	if regex, err = regexp.Compile(expression); err != nil {
		return nil, 0, err
	}
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, 0, err
	}
	return regex, regexSteps / len(program.Inst), nil
}

// regexSteps is how many steps a regular expression may take. They are much
// shorter than those of [work]: 4 MiB are searched with 50 instructions.
const regexSteps = 200 << 20

func (v value) metric() string { return "value_" + v.Name }

// within tells whether x keeps to the limits that the options give.
func (v value) within(x float64) (low, high float64, ok bool) {
	low, high = math.Inf(-1), math.Inf(1)
	if v.Min != nil {
		low = *v.Min
	}
	if v.Max != nil {
		high = *v.Max
	}
	return low, high, low <= x && x <= high
}
