package app

import "github.com/spf13/cobra"

// newAssetCommand groups the commands that are about assets of a running
// webmon.
func newAssetCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "asset",
		Short: "add, list and change the assets of a running webmon, and say what is normal",
		Long: `asset asks the HTTP API of a running webmon, at --server, about its assets.

Where an ID is asked for, the URL or the name does, too, as long as only one
asset has it.`,
		GroupID: groupClient,
		Example: `  webmon asset add https://example.com/ --name Example --tag prod --interval 30s
  webmon asset list --verdict down
  webmon asset accept https://example.com/ --note "new design"`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newAddCommand(environ),
		newListCommand(environ),
		newShowCommand(environ),
		newEditCommand(environ),
		newRemoveCommand(environ),
		newImportCommand(environ),
		newExportCommand(environ),
		newAcceptCommand(environ),
		newNeverCommand(environ),
		newResetCommand(environ),
		newDecisionsCommand(environ),
	)
	return cmd
}
