package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
)

// selector is one of a group of CSS selectors: compounds such as "p.price",
// with combinators between.
type selector []compound

type compound struct {
	combinator byte         // between it and the one before: ' ', '>', '+' or '~'; 0 for the first
	plain      cascadia.Sel // without pseudo-classes, which are dear; nil for none
	full       cascadia.Sel // nil when that is all of it
	pseudos    int          // how deep pseudo-classes are nested
}

// parseSelectors reads a group of selectors. Package cascadia reads and matches
// the compounds; what is between them is done here, because cascadia may take
// exponential time for it.
func parseSelectors(text string) (group []selector, err error) {
	if _, err := cascadia.ParseGroup(text); err != nil {
		return nil, err
	}
	for _, part := range splitOutside(text, ",") {
		s, err := parseSelector(part)
		if err != nil {
			return nil, err
		}
		group = append(group, s)
	}
	return group, nil
}

func parseSelector(text string) (selector, error) {
	var s selector
	combinator, rest := byte(0), strings.TrimSpace(text)
	for rest != "" {
		end := indexOutside(rest, " \t\r\n\f>+~")
		c, err := parseCompound(rest[:end])
		if err != nil {
			return nil, err
		}
		c.combinator = combinator
		s = append(s, c)
		between := len(rest[end:]) - len(strings.TrimLeft(rest[end:], " \t\r\n\f>+~"))
		if combinator = ' '; strings.TrimSpace(rest[end:end+between]) != "" {
			combinator = strings.TrimSpace(rest[end : end+between])[0]
		}
		rest = rest[end+between:]
	}
	if len(s) == 0 {
		return nil, errors.New("a selector is empty")
	}
	return s, nil
}

func parseCompound(text string) (c compound, err error) {
	colon := indexOutside(text, ":")
	if colon > 0 {
		if c.plain, err = cascadia.Parse(text[:colon]); err != nil {
			return compound{}, err
		}
	}
	if colon < len(text) {
		if c.full, err = cascadia.Parse(text); err != nil {
			return compound{}, err
		}
		if c.pseudos, err = nesting(text[colon:]); err != nil {
			return compound{}, err
		}
	}
	return c, nil
}

// nesting tells how deep pseudo-classes are nested. It refuses what cannot be
// bounded: combinators within them, and regular expressions.
func nesting(text string) (depth int, err error) {
	for _, pseudo := range splitOutside(text, ":")[1:] {
		name, argument, _ := strings.Cut(pseudo, "(")
		inner := 0
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "matches", "matchesown":
			return 0, fmt.Errorf("the pseudo-class :%s is not allowed; use the kind regex or xpath", name)
		case "not", "has", "haschild":
			argument = argument[:max(0, strings.LastIndexByte(argument, ')'))]
			for _, part := range splitOutside(argument, ",") {
				part = strings.TrimSpace(part)
				if indexOutside(part, " \t\r\n\f>+~") < len(part) {
					return 0, fmt.Errorf("within :%s only simple selectors are allowed, not %q; use the kind xpath", name, part)
				}
				if colon := indexOutside(part, ":"); colon < len(part) {
					n, err := nesting(part[colon:])
					if err != nil {
						return 0, err
					}
					inner = max(inner, n)
				}
			}
		}
		depth = max(depth, 1+inner)
	}
	return depth, nil
}

// indexOutside returns where one of the bytes first stands outside of brackets,
// parentheses, quotes and escapes, or the length of text.
func indexOutside(text, bytes string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.IndexByte(bytes, c) >= 0:
			return i
		}
	}
	return len(text)
}

func splitOutside(text, bytes string) (parts []string) {
	for {
		i := indexOutside(text, bytes)
		parts = append(parts, text[:i])
		if i == len(text) {
			return parts
		}
		text = text[i+1:]
	}
}
