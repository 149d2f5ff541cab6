package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// runFlags are the flags of the run command.
type runFlags struct {
	tag     string
	all     bool
	wait    bool
	timeout time.Duration
	format  output.Format
}

func newRunCommand(environ []string) *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [ID...]",
		Short: "check assets now, and say which are not up",
		Long: `run has assets checked at once: those that are named by id, URL or name, those with
--tag, or --all. It waits for the checks and lists the assets that are not up.
--tag and --all leave out disabled assets.

Ctrl-C and --timeout end the waiting, not the checks.

Exit code: 0 when all are up; 1 when some are not; 2 when it could not run, did
not end in time, or when a check was given up. With --wait=false: 0 when the
checks were asked for.`,
		Example: `  webmon run https://example.com/
  webmon run --tag shop --timeout 2m
  webmon run --all -o json | jq -r '.assets[].url'
  webmon run --all --wait=false`,
		GroupID: groupClient,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, ids []string) error {
			if err := flags.check(cmd, ids); err != nil {
				return err
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				return flags.run(ctx, cmd, api, ids)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.tag, "tag", "", "every enabled asset with this tag")
	f.BoolVar(&flags.all, "all", false, "every enabled asset")
	f.BoolVar(&flags.wait, "wait", true, "wait until all checks have ended")
	f.DurationVar(&flags.timeout, "timeout", 10*time.Minute, "how long to wait")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

func (flags *runFlags) check(cmd *cobra.Command, ids []string) error {
	ways := 0
	for _, given := range []bool{len(ids) > 0, flags.tag != "", flags.all} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("give ids, --tag or --all: exactly one of them; see %s --help", cmd.CommandPath())
	}
	if flags.timeout <= 0 {
		return errors.New("--timeout: give a time to wait, such as 5m")
	}
	return nil
}

func (flags *runFlags) run(ctx context.Context, cmd *cobra.Command, api *client.Client, given []string) error {
	selection := client.Selection{Tag: flags.tag, All: flags.all}
	for _, one := range given {
		id, err := assetID(ctx, api, one)
		if err != nil {
			return err
		}
		selection.Assets = append(selection.Assets, id)
	}
	id, jobs, err := api.Run(ctx, selection)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if jobs == 0 {
		return errors.New("there is nothing to check: no enabled asset is meant; see webmon asset list")
	}
	if !flags.wait {
		if flags.format != output.Table {
			return output.One(out, flags.format, []string{"batch", "jobs"}, map[string]any{"batch": id, "jobs": jobs})
		}
		_, err := fmt.Fprintln(out, askedFor(id, jobs))
		return err
	}
	progress := newBatchProgress(cmd.ErrOrStderr(), id, jobs)
	batch, err := waitBatch(ctx, api, id, flags.timeout, progress)
	progress.end()
	if err != nil {
		return err
	}
	assets, err := notUp(ctx, api, selection)
	if err != nil {
		return err
	}
	if err := flags.print(ctx, out, api, batch, assets); err != nil {
		return err
	}
	switch lost := batch.Counts.Failed + batch.Counts.Cancelled; {
	case lost > 0:
		return fmt.Errorf("%d of %d checks came to nothing: %d were given up and %d cancelled; the API says why at /v1/jobs?state=failed",
			lost, jobs, batch.Counts.Failed, batch.Counts.Cancelled)
	case len(assets) > 0:
		return exitFinding
	}
	return nil
}

// batchPoll is how often a batch is asked about. It costs the API little.
const batchPoll = 200 * time.Millisecond

// waitBatch waits until the batch has ended.
func waitBatch(ctx context.Context, api *client.Client, id string, most time.Duration, progress *batchProgress) (client.Batch, error) {
	over := time.NewTimer(most)
	defer over.Stop()
	tick := time.NewTicker(batchPoll)
	defer tick.Stop()
	for {
		batch, err := api.Batch(ctx, id)
		if ctx.Err() != nil {
			return batch, fmt.Errorf("interrupted; the checks go on: batch %s", id)
		}
		if err != nil {
			return batch, err
		}
		progress.show(batch.Counts)
		if batch.State != "running" {
			return batch, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		case <-over.C:
			return batch, fmt.Errorf("%d of %d checks did not end within %v; they go on: batch %s; is an executor running?",
				batch.Counts.All()-batch.Counts.Ended(), batch.Counts.All(), most, id)
		}
	}
}

// notUp lists the assets of a selection that are not up. Where most are up
// that is far less than all.
func notUp(ctx context.Context, api *client.Client, s client.Selection) ([]client.Asset, error) {
	var found []client.Asset
	for _, id := range s.Assets {
		a, err := api.Asset(ctx, id)
		if err != nil {
			return nil, err
		}
		if a.Verdict != plugins.Up {
			found = append(found, a)
		}
	}
	if len(s.Assets) > 0 {
		return found, nil
	}
	for _, verdict := range []plugins.Verdict{plugins.Down, plugins.Inconclusive, plugins.Changed, plugins.Degraded, plugins.Unknown} {
		for a, err := range api.Assets(ctx, client.Filter{Tag: s.Tag, Verdict: verdict}) {
			if err != nil {
				return nil, err
			}
			if a.Enabled {
				found = append(found, a)
			}
		}
	}
	return found, nil
}

// explained is of how many assets a run says why they are not up.
const explained = 20

func (flags *runFlags) print(ctx context.Context, out io.Writer, api *client.Client, batch client.Batch, assets []client.Asset) error {
	switch flags.format {
	case output.JSON, output.YAML:
		if assets == nil {
			assets = []client.Asset{}
		}
		return output.One(out, flags.format, nil, struct {
			Batch  client.Batch   `json:"batch"`
			Assets []client.Asset `json:"assets"`
		}{batch, assets})
	case output.CSV:
		return printAssets(out, flags.format, assets)
	}
	paint := terminal.NewPainter(out)
	rows := [][]output.Cell{}
	for i := range assets {
		why := output.Cell{}
		if i < explained {
			newest, _, err := api.Newest(ctx, assets[i].ID)
			if err != nil {
				return err
			}
			why = findingCell(paint, &newest)
		}
		rows = append(rows, []output.Cell{verdictCell(paint, assets[i].Verdict), output.Text(assets[i].Label()), output.Whole(assets[i].ID), why})
	}
	if len(rows) > 0 {
		if err := output.Print(out, []string{"VERDICT", "ASSET", "ID", "WHY"}, rows); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "%d checked, %d not up\n", batch.Counts.Done, len(assets))
	return err
}
