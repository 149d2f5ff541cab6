package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/backtest"
	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// storedFlags are the flags of the backtest stored command.
type storedFlags struct {
	asset    string
	tag      string
	window   string
	profile  string
	settings []string
	asserts  []string
	format   output.Format
	verbose  bool
}

func newStoredCommand(environ []string) *cobra.Command {
	var flags storedFlags
	cmd := &cobra.Command{
		Use:   "stored (--asset ID | --tag TAG)",
		Short: "try plugin options on the results that webmon has stored",
		Long: `stored asks a running webmon what plugin options would have alarmed on: it judges
the stored results of an asset, or of all assets with a tag, again. Nothing is
fetched and nothing is changed. What is not set has its default, whatever options
the assets have; without --assert they keep their assertions.

Pages are not stored, so not every plugin can judge again. The last lines say which
findings were kept as they are, and which plugins' answers are an estimate.`,
		Example: `  webmon backtest stored --asset dc1h53hksdu90v2mjc50 --profile strict
  webmon backtest stored --asset dc1h53hksdu90v2mjc50 --assert "timing.ttfb < 0.3"
  webmon backtest stored --tag shop --window 7d --set htmlstats.k=6 -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request, err := flags.request()
			if err != nil {
				return err
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				if request.Asset != "" {
					if request.Asset, err = assetID(ctx, api, request.Asset); err != nil {
						return err
					}
				}
				answer, err := api.Backtest(ctx, request)
				if err != nil {
					return err
				}
				return printBacktest(cmd.OutOrStdout(), answer, flags)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.asset, "asset", "", "the id, URL or name of an asset")
	f.StringVar(&flags.tag, "tag", "", "every asset with this tag")
	f.StringVar(&flags.window, "window", "30d", "how far back from now, such as 24h or 7d")
	f.StringVar(&flags.profile, "profile", "", "how easily htmlstats alarms: calm, standard or strict; short for --set htmlstats.profile=…")
	f.StringArrayVar(&flags.settings, "set", nil, "set a plugin's option, as PLUGIN.OPTION=VALUE; the value is JSON or plain text; may be given several times")
	addAssertFlag(f, &flags.asserts, "try this instead of the assertions that the assets have")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	f.BoolVarP(&flags.verbose, "verbose", "v", false, "print every reason")
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

// storedAnswer is the part of the API's answer that is printed.
type storedAnswer struct {
	Assets, Checks int
	More           bool
	Stored, Tried  struct{ Alarmed, Opened int }
	Alerts         []struct {
		URL          string
		At           time.Time
		Verdict      plugins.Verdict
		OpenedBefore bool `json:"opened_before"`
		Findings     []backtest.Finding
	}
	Estimated, Kept []string
}

// request is the backtest that the flags ask for.
func (flags storedFlags) request() (client.Backtest, error) {
	if (flags.asset == "") == (flags.tag == "") {
		return client.Backtest{}, errors.New("give exactly one of --asset and --tag; see webmon backtest stored --help")
	}
	options, err := parseSettings(allSettings(flags.profile, flags.settings))
	return client.Backtest{
		Asset: flags.asset, Tag: flags.tag, Window: flags.window, Plugins: options, Assertions: assertionsOf(flags.asserts),
	}, err
}

func printBacktest(out io.Writer, answer json.RawMessage, flags storedFlags) error {
	switch flags.format {
	case output.JSON, output.YAML:
		return output.One(out, flags.format, nil, answer)
	}
	var stored storedAnswer
	if err := json.Unmarshal(answer, &stored); err != nil {
		return fmt.Errorf("the answer is not a backtest: %w", err)
	}
	if flags.format == output.CSV {
		return writeAlerts(out, answer)
	}
	return printStored(out, &stored, flags.verbose)
}

// writeAlerts writes the alerts as CSV, one a row.
func writeAlerts(out io.Writer, answer json.RawMessage) error {
	var report struct{ Alerts []json.RawMessage }
	if err := json.Unmarshal(answer, &report); err != nil {
		return fmt.Errorf("the answer is not a backtest: %w", err)
	}
	writer := output.NewWriter(out, output.CSV, []string{"at", "asset", "url", "verdict", "opened_before", "findings"})
	for _, alert := range report.Alerts {
		if err := writer.Write(alert); err != nil {
			return err
		}
	}
	return writer.End()
}

func printStored(out io.Writer, answer *storedAnswer, verbose bool) error {
	printer := newBacktestPrinter(out, backtestFlags{verbose: verbose})
	for _, alert := range answer.Alerts {
		news := "new"
		if alert.OpenedBefore {
			news = "as before"
		}
		fmt.Fprintf(printer.out, "%s  %s  %s  %s  %s\n", alert.At.UTC().Format(time.RFC3339), terminal.Printable(alert.URL), news,
			printer.paint.Verdict(alert.Verdict), printer.reasons(alert.Findings))
	}
	if left := answer.Tried.Opened - len(answer.Alerts); left > 0 {
		fmt.Fprintf(printer.out, "(%d more alerts)\n", left)
	}
	table := newTable(printer.out)
	fmt.Fprintln(table, "OPTIONS\tCHECKS\tALARMED\tOPENED ALERTS")
	fmt.Fprintf(table, "stored\t%d\t%d\t%d\n", answer.Checks, answer.Stored.Alarmed, answer.Stored.Opened)
	fmt.Fprintf(table, "tried\t%d\t%d\t%d\n", answer.Checks, answer.Tried.Alarmed, answer.Tried.Opened)
	_ = table.Flush() // flush, below, has the error
	fmt.Fprintf(printer.out, "Assets: %d.", answer.Assets)
	if answer.More {
		fmt.Fprint(printer.out, " There are more with the tag, which were left out.")
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"Estimated", answer.Estimated}, {"Kept as stored", answer.Kept}} {
		if len(list.names) > 0 {
			fmt.Fprintf(printer.out, " %s: %s.", list.what, strings.Join(list.names, ", "))
		}
	}
	fmt.Fprintln(printer.out)
	return printer.flush()
}
