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

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api/client"
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
	var format output.Format
	cmd := &cobra.Command{
		Use: d.action + " ID", Short: d.short, Long: d.long, Example: d.example,
		Args: oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				request.By = cmp.Or(request.By, systemUser())
				id, err := assetID(ctx, api, args[0])
				if err != nil {
					return err
				}
				decided, err := api.Decide(ctx, id, d.action, request)
				if err != nil {
					return err
				}
				if format != output.Table {
					return output.One(cmd.OutOrStdout(), format, []string{"decision", "job", "batch"}, decided)
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
	addOutputFlag(f, &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	if err := cmd.RegisterFlagCompletionFunc("plugin", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return pluginNames(builtin.Registry().Definitions()), cobra.ShellCompDirectiveNoFileComp
	}); err != nil {
		panic(err) // the flag is made above
	}
	return cmd
}

func newDecisionsCommand(environ []string) *cobra.Command {
	var flags listFlags
	cmd := &cobra.Command{
		Use:     "decisions ID",
		Short:   "list what was decided of an asset, newest first",
		Example: "  webmon asset decisions ID\n  webmon asset decisions ID -o json",
		Args:    oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				id, err := assetID(ctx, api, args[0])
				if err != nil {
					return err
				}
				decisions, err := api.Decisions(ctx, id)
				if err != nil {
					return err
				}
				return printList(cmd.OutOrStdout(), flags, decisionKind(), all(decisions))
			})
		},
	}
	flags.add(cmd.Flags())
	complete(cmd, "output", output.Formats)
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

// decisionKind says how decisions are printed.
func decisionKind() kind[client.Decision] {
	return kind[client.Decision]{
		fields: []string{"at", "by", "action", "plugin", "code", "evidence", "note", "found", "restored"},
		head:   []string{"TIME", "ACTION", "BY", "ABOUT", "NOTE"},
		row: func(d client.Decision) []output.Cell {
			about := targetText(d.Target)
			if len(d.Found) > 0 && !d.Exact() {
				about += fmt.Sprintf(" (%d found)", len(d.Found))
			}
			return []output.Cell{
				output.Text(d.At.Local().Format(time.DateTime)), output.Text(d.Action), output.Text(d.By), output.Text(about), output.Text(d.Note),
			}
		},
		none: "nothing was decided yet",
	}
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
