package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// statsFlags are the flags of the stats command.
type statsFlags struct {
	listFlags
	window, metric string
}

func newStatsCommand(environ []string) *cobra.Command {
	var flags statsFlags
	cmd := &cobra.Command{
		Use:   "stats [ID]",
		Short: "statistics of an asset's metrics, or the whole fleet at a glance",
		Long: `stats prints the statistics of an asset over --window: mean, deviation, quantiles
and the newest value of each metric, with its z-score. Without an asset it prints
the whole fleet: assets by verdict, the slowest, and those that change most.`,
		Example: `  webmon stats
  webmon stats https://example.com/ --metric timing.
  webmon stats Shop --window 7d -o csv`,
		GroupID: groupClient,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return oneAsset(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && (cmd.Flags().Changed("window") || cmd.Flags().Changed("metric")) {
				return errors.New("--window and --metric are about one asset: give its id")
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				if len(args) == 0 {
					summary, err := api.Summary(ctx)
					if err != nil {
						return err
					}
					return printSummary(cmd.OutOrStdout(), flags.format, &summary)
				}
				id, err := assetID(ctx, api, args[0])
				if err != nil {
					return err
				}
				stats, err := api.Stats(ctx, id, flags.window, flags.metric)
				if err != nil {
					return err
				}
				return flags.print(cmd.OutOrStdout(), &stats)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.window, "window", "24h", "how far back from now, such as 1h or 7d")
	f.StringVar(&flags.metric, "metric", "", "only metrics whose name begins so, such as timing.")
	flags.add(f)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

// namedStats are the statistics of a metric as a row of CSV.
type namedStats struct {
	Metric string `json:"metric"`
	client.MetricStats
}

func (flags *statsFlags) print(out io.Writer, stats *client.Stats) error {
	switch flags.format {
	case output.JSON, output.YAML:
		return output.One(out, flags.format, nil, stats)
	}
	var rows []namedStats
	for _, name := range slices.Sorted(maps.Keys(stats.Metrics)) {
		rows = append(rows, namedStats{name, stats.Metrics[name]})
	}
	if flags.format == output.Table {
		availability := "unknown"
		if stats.Availability != nil {
			availability = strconv.FormatFloat(*stats.Availability, 'f', 2, 64) + " %"
		}
		if _, err := fmt.Fprintf(out, "%s since %s, availability %s, down for %s\n\n",
			plural(stats.Checks, "check"), stats.From.Local().Format(time.DateTime), availability, stats.Downtime); err != nil {
			return err
		}
	}
	return printList(out, flags.listFlags, statsKind(), all(rows))
}

func statsKind() kind[namedStats] {
	return kind[namedStats]{
		fields: []string{"metric", "n", "mean", "stddev", "min", "max", "median", "p95", "p99", "last", "zscore"},
		head:   []string{"METRIC", "N", "MEAN", "STDDEV", "MIN", "MEDIAN", "P95", "MAX", "LAST", "Z"},
		row: func(s namedStats) []output.Cell {
			cells := []output.Cell{output.Text(s.Metric), output.Text(strconv.Itoa(s.N))}
			for _, value := range []*float64{&s.Mean, s.StdDev, &s.Min, &s.Median, &s.P95, &s.Max, &s.Last} {
				cells = append(cells, output.Text(measured(s.Metric, value)))
			}
			return append(cells, output.Text(measured("", s.ZScore)))
		},
		none: "No metric in that time; the asset was not checked, or --metric fits none.",
	}
}

// measured writes a value of a metric to four digits, with its unit where that
// is a time.
func measured(metric string, value *float64) string {
	switch {
	case value == nil:
		return "-"
	case strings.HasSuffix(metric, "_seconds"):
		return quantity(plugins.Metric{Name: metric, Value: *value})
	case math.Abs(*value) >= 1e4 && math.Abs(*value) < 1e15:
		return strconv.FormatFloat(*value, 'f', 0, 64)
	}
	return strconv.FormatFloat(*value, 'g', 4, 64)
}

func printSummary(out io.Writer, format output.Format, s *client.Summary) error {
	if format != output.Table {
		return output.One(out, format, []string{"assets", "verdicts", "incidents", "checks", "skipped", "checks_per_minute", "slowest", "most_changed", "changes_since"}, s)
	}
	paint := terminal.NewPainter(out)
	fmt.Fprintf(out, "%s, %s, %s, %s a minute, %d skipped\n\n", plural(s.Assets, "asset"), plural(s.Incidents.Warning+s.Incidents.Critical, "open incident"),
		plural(int(s.Checks), "check"), number(s.ChecksPerMinute), s.Skipped)
	var rows [][]output.Cell
	for _, verdict := range slices.Backward(verdicts) {
		if n := s.Verdicts[plugins.Verdict(verdict)]; n > 0 {
			rows = append(rows, []output.Cell{verdictCell(paint, plugins.Verdict(verdict)), output.Text(strconv.Itoa(n))})
		}
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "No asset is watched yet; webmon asset add URL begins.")
		return err
	}
	err := output.Print(out, []string{"VERDICT", "ASSETS"}, rows)
	rows = nil
	for _, a := range s.Slowest {
		rows = append(rows, []output.Cell{output.Text(millis(time.Duration(a.Seconds * float64(time.Second)))), output.Text(cmp.Or(a.Name, a.URL)), output.Whole(a.ID)})
	}
	err = errors.Join(err, printPart(out, "SLOWEST", rows))
	rows = nil
	for _, a := range s.MostChanged {
		rows = append(rows, []output.Cell{output.Text(strconv.Itoa(a.Changes)), output.Text(cmp.Or(a.Name, a.URL)), output.Whole(a.ID)})
	}
	return errors.Join(err, printPart(out, "CHANGES", rows))
}

// printPart prints a table after others, unless it is empty.
func printPart(out io.Writer, title string, rows [][]output.Cell) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	return output.Print(out, []string{title, "ASSET", "ID"}, rows)
}
