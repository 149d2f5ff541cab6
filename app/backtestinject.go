package app

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"webmon/app/backtest"
	"webmon/app/backtest/inject"
)

func newInjectCommand() *cobra.Command {
	var opts inject.Options
	cmd := &cobra.Command{
		Use:   "inject DIR... --out DIR",
		Short: "copy saved pages, with attacks on them as labelled probes",
		Long: `inject copies each history of saved pages into a folder of its own below --out,
and adds attacks as probes: each is applied to a sample of the real versions, from
the third on, and is judged right after that version. The same seed gives the same.

The attacks, which are the labels, are:
` + attackList() + `
With several histories, swap takes pages of the others. An attack that does not
fit a version is left out; how often is printed.`,
		Example: `  webmon backtest inject saved/* --out attacked
  webmon backtest --quiet attacked`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("give at least one folder of saved pages; see webmon backtest inject --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, dirs []string) error { return runInject(cmd.OutOrStdout(), dirs, opts) },
	}
	f := cmd.Flags()
	f.StringVar(&opts.Out, "out", "", "the folder to write to (required)")
	f.IntVar(&opts.Every, "every", 0, fmt.Sprintf("attack every so many versions (default: about %d of each history)", inject.Sample))
	f.Uint64Var(&opts.Seed, "seed", 1, "of all that is random")
	return cmd
}

func attackList() string {
	var list strings.Builder
	table := newTable(&list)
	for _, attack := range inject.Attacks() {
		fmt.Fprintf(table, "  %s\t%s\n", attack.Name, attack.Doc)
	}
	_ = table.Flush() // writing to memory does not fail
	return list.String()
}

func runInject(out io.Writer, dirs []string, opts inject.Options) error {
	if opts.Out == "" {
		return errors.New("--out: name the folder to write to")
	}
	if opts.Every < 0 {
		return fmt.Errorf("--every: %d is refused: give 1 or more", opts.Every)
	}
	histories, err := backtest.Find(dirs...)
	if err != nil {
		return err
	}
	return inject.Run(histories, opts, func(w inject.Written) error {
		left := ""
		for _, name := range slices.Sorted(maps.Keys(w.Skipped)) {
			left += fmt.Sprintf(", without %s %d times", name, w.Skipped[name])
		}
		_, err := fmt.Fprintf(out, "%s: %d pages, %d attacked, %d probes%s\n", printable(w.Dir), w.Pages, w.Attacked, w.Probes, left)
		return err
	})
}
