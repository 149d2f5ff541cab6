package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/store"
	"webmon/store/token"
)

// newTokenCommand groups the commands that say who may use the API.
func newTokenCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "token",
		Short:   "say who may use the HTTP API",
		GroupID: groupTools,
		Long: `token makes, lists and revokes the tokens of the HTTP API. It works on Redis
itself: on that of --redis, or on the private one of "webmon all" in --data,
whether it runs or not. So the first token can be made before anybody listens.

As soon as there is a token every request needs one:

  curl -H "Authorization: Bearer $WEBMON_TOKEN" http://127.0.0.1:7700/v1/assets`,
		Example: `  webmon token create --name grafana --scope read --expires 90d
  webmon token list
  webmon token revoke dc1h53hksdu90v2mjc50`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTokenCreateCommand(environ), newTokenListCommand(environ), newTokenRevokeCommand(environ))
	return cmd
}

// tokenJSON is a token in the form that the API gives it.
type tokenJSON struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Scope   token.Scope `json:"scope"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires,omitzero"`
	Used    time.Time   `json:"used,omitzero"`
	Token   string      `json:"token,omitempty"` // only when it is new
}

// tokenFields are the columns of tokens in CSV.
var tokenFields = []string{"id", "name", "scope", "created", "expires", "used"}

func newTokenJSON(t *store.Token) tokenJSON {
	return tokenJSON{ID: t.ID, Name: t.Name, Scope: t.Scope, Created: t.Created, Expires: t.Expires, Used: t.Used}
}

func newTokenCreateCommand(environ []string) *cobra.Command {
	var name, scope, expires string
	var format output.Format
	cmd := &cobra.Command{
		Use:   "create",
		Short: "make a token, and show it this once",
		Long: `create makes a token and prints it, and what is known of it on stderr. Only a
hash of it is stored, so it cannot be shown again.

  read    look at everything but the secrets of assets
  write   also change assets, run checks, decide
  admin   also tokens, snapshots, secrets`,
		Example: `  webmon token create --name ada --scope admin
  WEBMON_TOKEN=$(webmon token create --name grafana --scope read --expires 90d)`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lifetime, err := checkNewToken(name, scope, expires)
			if err != nil {
				return err
			}
			return withStorage(cmd, environ, changeStorage, func(ctx context.Context, st storage) error {
				made, kept, err := st.store.CreateToken(ctx, name, token.Scope(scope), lifetime)
				if err != nil {
					return err
				}
				unsaved := st.save(ctx)
				if format != output.Table {
					view := newTokenJSON(&kept)
					view.Token = made.Reveal()
					err = output.One(cmd.OutOrStdout(), format, append(tokenFields, "token"), view)
				} else {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), made.Reveal())
					fmt.Fprintf(cmd.ErrOrStderr(), "token %s, %s, scope %s, %s; it is not shown again\n", kept.ID, kept.Name, kept.Scope, endText(kept.Expires))
				}
				return errors.Join(err, unsaved)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "what the token is for; decisions made with it bear this name")
	f.StringVar(&scope, "scope", "", "what it allows: read, write or admin")
	f.StringVar(&expires, "expires", "", "for how long it is good, such as 12h or 90d; for ever when not given")
	addOutputFlag(f, &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.Storage)
	return cmd
}

func checkNewToken(name, scope, expires string) (time.Duration, error) {
	if err := store.CheckTokenName(name); err != nil {
		return 0, fmt.Errorf("--name: %w", err)
	}
	if !slices.Contains(token.Scopes, token.Scope(scope)) {
		return 0, fmt.Errorf("--scope: %q is refused: give one of %s", scope, listed(token.Scopes))
	}
	if expires == "" {
		return 0, nil
	}
	var lifetime store.Duration
	if err := lifetime.UnmarshalText([]byte(expires)); err != nil || lifetime <= 0 {
		return 0, fmt.Errorf("--expires: %q is refused: give a duration such as 12h or 90d", expires)
	}
	return time.Duration(lifetime), nil
}

func newTokenListCommand(environ []string) *cobra.Command {
	var format output.Format
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "list the tokens, without their secrets",
		Example: "  webmon token list\n  webmon token list -o csv",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStorage(cmd, environ, changeStorage, func(ctx context.Context, st storage) error {
				tokens, err := st.store.Tokens(ctx)
				if err != nil {
					return err
				}
				if format == output.Table {
					return printTokens(cmd.OutOrStdout(), tokens, time.Now())
				}
				writer := output.NewWriter(cmd.OutOrStdout(), format, tokenFields)
				for i := range tokens {
					if err := writer.Write(newTokenJSON(&tokens[i])); err != nil {
						return err
					}
				}
				return writer.End()
			})
		},
	}
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.Storage)
	return cmd
}

func printTokens(out io.Writer, tokens []store.Token, now time.Time) error {
	if len(tokens) == 0 {
		_, err := fmt.Fprintln(out, "there is no token: the API of this machine is open, and no other starts without --insecure")
		return err
	}
	table := newTable(out)
	fmt.Fprintln(table, "ID\tNAME\tSCOPE\tCREATED\tEXPIRES\tLAST USED")
	for _, t := range tokens {
		expires, used := "never", "never"
		if !t.Expires.IsZero() {
			expires = t.Expires.Local().Format(time.DateTime)
		}
		if t.Expired(now) {
			expires = "expired"
		}
		if !t.Used.IsZero() {
			used = t.Used.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, terminal.Printable(t.Name), t.Scope, t.Created.Local().Format(time.DateTime), expires, used)
	}
	return table.Flush()
}

func newTokenRevokeCommand(environ []string) *cobra.Command {
	var format output.Format
	cmd := &cobra.Command{
		Use:     "revoke ID",
		Short:   "end a token for good, within two seconds",
		Example: "  webmon token revoke dc1h53hksdu90v2mjc50",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give the id of one token; see webmon token list")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStorage(cmd, environ, changeStorage, func(ctx context.Context, st storage) error {
				if err := st.store.RevokeToken(ctx, args[0]); errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("there is no token with the id %q; see webmon token list", args[0])
				} else if err != nil {
					return err
				}
				unsaved := st.save(ctx)
				text := "revoked"
				if left, err := st.store.Tokens(ctx); err == nil && len(left) == 0 {
					text = "revoked, and no token is left: an API that others can reach lets nobody in, one on loopback everybody"
				}
				if format != output.Table {
					err := output.One(cmd.OutOrStdout(), format, []string{"revoked"}, map[string]any{"revoked": args[0]})
					return errors.Join(err, unsaved)
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
				return errors.Join(err, unsaved)
			})
		},
	}
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.Storage)
	return cmd
}

// endText says until when a token is good.
func endText(expires time.Time) string {
	if expires.IsZero() {
		return "good for ever"
	}
	return "good until " + expires.Local().Format(time.DateTime)
}
