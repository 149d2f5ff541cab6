package app

import (
	"context"
	"errors"
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
	"webmon/store"
)

// resultFlags are the flags of the results command.
type resultFlags struct {
	listFlags
	since, from, to string
}

func newResultsCommand(environ []string) *cobra.Command {
	var flags resultFlags
	cmd := &cobra.Command{
		Use:   "results ID",
		Short: "list the results of an asset, newest first",
		Long: `results lists the checks of an asset, newest first. A table shows the most telling
finding of each; the other formats have all that was found and measured.`,
		Example: `  webmon results https://example.com/
  webmon results Shop --since 24h -o csv
  webmon results dc1h53hksdu90v2mjc50 --limit 1 -o yaml
  webmon results Shop --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z -o json`,
		GroupID: groupClient,
		Args:    oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			from, to, err := flags.times(time.Now())
			if err != nil {
				return err
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				id, err := assetID(ctx, api, args[0])
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				return printList(out, flags.listFlags, resultKind(out), api.Results(ctx, id, from, to))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.since, "since", "", "only results so far back, such as 24h or 7d")
	f.StringVar(&flags.from, "from", "", "only results at this time (RFC 3339) or later")
	f.StringVar(&flags.to, "to", "", "only results before this time (RFC 3339)")
	flags.add(f)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

func (flags *resultFlags) times(now time.Time) (from, to time.Time, err error) {
	if flags.since != "" {
		if flags.from != "" {
			return from, to, errors.New("--since and --from say the same in two ways: give one of them")
		}
		var d store.Duration
		if err := d.UnmarshalText([]byte(flags.since)); err != nil {
			return from, to, fmt.Errorf("--since: %w", err)
		}
		from = now.Add(-time.Duration(d))
	}
	for _, bound := range []struct {
		flag, text string
		into       *time.Time
	}{{"--from", flags.from, &from}, {"--to", flags.to, &to}} {
		if bound.text == "" {
			continue
		}
		if *bound.into, err = time.Parse(time.RFC3339, bound.text); err != nil {
			return from, to, fmt.Errorf("%s: %q is not a time: write it as 2026-11-22T15:04:05Z", bound.flag, bound.text)
		}
	}
	return from, to, nil
}

// resultKind says how results are printed.
func resultKind(out io.Writer) kind[client.Result] {
	paint := terminal.NewPainter(out)
	return kind[client.Result]{
		fields: []string{"job", "at", "verdict", "changed", "reports"},
		head:   []string{"TIME", "VERDICT", "TOOK", "FINDING"},
		row: func(r client.Result) []output.Cell {
			return []output.Cell{
				output.Text(r.At.Local().Format(time.DateTime)), verdictCell(paint, r.Verdict), output.Text(took(r.Reports)), findingCell(paint, &r),
			}
		},
		none: "There is no result: the asset was not checked, or not in that time.",
	}
}

// took is how long a check took; "-" when it was not measured.
func took(reports []client.Report) string {
	for _, report := range reports {
		if seconds, measured := report.Metrics["total_seconds"]; measured && report.Plugin == "timing" {
			return millis(time.Duration(seconds * float64(time.Second)))
		}
	}
	return "-"
}

// findingCell shows the most telling finding, and how many there are.
func findingCell(paint terminal.Painter, r *client.Result) output.Cell {
	findings := r.Findings()
	if len(findings) == 0 {
		return output.Cell{}
	}
	text := findings[0].Message
	if n := len(findings); n > 1 {
		text = fmt.Sprintf("(1 of %d) %s", n, text)
	}
	return output.Cell{Text: text, Paint: func(text string) string { return paint.Severity(findings[0].Severity, text) }}
}

// findingLines is what plugins say that a person should know, one a line.
func findingLines(paint terminal.Painter, r *client.Result) string {
	var lines strings.Builder
	for _, report := range r.Reports {
		if report.Error != "" {
			fmt.Fprintf(&lines, "%s %s: %s\n", paint.Severity(plugins.Warning, "failed"), report.Plugin, terminal.Printable(report.Error))
		}
	}
	for _, f := range r.Findings() {
		fmt.Fprintf(&lines, "%s %s: %s\n", paint.Severity(f.Severity, string(f.Severity)), f.Plugin, terminal.Printable(f.Message))
	}
	return lines.String()
}
