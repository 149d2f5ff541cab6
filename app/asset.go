package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"webmon/app/client"
	"webmon/configs"
)

// newAssetCommand groups the commands that ask a running webmon about one of
// its assets.
func newAssetCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "asset",
		Short:   "say of an asset of a running webmon what is normal",
		Long:    "asset asks the HTTP API of a running webmon, at --server, about one of its assets.",
		GroupID: groupTools,
		Example: `  webmon asset accept dc1h53hksdu90v2mjc50
  webmon asset decisions dc1h53hksdu90v2mjc50 --server http://webmon:7700`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newAcceptCommand(environ),
		newNeverCommand(environ),
		newResetCommand(environ),
		newDecisionsCommand(environ),
	)
	return cmd
}

// oneAsset is the Args of commands that take the id of an asset.
func oneAsset(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give the id of one asset; see %s --help", cmd.CommandPath())
	}
	return nil
}

// withAPI gives work a client of the API.
func withAPI(cmd *cobra.Command, environ []string, work func(context.Context, *client.Client) error) error {
	config, err := loadConfig(cmd, configs.APIClient, environ)
	if err != nil {
		return err
	}
	api, err := client.New(config.Server, config.Token)
	if err != nil {
		return err
	}
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer forget()
	err = work(ctx, api)
	var refusal *client.Problem
	var unreached *url.Error
	switch {
	case errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized && config.Token == "":
		return fmt.Errorf("%w; give it as WEBMON_TOKEN or --token", refusal)
	case errors.As(err, &refusal):
		return refusal // what was asked is no news to whoever typed it
	case errors.As(err, &unreached) && ctx.Err() == nil:
		return fmt.Errorf("%w; is webmon running there? --server says where to ask", err)
	}
	return err
}

// printAnswer prints an answer of the API as JSON.
func printAnswer(out io.Writer, answer any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
}
