package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/roles/api/client"
)

func newShowCommand(environ []string) *cobra.Command {
	var format output.Format
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "show an asset, and what its last check says",
		Example: `  webmon asset show dc1h53hksdu90v2mjc50
  webmon asset show https://example.com/ -o yaml`,
		Args: oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				a, err := findAsset(ctx, api, args[0])
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				if format != output.Table {
					return output.One(out, format, assetKind(out, time.Now()).fields, a)
				}
				newest, checked, err := api.Newest(ctx, a.ID)
				if err != nil {
					return err
				}
				if err := printAsset(out, &a, time.Now()); err != nil || !checked {
					return err
				}
				_, err = fmt.Fprint(out, findingLines(terminal.NewPainter(out), &newest))
				return err
			})
		},
	}
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

// printAsset prints what people want to know of one asset. What has its
// default is left out.
func printAsset(out io.Writer, a *client.Asset, now time.Time) error {
	paint := terminal.NewPainter(out)
	rows := [][2]output.Cell{}
	add := func(name, text string) {
		if text != "" && text != "{}" {
			rows = append(rows, [2]output.Cell{{Text: name, Paint: paint.Faint}, output.Text(text)})
		}
	}
	add("id", a.ID)
	add("url", a.URL)
	add("name", a.Name)
	add("tags", strings.Join(a.Tags, " "))
	add("checked every", every(a))
	add("timeout", a.Timeout)
	add("request", string(a.Request))
	for _, name := range slices.Sorted(maps.Keys(a.Plugins)) {
		add("plugin "+name, string(a.Plugins[name]))
	}
	for _, held := range a.Assertions {
		text := held.Expr
		if held.Message != "" {
			text = held.Message + " (" + text + ")"
		}
		add("assertion", fmt.Sprintf("%s, else %s", text, cmp.Or(string(held.Verdict), string(held.Severity))))
	}
	add("retention", string(a.Retention))
	add("alerts", string(a.Alerts))
	add("created", output.Ago(a.Created, now))
	add("revision", fmt.Sprint(a.Revision))
	rows = append(rows, [2]output.Cell{{Text: "verdict", Paint: paint.Faint}, verdictCell(paint, a.Verdict)})
	if !a.VerdictSince.IsZero() {
		add("since", output.Ago(a.VerdictSince, now)+" ("+a.VerdictSince.Local().Format(time.DateTime)+")")
	}
	add("open incident", a.Incident)
	add("last check", output.Ago(a.Checked, now))
	if !a.NextCheck.IsZero() {
		add("next check", output.Ago(a.NextCheck, now))
	}
	if a.Skipped > 0 {
		add("skipped checks", fmt.Sprint(a.Skipped))
	}
	if a.Failed > 0 {
		add("failed jobs", fmt.Sprint(a.Failed))
	}
	return output.PrintFields(out, rows)
}
