package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"webmon/app/backtest"
	"webmon/plugins"
	"webmon/plugins/builtin"
)

// backtestFlags are the flags of the backtest command.
type backtestFlags struct {
	json        bool
	quiet       bool
	verbose     bool
	plugins     []string
	settings    []string
	asserts     []string
	profile     string
	minVersions int
}

func newBacktestCommand(environ []string) *cobra.Command {
	var flags backtestFlags
	cmd := &cobra.Command{
		Use:     "backtest DIR...",
		Short:   "replay saved pages through the plugins and count the alarms",
		GroupID: groupTools,
		Long: `backtest replays saved pages through the plugins, exactly as they run in
production, but without Redis and network. It prints each page that alarms and
why, and a summary for each label.

Each DIR holds one page's versions. Its index.tsv has columns separated by tabs,
named in the first line: file, and if you like time (RFC 3339), role, label, url,
status, content_type. A page of role learn (the default) is a check as any other;
one of role probe is judged against what was learned so far, and then forgotten.
The label is normal (the default) or says what is wrong with the page. Without an
index.tsv the files are the versions, in the order of their names. A DIR that
holds only folders stands for all of them.

A page alarms when a finding, a warning or worse, calls it changed, inconclusive or
down. The alert opens when the learned page before it did not alarm. Rates are
over changed checks: pages that equal the learned page before them do not count,
nor do probes before --min-versions pages were learned.

Exit code: 0 whatever the pages did; 2 when the backtest could not run.`,
		Example: `  webmon backtest --quiet saved/*
  webmon backtest --plugin htmlstats --set htmlstats.k=6 saved/front-page
  webmon backtest --plugin assertions --assert 'seo.title contains "Shop"' saved/front-page
  webmon backtest --json --profile strict saved/front-page > strict.json
  webmon backtest inject saved/* --out attacked && webmon backtest attacked
  webmon backtest stored --tag shop --profile strict`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("give at least one folder of saved pages; see webmon backtest --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, dirs []string) error { return runBacktest(cmd, dirs, flags) },
	}
	f := cmd.Flags()
	f.BoolVar(&flags.json, "json", false, "print JSON: one object a page, one a line, and the summary as the last")
	f.BoolVar(&flags.quiet, "quiet", false, "print the summary only")
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "print a summary of each folder, too, and every reason")
	f.StringArrayVar(&flags.plugins, "plugin", nil, "count only findings of this plugin; may be given several times")
	f.StringArrayVar(&flags.settings, "set", nil, "set a plugin's option, as PLUGIN.OPTION=VALUE; the value is JSON or plain text; may be given several times")
	f.StringVar(&flags.profile, "profile", "", "how easily htmlstats alarms: calm, standard or strict; short for --set htmlstats.profile=…")
	addAssertFlag(f, &flags.asserts, "judge each page by this, too")
	f.IntVar(&flags.minVersions, "min-versions", 3, "count probes only after so many learned pages")
	cmd.AddCommand(newInjectCommand(), newStoredCommand(environ))
	return cmd
}

func runBacktest(cmd *cobra.Command, dirs []string, flags backtestFlags) error {
	opts, err := flags.options(builtin.Registry())
	if err != nil {
		return err
	}
	histories, err := backtest.Find(dirs...)
	if err != nil {
		return err
	}
	printer := newBacktestPrinter(cmd.OutOrStdout(), flags)
	summary, err := backtest.Run(cmd.Context(), histories, opts, printer.page)
	if err == nil {
		err = printer.summary(summary)
	}
	return errors.Join(err, printer.flush())
}

func (flags backtestFlags) options(registry *plugins.Registry) (backtest.Options, error) {
	opts := backtest.Options{Plugins: flags.plugins, MinVersions: flags.minVersions}
	if flags.minVersions < 0 {
		return opts, fmt.Errorf("--min-versions: %d is refused: give 0 or more", flags.minVersions)
	}
	names := append(pluginNames(registry.Definitions()), plugins.AssertionsName)
	for _, name := range flags.plugins {
		if !slices.Contains(names, name) {
			return opts, fmt.Errorf("--plugin: there is no plugin %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	options, err := parseSettings(allSettings(flags.profile, flags.settings))
	if err != nil {
		return opts, err
	}
	if err := checkAssertFlag(registry, options, flags.asserts); err != nil {
		return opts, err
	}
	opts.Suite, err = registry.Asserting(options, assertionsOf(flags.asserts))
	return opts, err
}

// allSettings puts the profile before the settings, which may so replace it.
func allSettings(profile string, settings []string) []string {
	if profile == "" {
		return settings
	}
	return append([]string{"htmlstats.profile=" + profile}, settings...)
}

// parseSettings turns "plugin.option=value" into options by plugin. The last
// value of an option counts.
func parseSettings(settings []string) (map[string]json.RawMessage, error) {
	values := map[string]map[string]json.RawMessage{}
	for _, setting := range settings {
		name, value, found := strings.Cut(setting, "=")
		plugin, option, dotted := strings.Cut(name, ".")
		if !found || !dotted || plugin == "" || option == "" {
			return nil, fmt.Errorf("--set: %q is not PLUGIN.OPTION=VALUE, such as htmlstats.k=6", setting)
		}
		if values[plugin] == nil {
			values[plugin] = map[string]json.RawMessage{}
		}
		raw := json.RawMessage(value)
		if !json.Valid(raw) {
			raw, _ = json.Marshal(value) // a string always can be
		}
		values[plugin][option] = raw
	}
	options := map[string]json.RawMessage{}
	for plugin, object := range values {
		raw, err := json.Marshal(object)
		if err != nil {
			return nil, fmt.Errorf("--set: options of %s: %w", plugin, err)
		}
		options[plugin] = raw
	}
	return options, nil
}
