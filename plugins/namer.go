package plugins

import (
	"fmt"
	"slices"
	"strings"

	"webmon/plugins/assertion"
)

// Namer is a plugin that measures what its options name: of its families of
// metrics no others than these.
type Namer interface {
	// Named lists the metrics that the options name.
	Named() []string
}

// unnamed tells which assertions of list are about a metric that the options of
// the suite do not name, so that it would never be measured.
func (s *Suite) unnamed(made *asserted, list []Assertion) (wrong []*AssertionError) {
	for i, compiled := range made.compiled {
		for _, name := range compiled.Names() {
			if err := s.named(name.Path); err != nil {
				index := slices.IndexFunc(list, func(a Assertion) bool { return a.Expr == made.list[i].Expr })
				wrong = append(wrong, &AssertionError{Index: index, Field: "expr", Err: err})
			}
		}
	}
	return wrong
}

// named says what is wrong with the path of a metric, if the options of its
// plugin do not name it.
func (s *Suite) named(path string) error {
	plugin, metric, _ := strings.Cut(path, ".")
	for _, e := range s.entries {
		namer, names := e.plugin.(Namer)
		if !names || e.name != plugin {
			continue
		}
		known := namer.Named()
		near := assertion.Nearest(metric, known)
		switch {
		case slices.Contains(known, metric):
		case len(known) == 0:
			return fmt.Errorf("there is no %s: the options of %s name nothing", path, plugin)
		case near != "":
			return fmt.Errorf("there is no %s in the options of %s; do you mean %[2]s.%[3]s?", path, plugin, near)
		default:
			return fmt.Errorf("there is no %s in the options of %s; they name %[2]s.%[3]s", path, plugin, strings.Join(known, ", "+plugin+"."))
		}
	}
	return nil
}
