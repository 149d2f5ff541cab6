package app

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"webmon/configs"
)

func newConfigCommand(environ []string) *cobra.Command {
	var (
		role  string
		check bool
	)
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "print the effective configuration",
		GroupID: groupTools,
		Long: `config prints the settings in force as YAML, with passwords masked: flags win
over WEBMON_ variables, those over the file, the file over the defaults. It has
the form of the file.`,
		Example: `  webmon config
  webmon config --config /etc/webmon/webmon.yaml --check
  webmon config --role executor --redis redis://db:6379 --in-flight 1000`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(configs.Roles, configs.Role(role)) {
				return fmt.Errorf("--role: %q is refused: give one of %s", role, listed(configs.Roles))
			}
			config, err := loadConfig(cmd, configs.Role(role), environ)
			if err != nil {
				return err
			}
			if _, err := newGuard(config); err != nil {
				return err
			}
			if check {
				if _, err := wireAccess(config, configs.Role(role), nil); err != nil {
					return err
				}
				return printChecked(cmd, config)
			}
			text, err := config.YAML(true)
			if err != nil {
				return fmt.Errorf("write configuration: %w", err)
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	configs.AddFlags(cmd.Flags(), configs.All)
	cmd.Flags().StringVar(&role, "role", string(configs.All), "whose defaults apply: api, dispatcher, executor or all")
	cmd.Flags().BoolVar(&check, "check", false, "only tell whether the configuration is good")
	return cmd
}

func printChecked(cmd *cobra.Command, config configs.Config) error {
	used := config.File
	if used == "" {
		used = "no file, only flags, environment and defaults"
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "ok: %s\n", used)
	return err
}
