package extract

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ohler55/ojg/jp"
)

// parsePath reads a JSONPath. It refuses what cannot be bounded, or would
// depend on more than the value it looks at.
func parsePath(text string) (jp.Expr, error) {
	path, err := jp.ParseString(text)
	if err != nil {
		return nil, err
	}
	for _, fragment := range path {
		switch fragment := fragment.(type) {
		case *jp.Filter:
			filter := fragment.String()
			if strings.Contains(filter, "..") || strings.Contains(filter, "$.") || strings.Contains(filter, "$[") || strings.Count(filter, "[?") > 1 {
				return nil, fmt.Errorf("the filter %s may not hold .. or $ or another filter", filter)
			}
		case jp.Root, jp.At, jp.Bracket, jp.Descent, jp.Wildcard, jp.Child, jp.Nth, jp.Slice, jp.Union:
		default:
			return nil, errors.New("it holds a procedure, which is not allowed")
		}
	}
	return path, nil
}

// follow returns the first value that a path leads to: from outside in, lists
// in their order, objects in that of their keys. Package jp evaluates each part
// of the path; what is between them is done here, because with several ".."
// jp may take ages, and it passes through objects in the order of the map.
func follow(path jp.Expr, root any, w *work) (value any, found bool) {
	values := []any{root}
	for _, fragment := range path {
		var next []any
		switch fragment := fragment.(type) {
		case jp.Root, jp.At, jp.Bracket:
			continue
		case jp.Descent:
			next = descend(values, w)
		case jp.Wildcard:
			for _, value := range values {
				next = append(next, children(value, w)...)
			}
		case *jp.Filter:
			steps := 1 + strings.Count(fragment.String(), "@")
			if strings.ContainsAny(fragment.String(), "~(") { // a regular expression, or a function
				steps *= 50
			}
			for _, value := range values {
				weigh(value, steps, w)
				next = append(next, jp.Expr{fragment}.Get(children(value, w))...)
			}
		default:
			for _, value := range values {
				if list, ok := value.([]any); ok {
					w.spend(len(list))
				}
				w.spend(1)
				next = append(next, jp.Expr{fragment}.Get(value)...)
			}
		}
		values = next
	}
	if len(values) == 0 {
		return nil, false
	}
	return values[0], true
}

// children returns the values in an object or a list.
func children(value any, w *work) (list []any) {
	w.spend(1)
	switch value := value.(type) {
	case []any:
		w.spend(len(value))
		return value
	case map[string]any:
		w.spend(2 * len(value)) // they are sorted
		for _, key := range slices.Sorted(maps.Keys(value)) {
			list = append(list, value[key])
		}
	}
	return list
}

// descend returns the values and all that is within them, each once.
func descend(values []any, w *work) (all []any) {
	seen := make(map[uintptr]bool)
	var visit func(value any)
	visit = func(value any) {
		switch value.(type) {
		case []any, map[string]any:
			w.spend(1)
			if at := reflect.ValueOf(value); at.Len() > 0 { // empty lists may share a place
				if seen[at.Pointer()] {
					return
				}
				seen[at.Pointer()] = true
			}
		}
		all = append(all, value)
		for _, child := range children(value, w) {
			visit(child)
		}
	}
	for _, value := range values {
		visit(value)
	}
	return all
}

// weigh spends so many steps for each value within a value.
func weigh(value any, steps int, w *work) {
	w.spend(steps)
	switch value := value.(type) {
	case string:
		w.spend(len(value) / textStep * steps)
	case []any:
		for _, child := range value {
			weigh(child, steps, w)
		}
	case map[string]any:
		for _, child := range value {
			weigh(child, steps, w)
		}
	}
}
