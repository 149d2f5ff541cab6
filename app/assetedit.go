package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"webmon/app/client"
	"webmon/app/output"
	"webmon/configs"
)

// editFlags are the flags of the edit command.
type editFlags struct {
	fieldFlags
	url        string
	removeTags []string
	unset      []string
	from       string
	yes        bool
	format     output.Format
}

func newEditCommand(environ []string) *cobra.Command {
	var flags editFlags
	cmd := &cobra.Command{
		Use:   "edit ID",
		Short: "change an asset, by flags or in an editor",
		Long: `edit changes what the flags say and leaves the rest as it is. Without such flags
it opens the asset as YAML in $VISUAL, $EDITOR or vi, shows what was changed, and
asks. There a line that is taken out goes back to its default.

Nothing is changed if somebody else was faster. When the API refuses a text it is
kept in a file, which --from takes.`,
		Example: `  webmon asset edit https://example.com/ --interval 5m --tag slow --remove-tag prod
  webmon asset edit dc1h53hksdu90v2mjc50 --set htmlstats.k=6 --unset timing
  webmon asset edit dc1h53hksdu90v2mjc50
  webmon asset edit dc1h53hksdu90v2mjc50 --from asset.yaml --yes`,
		Args: oneAsset,
		RunE: func(cmd *cobra.Command, args []string) error {
			byFlags := flags.given() || slices.ContainsFunc([]string{"url", "remove-tag", "unset"}, cmd.Flags().Changed)
			if byFlags && flags.from != "" {
				return errors.New("--from is the whole asset: give no other changes with it")
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
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
	f.StringVar(&flags.url, "url", "", "watch this URL instead; what was learned of the old page is forgotten")
	f.StringArrayVar(&flags.removeTags, "remove-tag", nil, "remove this tag; may be given several times")
	f.StringArrayVar(&flags.unset, "unset", nil, "set a plugin, or PLUGIN.OPTION, back to its default; may be given several times")
	f.StringVar(&flags.from, "from", "", "take the asset from this YAML file instead of an editor")
	f.BoolVarP(&flags.yes, "yes", "y", false, "do not ask")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

// change sends what the flags say.
func (flags *editFlags) change(ctx context.Context, api *client.Client, a *client.Asset) (client.Asset, error) {
	patch, err := flags.merge()
	if err != nil {
		return client.Asset{}, err
	}
	if flags.set.Changed("url") {
		patch["url"] = flags.url
	}
	if err := unset(patch, flags.unset); err != nil {
		return client.Asset{}, err
	}
	if flags.set.Changed("tag") || flags.set.Changed("remove-tag") {
		for _, tag := range flags.removeTags {
			if !slices.Contains(a.Tags, tag) {
				return client.Asset{}, fmt.Errorf("--remove-tag: the asset has no tag %q", tag)
			}
		}
		kept := slices.DeleteFunc(slices.Clone(a.Tags), func(tag string) bool { return slices.Contains(flags.removeTags, tag) })
		patch["tags"] = append(kept, flags.tags...)
	}
	text, err := json.Marshal(patch)
	if err != nil {
		return client.Asset{}, err
	}
	return api.PatchAsset(ctx, a.ID, a.Revision, text)
}
