package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/client"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/plugins/builtin"
)

func newAcceptCommand(environ []string) *cobra.Command {
	return newDecideCommand(environ, decideCommand{
		action: "accept", short: "what alarms is normal from now on", narrow: true,
		long: `accept takes what the plugins alarm about in the newest result for normal: all of
it, or what --plugin, --code and --evidence name. Whatever else was learned
stays. The asset is checked at once.

With all three flags a thing can be accepted before it is found, such as a
script that a deployment will bring.`,
		example: `  webmon asset accept ID --note "new design"
  webmon asset accept ID --plugin thirdparty
  webmon asset accept ID --evidence example.net
  webmon asset accept ID --plugin htmlstats --code new_script_host --evidence example.net`,
	})
}

func newNeverCommand(environ []string) *cobra.Command {
	return newDecideCommand(environ, decideCommand{
		action: "never", short: "what alarms must never become normal", narrow: true,
		long: `never says that what the plugins alarm about is an attack or a fault: it must not
become normal, however long it stays. While it is there, the plugins that alarm
about it learn nothing of the page. If they have learned it already, they
remember again what they did before the alarm. The asset is checked at once.

accept takes it back.`,
		example: `  webmon asset never ID --note "defaced, ticket 12"
  webmon asset never ID --code new_title
  webmon asset never ID --plugin htmlstats --code new_link_host --evidence pills.example`,
	})
}

func newResetCommand(environ []string) *cobra.Command {
	return newDecideCommand(environ, decideCommand{
		action: "reset", short: "learn the page anew, as it is",
		long: `reset has the plugins forget what they remember, all or the one that --plugin
names, so that the page as it is at the next check is the new normal. Results
and statistics stay. The asset is checked at once.`,
		example: "  webmon asset reset ID\n  webmon asset reset ID --plugin timing --note \"moved to a slower host\"",
	})
}

// decideCommand is what tells one decision's command from another's.
type decideCommand struct {
	action, short, long, example string
	narrow                       bool // can be about a single finding
}

func newDecideCommand(environ []string, d decideCommand) *cobra.Command {
	var request client.Request
	var asJSON bool
	cmd := &cobra.Command{
		Use: d.action + " ID", Short: d.short, Long: d.long, Example: d.example,
		Args: oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				request.By = cmp.Or(request.By, systemUser())
				decided, err := api.Decide(ctx, args[0], d.action, request)
				if err != nil {
					return err
				}
				if asJSON {
					return printAnswer(cmd.OutOrStdout(), decided)
				}
				return printDecided(cmd.OutOrStdout(), decided)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&request.Plugin, "plugin", "", "only this plugin")
	if d.narrow {
		f.StringVar(&request.Code, "code", "", "only findings with this code, such as new_script_host")
		f.StringVar(&request.Evidence, "evidence", "", "only this piece of a finding's evidence, such as a host; its metric when it has none")
	}
	f.StringVar(&request.By, "by", "", "who decides; default the user of the operating system")
	f.StringVar(&request.Note, "note", "", "why")
	f.BoolVar(&asJSON, "json", false, "print the answer as it is")
	configs.AddFlags(f, configs.APIClient)
	if err := cmd.RegisterFlagCompletionFunc("plugin", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return pluginNames(builtin.Registry().Definitions()), cobra.ShellCompDirectiveNoFileComp
	}); err != nil {
		panic(err) // the flag is made above
	}
	return cmd
}

func newDecisionsCommand(environ []string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "decisions ID",
		Short:   "list what was decided of an asset, newest first",
		Example: "  webmon asset decisions ID\n  webmon asset decisions ID --json",
		Args:    oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				decisions, err := api.Decisions(ctx, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printAnswer(cmd.OutOrStdout(), decisions)
				}
				return printDecisions(cmd.OutOrStdout(), decisions)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: an array with one object for each decision")
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

// systemUser is who runs this, or empty for whoever the API takes it for.
func systemUser() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

func printDecided(out io.Writer, decided client.Decided) error {
	paint := terminal.NewPainter(out)
	d := decided.Decision
	table := newTable(out)
	for _, found := range d.Found {
		fmt.Fprintf(table, "%s\t%s\n", paint.Bold(d.Action), targetText(found))
	}
	if len(d.Found) == 0 {
		fmt.Fprintf(table, "%s\t%s\n", paint.Bold(d.Action), targetText(d.Target))
	}
	err := table.Flush()
	if len(d.Restored) > 0 {
		_, written := fmt.Fprintf(out, "brought back what was remembered before the alarm: %s\n", strings.Join(d.Restored, ", "))
		err = errors.Join(err, written)
	}
	_, written := fmt.Fprintln(out, paint.Faint("a check was asked for: job "+decided.Job))
	return errors.Join(err, written)
}

func printDecisions(out io.Writer, decisions []client.Decision) error {
	if len(decisions) == 0 {
		_, err := fmt.Fprintln(out, "nothing was decided yet")
		return err
	}
	table := newTable(out)
	fmt.Fprintln(table, "TIME\tACTION\tBY\tABOUT\tNOTE")
	for _, d := range decisions {
		about := targetText(d.Target)
		if len(d.Found) > 0 && !d.Exact() {
			about += fmt.Sprintf(" (%d found)", len(d.Found))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.At.Local().Format(time.DateTime), d.Action, terminal.Printable(d.By), about, terminal.Printable(d.Note))
	}
	return table.Flush()
}

// targetText names a target, from the plugin to the evidence.
func targetText(t plugins.Target) string {
	var parts []string
	for _, part := range []string{t.Plugin, t.Code, t.Evidence} {
		if part != "" {
			parts = append(parts, terminal.Printable(part))
		}
	}
	return cmp.Or(strings.Join(parts, " "), "everything")
}
