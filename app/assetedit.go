package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// editFlags are the flags of the edit command.
type editFlags struct {
	fieldFlags
	bulk          bulkFlags
	url           string
	removeTags    []string
	removeAsserts []string
	unset         []string
	from          string
	yes           bool
	format        output.Format
}

func newEditCommand(environ []string) *cobra.Command {
	var flags editFlags
	cmd := &cobra.Command{
		Use:   "edit (ID | --with-tag TAG | --with-text TEXT | --with-verdict VERDICT | --all)",
		Short: "change an asset, by flags or in an editor, or many by flags",
		Long: `edit changes what the flags say and leaves the rest as it is. Without such flags
it opens the asset as YAML in $VISUAL, $EDITOR or vi, shows what was changed, and
asks. There a line that is taken out goes back to its default.

Nothing is changed if somebody else was faster. When the API refuses a text it is
kept in a file, which --from takes.

With --with-tag, --with-text, --with-verdict or --all it changes every asset that all
of these select: it lists what would be changed, and asks. Tags and assertions are
added to those that each asset has, and removed from those that have them.

Exit code, when many were meant: 0 when all were changed, 1 when some were refused,
2 when nothing was changed.`,
		Example: `  webmon asset edit https://example.com/ --interval 5m --tag slow --remove-tag prod
  webmon asset edit dc1h53hksdu90v2mjc50 --set htmlstats.k=6 --unset timing
  webmon asset edit Shop --assert 'header["x-frame-options"] == "DENY"' --remove-assert "status == 200"
  webmon asset edit dc1h53hksdu90v2mjc50
  webmon asset edit dc1h53hksdu90v2mjc50 --from asset.yaml --yes
  webmon asset edit --with-tag shop --interval 30s --tag fast --dry-run
  webmon asset edit --with-text example.com --with-verdict down --disable --yes`,
		Args: func(cmd *cobra.Command, args []string) error {
			if flags.bulk.many() && len(args) == 0 {
				return nil
			}
			if flags.bulk.many() {
				return errors.New("give the id of an asset, or say by --with-… which are meant, not both")
			}
			return oneAsset(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			byFlags := flags.given() || slices.ContainsFunc([]string{"url", "remove-tag", "remove-assert", "unset"}, cmd.Flags().Changed)
			if byFlags && flags.from != "" {
				return errors.New("--from is the whole asset: give no other changes with it")
			}
			if err := flags.checkMany(cmd, byFlags); err != nil {
				return err
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				if flags.bulk.many() {
					return flags.editMany(ctx, cmd, api)
				}
				a, err := findAsset(ctx, api, args[0])
				if err != nil {
					return err
				}
				if byFlags {
					a, err = flags.change(ctx, api, &a)
				} else {
					a, err = editText(ctx, cmd, api, &a, flags.from, flags.yes)
				}
				if err != nil {
					return err
				}
				return printAssets(cmd.OutOrStdout(), flags.format, []client.Asset{a})
			})
		},
	}
	f := cmd.Flags()
	flags.add(f)
	flags.bulk.add(cmd)
	f.StringVar(&flags.url, "url", "", "watch this URL instead; what was learned of the old page is forgotten")
	f.StringArrayVar(&flags.removeTags, "remove-tag", nil, "remove this tag; may be given several times")
	f.StringArrayVar(&flags.removeAsserts, "remove-assert", nil, "remove the assertion with this expression; may be given several times")
	f.StringArrayVar(&flags.unset, "unset", nil, "set a plugin, or PLUGIN.OPTION, back to its default; may be given several times")
	f.StringVar(&flags.from, "from", "", "take the asset from this YAML file instead of an editor")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

// checkMany refuses what cannot be said of many assets, and what can be said of
// many only.
func (flags *editFlags) checkMany(cmd *cobra.Command, byFlags bool) error {
	if !flags.bulk.many() {
		if flags.bulk.dryRun {
			return errors.New("--dry-run is for many assets; an editor shows what was changed, and asks")
		}
		return nil
	}
	for _, flag := range []string{"url", "name", "from"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s is about one asset: name it by its id", flag)
		}
	}
	if !byFlags {
		return fmt.Errorf("say by flags what to change of these assets; see %s --help", cmd.CommandPath())
	}
	return nil
}

// change sends what the flags say.
func (flags *editFlags) change(ctx context.Context, api *client.Client, a *client.Asset) (client.Asset, error) {
	patch, err := flags.patch(a)
	if err != nil {
		return client.Asset{}, err
	}
	return api.PatchAsset(ctx, a.ID, a.Revision, patch)
}

// patch is what the flags make of an asset, as a merge patch.
func (flags *editFlags) patch(a *client.Asset) (json.RawMessage, error) {
	patch, err := flags.merge()
	if err != nil {
		return nil, err
	}
	if flags.set.Changed("url") {
		patch["url"] = flags.url
	}
	if err := unset(patch, flags.unset); err != nil {
		return nil, err
	}
	if flags.set.Changed("tag") || flags.set.Changed("remove-tag") {
		kept, missing := without(a.Tags, flags.removeTags, func(tag string) string { return tag })
		if missing != "" && !flags.bulk.many() {
			return nil, fmt.Errorf("--remove-tag: the asset has no tag %q", missing)
		}
		patch["tags"] = slices.Compact(slices.Sorted(slices.Values(append(kept, flags.tags...)))) // as the API keeps them
	}
	if flags.set.Changed("assert") || flags.set.Changed("remove-assert") {
		kept, missing := without(a.Assertions, flags.removeAsserts, func(held plugins.Assertion) string { return held.Expr })
		if missing != "" && !flags.bulk.many() {
			return nil, fmt.Errorf("--remove-assert: the asset has no assertion %q; see webmon asset show", missing)
		}
		for _, more := range assertionsOf(flags.asserts) {
			if flags.bulk.many() && slices.ContainsFunc(kept, func(held plugins.Assertion) bool { return held.Expr == more.Expr }) {
				continue // some have it already
			}
			kept = append(kept, more.WithDefaults())
		}
		patch["assertions"] = kept
	}
	return json.Marshal(patch)
}

// without takes things out of a list by their keys. missing is the first that is
// not in it.
func without[T any](list []T, gone []string, key func(T) string) (kept []T, missing string) {
	kept = slices.Clone(list)
	for _, one := range gone {
		before := len(kept)
		kept = slices.DeleteFunc(kept, func(thing T) bool { return key(thing) == one })
		if len(kept) == before && missing == "" {
			missing = one
		}
	}
	return kept, missing
}
