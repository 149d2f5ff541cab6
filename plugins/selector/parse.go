package selector

import (
	"errors"
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
)

// complexSelector is compounds joined by combinators, such as "ul > li.new a".
type complexSelector []compound

// compound is what a selector asks of one element.
type compound struct {
	cascadia.Sel
	combinator byte // how it is joined to the compound before: ' ', '>', '+', '~'; 0 for the first
	siblings   bool // it looks at all siblings
	family     bool // it looks at all descendants
	weight     int  // how long it takes, 1 for a short one
}

// maxCompounds is how many compounds a selector may have: one bit each.
const maxCompounds = 32

var (
	errTooLong     = fmt.Errorf("more than %d parts", maxCompounds)
	errNested      = errors.New("inside parentheses only simple selectors are taken, without blanks, >, + and ~")
	errInHas       = errors.New("inside :has and :haschild no pseudo-classes are taken")
	errRegexp      = errors.New("the operator #= is not taken; use =, ~=, |=, ^=, $= or *=")
	errUnsupported = errors.New("is not taken; pseudo-classes are :not, :has, :haschild, :root, :link, :checked, and those of the kinds :first-child and :nth-of-type(2n+1)")
)

// parse reads a list of selectors, parted by commas, and notes the attributes
// they ask for. Cascadia says whether they are right; they are taken apart here
// because it would follow combinators by trying every way up the tree.
func parse(source string, keys map[string]bool) ([]complexSelector, error) {
	if _, err := cascadia.ParseGroup(source); err != nil {
		return nil, err
	}
	var selectors []complexSelector
	for _, parts := range split(source) {
		if len(parts) > maxCompounds {
			return nil, errTooLong
		}
		var selector complexSelector
		for _, part := range parts {
			c := compound{combinator: part.combinator, weight: 1 + len(part.text)/16}
			if err := c.check(part.text, keys, 0); err != nil {
				return nil, err
			}
			sel, err := cascadia.Parse(part.text)
			if err != nil {
				return nil, err
			}
			c.Sel = sel
			selector = append(selector, c)
		}
		selectors = append(selectors, selector)
	}
	return selectors, nil
}

// part is the source of a compound.
type part struct {
	text       string
	combinator byte
}

// split takes a valid list of selectors apart.
func split(source string) [][]part {
	list := [][]part{nil}
	var text strings.Builder
	var combinator byte
	flush := func() {
		if text.Len() > 0 {
			last := &list[len(list)-1]
			*last = append(*last, part{text.String(), combinator})
			text.Reset()
			combinator = 0
		}
	}
	for i := 0; i < len(source); {
		size, c := unit(source[i:]), source[i]
		switch {
		case isSpace(c), c == '/': // a comment
			flush()
			if combinator == 0 && len(list[len(list)-1]) > 0 {
				combinator = ' '
			}
		case c == '>' || c == '+' || c == '~':
			flush()
			combinator = c
		case c == ',':
			flush()
			list, combinator = append(list, nil), 0
		default:
			text.WriteString(source[i : i+size])
		}
		i += size
	}
	flush()
	return list
}

// unit is the length of what source begins with and is not to be taken apart:
// an escape, a string, what is in brackets or parentheses, a comment; else 1.
func unit(source string) int {
	switch source[0] {
	case '\\':
		i := 1
		for i < len(source) && i < 7 && isHex(source[i]) {
			i++
		}
		if i == 1 {
			return min(2, len(source))
		}
		if i < len(source) && isSpace(source[i]) {
			i++
		}
		return i
	case '"', '\'':
		for i := 1; i < len(source); i++ {
			switch source[i] {
			case '\\':
				i++
			case source[0]:
				return i + 1
			}
		}
		return len(source)
	case '[', '(':
		end := byte(']')
		if source[0] == '(' {
			end = ')'
		}
		for i := 1; i < len(source); {
			if source[i] == end {
				return i + 1
			}
			i += unit(source[i:])
		}
		return len(source)
	case '/':
		if end := strings.Index(source, "*/"); end >= 0 {
			return end + 2
		}
		return len(source)
	}
	return 1
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' && c != '\v' }

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// check notes what a compound asks for, and refuses what would cost too much.
// The depth counts the parentheses around it.
func (c *compound) check(text string, keys map[string]bool, depth int) error {
	for i := 0; i < len(text); {
		size := unit(text[i:])
		switch text[i] {
		case '#':
			keys["id"] = true
		case '.':
			keys["class"] = true
		case '[':
			if err := checkAttribute(text[i+1:i+size-1], keys); err != nil {
				return err
			}
		case ':':
			name, argument := pseudo(text[i+1:])
			if err := c.checkPseudo(name, argument, keys, depth); err != nil {
				return err
			}
			size = 1 + len(name) + len(argument)
		}
		i += size
	}
	return nil
}

// checkAttribute takes what is between brackets.
func checkAttribute(text string, keys map[string]bool) error {
	text = strings.TrimSpace(text)
	end := 0
	for end < len(text) && !isSpace(text[end]) && !strings.ContainsRune("=~|^$*!#", rune(text[end])) {
		end++
	}
	if strings.HasPrefix(text[end:], "#=") {
		return errRegexp
	}
	keys[strings.ToLower(strings.ReplaceAll(text[:end], `\`, ""))] = true
	return nil
}

// pseudo takes a pseudo-class apart into its name and, in parentheses, what it
// is given.
func pseudo(text string) (name, argument string) {
	end := 0
	for end < len(text) && !strings.ContainsRune(".#[:(", rune(text[end])) {
		end++
	}
	name = text[:end]
	if end < len(text) && text[end] == '(' {
		argument = text[end : end+unit(text[end:])]
	}
	return name, argument
}

func (c *compound) checkPseudo(name, argument string, keys map[string]bool, depth int) error {
	switch strings.ToLower(name) {
	case "root":
	case "link":
		keys["href"] = true
	case "checked":
		keys["checked"], keys["selected"], keys["type"] = true, true, true
	case "first-child", "last-child", "only-child", "first-of-type", "last-of-type", "only-of-type",
		"nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type":
		c.siblings = true
	case "not":
		return c.checkArgument(argument, keys, depth)
	case "has", "haschild":
		var within compound
		if err := within.checkArgument(argument, keys, depth); err != nil {
			return err
		}
		if strings.Contains(argument, ":") {
			return errInHas
		}
		c.family = true
	default:
		return fmt.Errorf(":%s %w", name, errUnsupported)
	}
	return nil
}

// maxDepth is how deep parentheses may be nested.
const maxDepth = 3

func (c *compound) checkArgument(argument string, keys map[string]bool, depth int) error {
	if depth >= maxDepth {
		return errNested
	}
	for _, parts := range split(strings.TrimSuffix(strings.TrimPrefix(argument, "("), ")")) {
		if len(parts) != 1 {
			return errNested
		}
		if err := c.check(parts[0].text, keys, depth+1); err != nil {
			return err
		}
	}
	return nil
}
