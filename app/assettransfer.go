package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/configs"
	"webmon/roles/api/client"
)

// The formats of imports and exports, and their content types.
var transferTypes = map[string]string{"csv": "text/csv", "json": "application/json", "txt": "text/plain"}

var transferFormats = []string{"csv", "json", "txt"}

func newImportCommand(environ []string) *cobra.Command {
	var typed string
	var format output.Format
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "make assets of a file: CSV, JSON or a URL a line",
		Long: `import makes an asset of each row of a file, at most 100,000. The name of the file
says what it is, .csv, .json or .txt, or --format does; - is the standard input.

A row is taken or refused as a whole, and refused ones are listed. It only adds:
twice the same file watches everything twice. webmon apply does not.

Exit code: 0 when every row was taken, 1 when some were refused, 2 when nothing
was imported.`,
		Example: "  webmon asset import assets.csv\n  grep ^https urls.log | webmon asset import - --format txt",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give one file, or - for the standard input; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if typed == "" {
				typed = strings.TrimPrefix(strings.ToLower(filepath.Ext(args[0])), ".")
			}
			if transferTypes[typed] == "" {
				return fmt.Errorf("say with --format what %s is: %s", args[0], strings.Join(transferFormats, ", "))
			}
			file := cmd.InOrStdin()
			if args[0] != "-" {
				opened, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("import: %w", err)
				}
				defer opened.Close()
				file = opened
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				done, err := api.Import(ctx, transferTypes[typed], file)
				if err != nil {
					return err
				}
				if err := printImported(cmd.OutOrStdout(), format, done); err != nil {
					return err
				}
				switch {
				case len(done.Refused) > 0 && done.Imported == 0:
					return exitFailed
				case len(done.Refused) > 0:
					return exitFinding
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&typed, "format", "", "what the file is: "+strings.Join(transferFormats, ", "))
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "format", transferFormats)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

func printImported(out io.Writer, format output.Format, done client.Imported) error {
	if format != output.Table {
		if format == output.CSV {
			writer := output.NewWriter(out, format, []string{"row", "url", "error"})
			for _, row := range done.Refused {
				if err := writer.Write(row); err != nil {
					return err
				}
			}
			return writer.End()
		}
		return output.One(out, format, nil, done)
	}
	fmt.Fprintf(out, "%d imported, %d refused\n", done.Imported, len(done.Refused))
	if len(done.Refused) == 0 {
		return nil
	}
	var rows [][]output.Cell
	for _, row := range done.Refused[:min(len(done.Refused), peopleLimit)] {
		rows = append(rows, []output.Cell{output.Text(fmt.Sprint(row.Row)), output.Text(row.URL), output.Text(row.Error)})
	}
	err := output.Print(out, []string{"ROW", "URL", "WHY NOT"}, rows)
	if left := len(done.Refused) - len(rows); left > 0 {
		fmt.Fprintf(out, "and %d more: -o csv lists all\n", left)
	}
	return err
}

func newExportCommand(environ []string) *cobra.Command {
	var filter client.Filter
	var format, file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write assets in a form that can be imported",
		Long: `export writes what people say of assets, without what the checks say: csv, json, or
txt, which has the URLs only. Passwords and tokens are in it.`,
		Example: "  webmon asset export > assets.json\n  webmon asset export --tag shop --format csv --file shop.csv",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(transferFormats, format) {
				return fmt.Errorf("--format: give %s", strings.Join(transferFormats, ", "))
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				if file == "" {
					return api.Export(ctx, filter, format, cmd.OutOrStdout())
				}
				return exportFile(ctx, api, filter, format, file)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "json", "how to write it: "+strings.Join(transferFormats, ", "))
	cmd.Flags().StringVar(&file, "file", "", "write to this file, which only its owner may read")
	addFilterFlags(cmd, &filter)
	complete(cmd, "format", transferFormats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

// exportFile writes a whole export to a file, or leaves the file as it was.
func exportFile(ctx context.Context, api *client.Client, filter client.Filter, format, path string) error {
	part, err := os.CreateTemp(filepath.Dir(path), ".webmon-export-*")
	if err != nil {
		return fmt.Errorf("--file: %w", err)
	}
	defer os.Remove(part.Name()) // gone already when all went well
	if err := errors.Join(api.Export(ctx, filter, format, part), part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("--file: %w", err)
	}
	return nil
}
