package app

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/pflag"

	"webmon/plugins"
)

// addAssertFlag adds the flag --assert, which is the same everywhere.
func addAssertFlag(f *pflag.FlagSet, into *[]string, doc string) {
	f.StringArrayVar(into, "assert", nil, doc+`, such as "status == 200 && timing.ttfb < 0.3"; may be given several times`)
}

// assertionsOf makes assertions of expressions.
func assertionsOf(exprs []string) []plugins.Assertion {
	var list []plugins.Assertion
	for _, expr := range exprs {
		list = append(list, plugins.Assertion{Expr: expr})
	}
	return list
}

// checkAssertFlag says what is wrong with the first expression that is wrong, for
// pages that are judged with options.
func checkAssertFlag(registry *plugins.Registry, options map[string]json.RawMessage, exprs []string) error {
	suite, err := registry.Suite(options)
	if err != nil {
		return err
	}
	wrong := registry.CheckAssertions(suite, assertionsOf(exprs))
	switch {
	case len(wrong) == 0:
		return nil
	case wrong[0].Field == "":
		return fmt.Errorf("--assert: %w", wrong[0].Err)
	}
	return fmt.Errorf("--assert %q: %w", exprs[wrong[0].Index], wrong[0].Err)
}
