package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"webmon/app/apply"
	"webmon/app/terminal"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// bulkFlags say which assets are edited together.
type bulkFlags struct {
	filter client.Filter
	all    bool
	dryRun bool
}

func (flags *bulkFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&flags.filter.Tag, "with-tag", "", "change every asset that has this tag")
	f.StringVar((*string)(&flags.filter.Verdict), "with-verdict", "", "change every asset with this verdict")
	f.StringVar(&flags.filter.Text, "with-text", "", "change every asset with this in its URL or name, in any case")
	f.BoolVar(&flags.all, "all", false, "change every asset")
	f.BoolVar(&flags.dryRun, "dry-run", false, "only say what would be changed")
	complete(cmd, "with-verdict", verdicts)
}

// many tells whether several assets are meant.
func (flags *bulkFlags) many() bool { return flags.all || flags.filter != (client.Filter{}) }

// bulkChange is an asset and what is to be changed of it.
type bulkChange struct {
	asset client.Asset
	patch json.RawMessage
	shown []apply.Difference // what the patch changes
	err   error              // why it was refused
}

// editAtOnce bounds how many assets are changed at a time.
const editAtOnce = 8

// editMany changes all assets that the flags select, each by itself.
func (flags *editFlags) editMany(ctx context.Context, cmd *cobra.Command, api *client.Client) error {
	changes, same, err := flags.plan(ctx, api)
	if err != nil {
		return err
	}
	errOut := cmd.ErrOrStderr()
	if len(changes) == 0 {
		_, err := fmt.Fprintf(errOut, "nothing to change: %s\n", asShould(same))
		return err
	}
	if err := printBulkPlan(errOut, changes, same); err != nil || flags.bulk.dryRun {
		return err
	}
	if err := confirm(cmd, flags.yes, fmt.Sprintf("Change %s?", plural(len(changes), "asset"))); err != nil {
		return err
	}
	if err := applyBulk(ctx, api, changes); err != nil {
		return err
	}
	var done []client.Asset
	refused := 0
	for i := range changes {
		if changes[i].err == nil {
			done = append(done, changes[i].asset)
		} else if refused++; refused <= peopleLimit {
			fmt.Fprintf(errOut, "webmon: %s: %v\n", terminal.Printable(changes[i].asset.Label()), explain(ctx, changes[i].err))
		}
	}
	if err := printAssets(cmd.OutOrStdout(), flags.format, done); err != nil {
		return err
	}
	fmt.Fprintf(errOut, "%d changed, %d refused\n", len(done), refused)
	if refused > 0 {
		return exitFinding
	}
	return nil
}

// plan finds the assets, and what is to be changed of each. same is how many are
// as they should be.
func (flags *editFlags) plan(ctx context.Context, api *client.Client) (changes []bulkChange, same int, err error) {
	for a, err := range api.Assets(ctx, flags.bulk.filter) {
		if err != nil {
			return nil, 0, err
		}
		patch, err := flags.patch(&a)
		if err != nil {
			return nil, 0, err
		}
		shown, err := differencesBy(&a, patch)
		if err != nil {
			return nil, 0, fmt.Errorf("asset %s: %w", a.ID, err)
		}
		if len(shown) == 0 {
			same++
			continue
		}
		changes = append(changes, bulkChange{asset: a, patch: patch, shown: shown})
	}
	if len(changes)+same == 0 {
		return nil, 0, errors.New("no asset is like that; see webmon asset list")
	}
	return changes, same, nil
}

// differencesBy is what a merge patch changes of an asset.
func differencesBy(a *client.Asset, patch json.RawMessage) ([]apply.Difference, error) {
	after, err := jsonpatch.MergePatch(a.JSON, patch)
	if err != nil {
		return nil, err
	}
	var before, patched map[string]any
	err = errors.Join(json.Unmarshal(a.JSON, &before), json.Unmarshal(after, &patched))
	return apply.Differences(before, patched), err
}

// shownChanges is how many assets are listed before they are changed.
const shownChanges = 10

func printBulkPlan(out io.Writer, changes []bulkChange, same int) error {
	paint := terminal.NewPainter(out)
	shown := changes[:min(len(changes), shownChanges)]
	for i := range shown {
		fmt.Fprintf(out, "%s %s  %s\n", paint.Of(plugins.Changed, "~"), terminal.Printable(shown[i].asset.Label()), paint.Faint(shown[i].asset.ID))
		printDifferences(out, shown[i].shown)
	}
	more := ""
	if left := len(changes) - len(shown); left > 0 {
		more = fmt.Sprintf("and %d more: ", left)
	}
	_, err := fmt.Fprintf(out, "%s%s to change, %d as they should be\n", more, plural(len(changes), "asset"), same)
	return err
}

// mostRefused is how many assets are refused, and none taken, before the others
// are not tried: it is the flags that are wrong then.
const mostRefused = 100

// applyBulk changes the assets. That nothing was changed is an error.
func applyBulk(ctx context.Context, api *client.Client, changes []bulkChange) error {
	tried := 0
	for taken := false; !taken; tried++ {
		if tried == min(len(changes), mostRefused) {
			return fmt.Errorf("%s: %w; nothing was changed", changes[0].asset.Label(), explain(ctx, changes[0].err))
		}
		if err := changes[tried].apply(ctx, api); err != nil {
			return err
		}
		taken = changes[tried].err == nil
	}
	var once sync.Once
	var failed error
	var group errgroup.Group
	group.SetLimit(editAtOnce)
	for i := range changes[tried:] {
		change := &changes[tried+i]
		group.Go(func() error {
			if err := change.apply(ctx, api); err != nil {
				change.err = err
				once.Do(func() { failed = err })
			}
			return nil
		})
	}
	_ = group.Wait() // each change keeps its own error
	if ctx.Err() != nil {
		return failed
	}
	return nil
}

// apply changes one asset, if nobody else did meanwhile. A refusal is kept; any
// other error is returned.
func (c *bulkChange) apply(ctx context.Context, api *client.Client) error {
	changed, err := api.PatchAsset(ctx, c.asset.ID, c.asset.Revision, c.patch)
	var problem *client.Problem
	switch {
	case errors.As(err, &problem):
		c.err = err
	case err != nil:
		return err
	default:
		c.asset = changed
	}
	return nil
}

func asShould(n int) string {
	if n == 1 {
		return "1 asset is as it should be"
	}
	return fmt.Sprintf("%d assets are as they should be", n)
}
