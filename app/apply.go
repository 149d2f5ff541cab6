package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"webmon/app/apply"
	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// applyFlags are the flags of the apply command.
type applyFlags struct {
	file               string
	prune, dryRun, yes bool
	format             output.Format
}

func newApplyCommand(environ []string) *cobra.Command {
	var flags applyFlags
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "make the assets what a file says: a plan, then the change",
		Long: `apply reads a YAML file with a set of assets, compares it with what is watched,
prints a plan, and asks. Doing it again changes nothing. In a file

  set: shop                     # the name of this set; no other file may have it
  defaults:                     # for each asset that does not say otherwise
    interval: 30s
    tags: [prod]                # tags add up
  assets:
    - url: https://shop.example/
      name: Front page
    - url: https://shop.example/basket
      plugins: {htmlstats: {profile: strict}}

an asset may have all that the API takes: url, name, tags, interval, timeout, enabled,
request, plugins, assertions, retention, alerts. What it leaves out has its default.

An asset is known by its name, or by its URL without one; both may change, but not at
once. The assets of a set have the tag managed:SET, here managed:shop. No others are
looked at, so apply never touches what it did not make; to put an asset into a set, give
it the tag. Assets of the set that are not in the file stay, unless --prune is given:
then they are deleted, with all their results.

Nothing overwrites what somebody changed since the plan was made: such an asset is
left as it is, with an error.

Exit code: 0 when all is as the file says; 2 when something could not be done;
with --dry-run, 3 when there is something to do.`,
		Example: `  webmon apply -f assets.yaml
  webmon apply -f assets.yaml --dry-run
  webmon apply -f assets.yaml --prune --yes -o json`,
		GroupID: groupClient,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := flags.read(cmd)
			if err != nil {
				return err
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				return flags.apply(ctx, cmd, api, file)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&flags.file, "file", "f", "", "the YAML file; - is the standard input")
	f.BoolVar(&flags.prune, "prune", false, "delete the assets of the set that are not in the file")
	f.BoolVar(&flags.dryRun, "dry-run", false, "print the plan and change nothing")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

func (flags *applyFlags) read(cmd *cobra.Command) (*apply.File, error) {
	name := flags.file
	var content []byte
	var err error
	switch name {
	case "":
		return nil, fmt.Errorf("give a file with -f; see %s --help", cmd.CommandPath())
	case "-":
		name = "standard input"
		content, err = io.ReadAll(cmd.InOrStdin())
	default:
		content, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("-f: %w", err)
	}
	return apply.Read(name, content)
}

func (flags *applyFlags) apply(ctx context.Context, cmd *cobra.Command, api *client.Client, file *apply.File) error {
	current, err := managed(ctx, api, file.Tag())
	if err != nil {
		return err
	}
	plan, err := apply.Make(file, current, flags.prune)
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	out := cmd.OutOrStdout()
	if err := printPlan(out, flags.format, plan, file.Set); err != nil {
		return err
	}
	switch {
	case !plan.Changes():
		return nil
	case flags.dryRun:
		return exitDiffers
	}
	if err := confirm(cmd, flags.yes, "Do it?"); err != nil {
		return err
	}
	done, err := plan.Do(ctx, api)
	if flags.format == output.Table {
		fmt.Fprintf(out, "%d added, %d changed, %d removed\n", done[apply.Add], done[apply.Change], done[apply.Remove])
	}
	var refused apply.Refused
	if !errors.As(err, &refused) {
		return err
	}
	for _, one := range refused[:min(len(refused), peopleLimit)] {
		where := ""
		if one.Step.Line > 0 {
			where = fmt.Sprintf("%s:%d: ", file.Name, one.Step.Line)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s%s: %s\n", where, terminal.Printable(one.Step.Label()), terminal.Printable(explain(ctx, one.Err).Error()))
	}
	return fmt.Errorf("%d of the changes could not be made; the others are: mend the file and apply it again", len(refused))
}

// managed lists the assets of a set, with their secrets if the token may see
// them. Without, an asset that is known by a URL with a secret in it cannot be
// told from another.
func managed(ctx context.Context, api *client.Client, tag string) (current []client.Asset, err error) {
	list := func(secrets bool) error {
		current = nil
		for a, err := range api.Assets(ctx, client.Filter{Tag: tag, Secrets: secrets}) {
			if err != nil {
				return err
			}
			if !secrets && a.Name == "" && strings.Contains(a.URL, "***") {
				return fmt.Errorf("the URL of asset %s holds a secret, which this token may not see: give the asset a name, or use a token with the scope admin", a.ID)
			}
			current = append(current, a)
		}
		return nil
	}
	err = list(true)
	var refusal *client.Problem
	if errors.As(err, &refusal) && refusal.Status == http.StatusForbidden {
		err = list(false)
	}
	return current, err
}

// Signs of the steps, as in other plans.
var signs = map[apply.Action]struct {
	sign   string
	colour plugins.Verdict
}{
	apply.Add: {"+", plugins.Up}, apply.Change: {"~", plugins.Degraded}, apply.Remove: {"-", plugins.Down}, apply.Keep: {"=", plugins.Unknown},
}

func printPlan(out io.Writer, format output.Format, plan *apply.Plan, set string) error {
	if format != output.Table {
		return printList(out, listFlags{format: format}, kind[apply.Step]{fields: []string{"action", "line", "id", "name", "url", "changes"}}, all(plan.Steps))
	}
	paint := terminal.NewPainter(out)
	for i := range plan.Steps {
		step := &plan.Steps[i]
		note := ""
		if step.Action == apply.Keep {
			note = paint.Faint("  (not in the file; --prune deletes it)")
		}
		fmt.Fprintf(out, "%s %s%s\n", paint.Of(signs[step.Action].colour, signs[step.Action].sign), terminal.Printable(step.Label()), note)
		printDifferences(out, step.Changes)
	}
	_, err := fmt.Fprintf(out, "set %s: %d to add, %d to change, %d to remove, %d as they should be\n",
		set, plan.Count(apply.Add), plan.Count(apply.Change), plan.Count(apply.Remove), plan.Same)
	return err
}

// printDifferences prints what is to be changed of an asset, a value a line.
func printDifferences(out io.Writer, changes []apply.Difference) {
	for _, d := range changes {
		fmt.Fprintf(out, "    %s: %s → %s\n", terminal.Printable(d.Field), planValue(d.Before), planValue(d.After))
	}
}

// planValue writes a value of an asset for people.
func planValue(value any) string {
	if value == nil {
		return "default"
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // expressions hold < and &
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return terminal.Printable(strings.TrimSuffix(text.String(), "\n"))
}
