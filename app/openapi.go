package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"webmon/roles/api"
)

func newOpenAPICommand() *cobra.Command {
	var server string
	cmd := &cobra.Command{
		Use:     "openapi",
		Short:   "print the description of the HTTP API",
		GroupID: groupTools,
		Long: `openapi prints the OpenAPI 3.1 document of the HTTP API, as a running webmon has
it at /openapi.json: for linters, for generators of clients and for API tools.
Nothing needs to run.`,
		Example: `  webmon openapi > webmon.openapi.json
  webmon openapi --server https://webmon.example/`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if u, err := url.Parse(server); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
				return errors.New("--server is refused: give the address of a webmon, such as https://webmon.example, without a password")
			}
			document, err := api.Document(currentBuild().version, server)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			if err := json.Indent(&text, document, "", "  "); err != nil {
				return fmt.Errorf("indent the document: %w", err)
			}
			text.WriteByte('\n')
			_, err = cmd.OutOrStdout().Write(text.Bytes())
			return err
		},
	}
	cmd.Flags().StringVar(&server, "server", "http://127.0.0.1:7700", "`url` where the document says that the API is")
	return cmd
}
