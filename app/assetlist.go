package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

var verdicts = []string{"unknown", "up", "degraded", "changed", "inconclusive", "down"}

// addFilterFlags adds the flags that select assets.
func addFilterFlags(cmd *cobra.Command, filter *client.Filter) {
	f := cmd.Flags()
	f.StringVar(&filter.Tag, "tag", "", "only assets with this tag")
	f.StringVar((*string)(&filter.Verdict), "verdict", "", "only assets with this verdict: "+strings.Join(verdicts, ", "))
	f.StringVarP(&filter.Text, "query", "q", "", "only assets with this in their URL or name, in any case")
	complete(cmd, "verdict", verdicts)
}

// complete has the shell complete a flag's value.
func complete(cmd *cobra.Command, flag string, values []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was not made before
	}
}

func newListCommand(environ []string) *cobra.Command {
	var flags listFlags
	var filter client.Filter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list assets and what their last checks say",
		Example: `  webmon asset list
  webmon asset list --tag shop --verdict down
  webmon asset list -o csv > assets.csv
  webmon asset list -o json | jq '.[] | select(.failed > 0)'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				out := cmd.OutOrStdout()
				k := assetKind(out, time.Now())
				if filter != (client.Filter{}) {
					k.none = "No asset is like that; webmon asset list shows all."
				}
				return printList(out, flags, k, api.Assets(ctx, filter))
			})
		},
	}
	flags.add(cmd.Flags())
	addFilterFlags(cmd, &filter)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

// printAssets prints all of some assets.
func printAssets(out io.Writer, format output.Format, assets []client.Asset) error {
	return printList(out, listFlags{format: format, limit: len(assets)}, assetKind(out, time.Now()), all(assets))
}

// assetKind says how assets are printed.
func assetKind(out io.Writer, now time.Time) kind[client.Asset] {
	paint := terminal.NewPainter(out)
	return kind[client.Asset]{
		fields: []string{
			"id", "url", "name", "tags", "interval", "timeout", "enabled", "verdict", "verdict_since", "checked", "next_check",
			"skipped", "failed", "created", "updated", "revision", "request", "plugins", "assertions", "retention", "alerts", "incident",
		},
		head: []string{"ID", "VERDICT", "SINCE", "EVERY", "ASSET", "TAGS"},
		row: func(a client.Asset) []output.Cell {
			asset := strings.TrimPrefix(a.URL, "https://")
			if a.Name != "" {
				asset = fmt.Sprintf("%s (%s)", a.Name, asset)
			}
			return []output.Cell{
				output.Whole(a.ID), verdictCell(paint, a.Verdict), output.Whole(strings.TrimSuffix(output.Ago(a.VerdictSince, now), " ago")), output.Whole(every(&a)),
				output.Text(asset), output.Text(strings.Join(a.Tags, " ")),
			}
		},
		none: "No asset is watched yet; webmon asset add URL begins.",
	}
}

func verdictCell(paint terminal.Painter, v plugins.Verdict) output.Cell {
	return output.Cell{Text: string(v), Whole: true, Paint: func(text string) string { return paint.Of(v, text) }}
}

// every says when an asset is checked.
func every(a *client.Asset) string {
	switch {
	case !a.Enabled:
		return "disabled"
	case a.Interval == "0s":
		return "on demand"
	}
	return a.Interval
}
