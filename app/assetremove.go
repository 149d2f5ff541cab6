package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"webmon/app/terminal"
	"webmon/configs"
	"webmon/roles/api/client"
)

func newRemoveCommand(environ []string) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "delete assets, with all their results",
		Long: `rm deletes assets and all that is known of them. It asks before, on a terminal;
elsewhere it needs --yes. An asset that somebody changes meanwhile is kept.`,
		Example: "  webmon asset rm dc1h53hksdu90v2mjc50\n  webmon asset rm --yes https://example.com/ \"Old shop\"",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("give the id of at least one asset, or its URL or name; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				var assets []client.Asset
				for _, arg := range args { // all are known before any is deleted
					a, err := findAsset(ctx, api, arg)
					if err != nil {
						return err
					}
					if !slices.ContainsFunc(assets, func(b client.Asset) bool { return b.ID == a.ID }) { // it may be named twice
						assets = append(assets, a)
					}
				}
				question := fmt.Sprintf("Delete %d assets with all their results?", len(assets))
				if len(assets) == 1 {
					question = fmt.Sprintf("Delete %s with all its results?", terminal.Printable(assets[0].Label()))
				}
				if err := confirm(cmd, yes, question); err != nil {
					return err
				}
				for _, a := range assets {
					if err := api.DeleteAsset(ctx, a.ID, a.Revision); err != nil {
						return err
					}
					if _, err := fmt.Fprintln(cmd.OutOrStdout(), "deleted", a.ID, terminal.Printable(a.Label())); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}
