package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"webmon/plugins"
	"webmon/plugins/builtin"
)

func newPluginsCommand() *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use:     "plugins",
		Short:   "list the plugins and what they measure",
		GroupID: groupTools,
		Example: `  webmon plugins
  webmon plugins show htmlstats
  webmon plugins --markdown > docs/plugins.md`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			registry := builtin.Registry()
			if markdown {
				_, err := io.WriteString(cmd.OutOrStdout(), pluginsMarkdown(registry))
				return err
			}
			return printPlugins(cmd.OutOrStdout(), registry.Definitions())
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print all of it, with metrics and options, as Markdown")
	cmd.AddCommand(&cobra.Command{
		Use:     "show NAME",
		Short:   "print a plugin's metrics and options",
		Example: "  webmon plugins show tlscert",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give the name of one plugin; see webmon plugins")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return pluginNames(builtin.Registry().Definitions()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			registry := builtin.Registry()
			definitions := registry.Definitions()
			for _, definition := range definitions {
				if definition.Name == args[0] {
					return printPlugin(cmd.OutOrStdout(), registry, definition)
				}
			}
			return fmt.Errorf("there is no plugin %q; there are %s", args[0], strings.Join(pluginNames(definitions), ", "))
		},
	})
	return cmd
}

func pluginNames(definitions []plugins.Definition) []string {
	names := make([]string, len(definitions))
	for i, definition := range definitions {
		names[i] = definition.Name
	}
	return names
}

func printPlugins(out io.Writer, definitions []plugins.Definition) error {
	table := newTable(out)
	fmt.Fprintln(table, "NAME\tMEASURES")
	for _, definition := range definitions {
		fmt.Fprintf(table, "%s\t%s\n", definition.Name, definition.Doc)
	}
	return table.Flush()
}

func printPlugin(out io.Writer, registry *plugins.Registry, definition plugins.Definition) error {
	fmt.Fprintf(out, "%s: %s\nIt speaks up when %s.\n\n", definition.Name, definition.Doc, definition.When)
	table := newTable(out)
	fmt.Fprintln(table, "METRIC\tUNIT\tIN ASSERTIONS\tMEANING")
	for _, metric := range definition.Metrics {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", metric.Name, metric.Unit, shortest(registry.Words(definition.Name, metric.Name)), metric.Doc)
	}
	if len(definition.Facts) > 0 {
		fmt.Fprintln(table, "\nFACT\t\tIN ASSERTIONS\tMEANING")
	}
	for _, fact := range definition.Facts {
		fmt.Fprintf(table, "%s\t\t%s.%[1]s\t%[3]s\n", fact.Name, definition.Name, fact.Doc)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(definition.Options) == 0 {
		_, err := fmt.Fprintln(out, "\nIt takes no options.")
		return err
	}
	fmt.Fprintln(out)
	fmt.Fprintln(table, "OPTION\tTYPE\tDEFAULT\tMEANING")
	for _, option := range definition.Options {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", option.Name, option.Type, option.Default, option.Doc)
	}
	return table.Flush()
}

// shortest is the shortest of some words.
func shortest(words []string) string {
	return slices.MinFunc(words, func(a, b string) int { return len(a) - len(b) })
}

// newTable aligns columns that are separated by tabs.
func newTable(out io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
}
