package content

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// mask replaces noise in a line by a word that stays the same.
type mask func(line string) string

// The limits of expressions. Matching takes time in proportion to the length of
// the text times the size of the expression.
const (
	maxExpressions = 10
	maxExpression  = 200       // bytes
	maxProgram     = 1000      // instructions
	maxMasked      = 256 << 10 // bytes of text that masks look at
)

// builtin are the masks that have names, in the order in which they are used:
// the numbers within dates are no numbers.
var builtin = []struct {
	name string
	mask mask
}{
	{"dates", hideDates},
	{"times", hideTimes},
	{"ages", hideAges},
	{"numbers", hideNumbers},
}

var (
	timeOfDay = regexp.MustCompile(`\b\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[aApP]\.?[mM]\b\.?)?(?: (?:UTC|GMT|CES?T|BST|[ECMP][SD]T|Uhr)\b)?|\b\d\d? ?[aApP][mM]\b|\b\d\d?h\d\d\b`)
	age       = regexp.MustCompile(`\b[jJ]ust now\b|\b(?:\d+|[aA]n?|[oO]ne|[aA] few) ?\p{L}+ ago\b|\b[vV]or (?:\d+|einer|einem) \p{L}+|` +
		`\b[iI]l y a (?:\d+|une?) \p{L}+|\b[hH]ace (?:\d+|una?) \p{L}+|\b[hH]á \d+ \p{L}+|\b\d+ \p{L}+ (?:fa|geleden)\b`)
	number = regexp.MustCompile(`\d(?:[.,'’]?\d)*`)

	// hints are what lines with an age have, at least one of them.
	hints = []string{" ago", "ust now", "or ", "l y a ", "ace ", "á ", " fa", " geleden"}
)

func hideTimes(line string) string {
	if !mayHaveTime(line) {
		return line
	}
	return timeOfDay.ReplaceAllLiteralString(line, "[time]")
}

// mayHaveTime tells whether what follows a digit may make it a time. It keeps
// the slower expression from most lines.
func mayHaveTime(line string) bool {
	for i := range len(line) - 2 {
		if next := line[i+1]; '0' <= line[i] && line[i] <= '9' && (next == ':' || next == 'h' || next == ' ' || next|0x20 == 'a' || next|0x20 == 'p') {
			if next != ' ' || line[i+2]|0x20 == 'a' || line[i+2]|0x20 == 'p' {
				return true
			}
		}
	}
	return false
}

func hideAges(line string) string {
	if !slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(line, hint) }) {
		return line
	}
	return age.ReplaceAllLiteralString(line, "[age]")
}

func hideNumbers(line string) string {
	if !strings.ContainsAny(line, digits) {
		return line
	}
	return number.ReplaceAllLiteralString(line, "[number]")
}

const digits = "0123456789"

// compileMasks makes the masks of an asset, in the order of their use.
func compileMasks(expressions, names []string) ([]mask, error) {
	if len(expressions) > maxExpressions {
		return nil, fmt.Errorf("option %q: %d are given, the limit is %d", "mask_expressions", len(expressions), maxExpressions)
	}
	var masks []mask
	for _, source := range expressions {
		expression, err := compileExpression(source)
		if err != nil {
			return nil, fmt.Errorf("option %q: the expression %.60q: %w", "mask_expressions", source, err)
		}
		masks = append(masks, func(line string) string { return expression.ReplaceAllLiteralString(line, "[masked]") })
	}
	wanted := make(map[string]bool)
	for _, name := range names {
		wanted[name] = true
	}
	var known []string
	for _, b := range builtin {
		known = append(known, b.name)
		if wanted[b.name] {
			delete(wanted, b.name)
			masks = append(masks, b.mask)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		return nil, fmt.Errorf("option %q: there is no mask %q; the masks are %s", "mask", name, strings.Join(known, ", "))
	}
	return masks, nil
}

func compileExpression(source string) (*regexp.Regexp, error) {
	if source == "" || len(source) > maxExpression {
		return nil, fmt.Errorf("it has %d bytes; give 1 to %d", len(source), maxExpression)
	}
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("it is no regular expression as RE2 has them: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("it cannot be compiled: %w", err)
	}
	if len(program.Inst) > maxProgram {
		return nil, fmt.Errorf("it is too large: %d steps, the limit is %d; repeat less", len(program.Inst), maxProgram)
	}
	return regexp.Compile(source)
}

// hide masks a line.
func hide(line string, masks []mask) string {
	for _, mask := range masks {
		line = mask(line)
	}
	return line
}
