package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/signal"
	"strings"
	"syscall"

	"github.com/rs/xid"
	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/roles/api/client"
	"webmon/store/asseturl"
)

// newClient makes the client of all commands that speak to the API.
func newClient(config configs.Config) (*client.Client, error) {
	return client.New(config.Server, config.Token)
}

// withAPI gives work a client of the API.
func withAPI(cmd *cobra.Command, environ []string, work func(context.Context, *client.Client) error) error {
	config, err := loadConfig(cmd, configs.APIClient, environ)
	if err != nil {
		return err
	}
	api, err := newClient(config)
	if err != nil {
		return err
	}
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer forget()
	return explain(ctx, work(ctx, api))
}

// explain makes of an error of the API what helps whoever typed the command. It
// leaves alone what it has made.
func explain(ctx context.Context, err error) error {
	var refusal *client.Problem
	var unreached *url.Error
	switch {
	case errors.As(err, &refusal) && refusal.Status == http.StatusPreconditionFailed:
		return errors.New("the asset was changed by somebody else in the meantime: run the command again")
	case errors.As(err, &refusal) && refusal.Status == http.StatusUnauthorized:
		return fmt.Errorf("%v; give it as WEBMON_TOKEN or --token", refusal)
	case errors.As(err, &refusal):
		return errors.New(refusal.Error()) // what was asked is no news to whoever typed it
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return errors.New("interrupted")
	case errors.As(err, &unreached):
		return fmt.Errorf("%v; start webmon with \"webmon all\", or say with --server where it is", err)
	}
	return err
}

// oneAsset is the Args of commands that are about one asset.
func oneAsset(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give the id of one asset, or its URL or name; see %s --help", cmd.CommandPath())
	}
	return nil
}

// assetID finds the id of the asset that somebody means by an id, a URL or a
// name.
func assetID(ctx context.Context, api *client.Client, given string) (string, error) {
	if isID(given) {
		return given, nil
	}
	a, err := findAsset(ctx, api, given)
	return a.ID, err
}

// findAsset reads the asset that somebody means by an id, a URL or a name.
// Several that are meant are an error, as is none.
func findAsset(ctx context.Context, api *client.Client, given string) (client.Asset, error) {
	if isID(given) {
		return api.Asset(ctx, given)
	}
	address, text := given, given
	if normal, err := asseturl.Normalize(given); err == nil {
		address, text = normal, normal
	}
	var found []client.Asset
	for a, err := range api.Assets(ctx, client.Filter{Text: text}) {
		if err != nil {
			return client.Asset{}, err
		}
		if a.URL == address || a.Name == given {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		return client.Asset{}, fmt.Errorf("no asset has the id, URL or name %q; see webmon asset list", given)
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, a := range found[:min(len(found), 5)] {
		ids = append(ids, a.ID)
	}
	return client.Asset{}, fmt.Errorf("%d assets have the URL or name %q: give the id of one, such as %s", len(found), given, strings.Join(ids, ", "))
}

func isID(text string) bool {
	_, err := xid.FromString(text)
	return err == nil
}
