package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/configs"
	"webmon/roles/api/client"
)

func newAddCommand(environ []string) *cobra.Command {
	var fields fieldFlags
	var format output.Format
	cmd := &cobra.Command{
		Use:   "add URL...",
		Short: "watch URLs",
		Long: `add makes an asset of each URL, with what the flags say. The first check is soon.

Two assets may have the same URL, so adding twice watches twice. For many assets
see webmon asset import, and for a file that says how everything should be, webmon
apply. A password or token belongs into such a file, or into webmon asset edit.`,
		Example: `  webmon asset add https://example.com/
  webmon asset add https://example.com/ --name Shop --tag shop --tag prod --interval 30s
  webmon asset add https://example.com/ --assert "status == 200 && timing.ttfb < 0.3" --assert 'seo.title contains "Example"'
  webmon asset add https://example.com/api --set availability.expect_status='["204"]' --header "Accept: application/json"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("give at least one URL; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, urls []string) error {
			definition, err := fields.merge()
			if err != nil {
				return err
			}
			if len(fields.tags) > 0 {
				definition["tags"] = fields.tags
			}
			if len(fields.asserts) > 0 {
				definition["assertions"] = assertionsOf(fields.asserts)
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				var added []client.Asset
				var refused error
				for i, address := range urls {
					definition["url"] = address
					a, err := api.CreateAsset(ctx, definition)
					if err != nil { // what was added is printed all the same
						refused = fmt.Errorf("URL %d of %d: %w", i+1, len(urls), explain(ctx, err))
						break
					}
					added = append(added, a)
				}
				if len(added) == 0 {
					return refused
				}
				return errors.Join(printAssets(cmd.OutOrStdout(), format, added), refused)
			})
		},
	}
	fields.add(cmd.Flags())
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}
