package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/store"
	"webmon/store/backup"
)

func newBackupCommand(environ []string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "write all that webmon keeps into a file",
		Long: `backup writes assets, results, what the plugins remember and what was decided into
one file, which "webmon restore" reads on any machine and with any Redis. webmon may
be running: each asset is as of one moment between the beginning and the end.
Without --redis it uses the Redis that all runs, or ran, in --data.

Passwords and tokens of assets are in the file as they were given. Only its owner
may read it; treat it as a secret. FILE is replaced when all is written, not
before. - stands for standard output.`,
		Example: `  webmon backup webmon.backup
  webmon backup --redis redis://db:6379 - | ssh vault 'cat > webmon.backup'`,
		GroupID: groupTools,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStorage(cmd, environ, readStorage, func(ctx context.Context, st storage) error {
				summary := backupSummary{File: args[0], Format: backup.Format, began: time.Now()}
				shown := newProgress(cmd.ErrOrStderr(), "written")
				err := writeWhole(args[0], cmd.OutOrStdout(), func(w io.Writer) (err error) {
					summary.Header = backup.Header{Webmon: currentBuild().version, Created: time.Now().UTC().Truncate(time.Second)}
					counting := &countingWriter{w: w}
					summary.Counts, err = backup.Write(ctx, st.store, counting, summary.Header, shown.assets)
					summary.Bytes = counting.n
					return err
				})
				shown.end()
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				out := cmd.OutOrStdout()
				if args[0] == "-" {
					out = cmd.ErrOrStderr()
				}
				return summary.print(out, "wrote", asJSON)
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Storage)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary as JSON")
	return cmd
}

func newRestoreCommand(environ []string) *cobra.Command {
	var asJSON, replace bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "bring back what a backup holds",
		Long: `restore reads a file of "webmon backup", checks all of it, and only then writes it
into Redis. webmon must not be running there. Afterwards nothing else of webmon
is left in that Redis, under that --prefix; jobs are not brought back, the
schedule makes new ones. Without --redis it uses the Redis of all, in --data.

A Redis that holds assets is refused without --replace. When a restore was
interrupted, no role starts until it was run again. - stands for standard input.`,
		Example: `  webmon restore webmon.backup
  webmon restore --redis redis://db:6379 --replace webmon.backup`,
		GroupID: groupTools,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			began := time.Now()
			source, err := openSource(args[0], cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("restore: %w", err)
			}
			defer source.Close()
			file, err := backup.Check(source, source.size)
			if err != nil {
				return fmt.Errorf("restore %s: %w", args[0], err)
			}
			return withStorage(cmd, environ, ownStorage, func(ctx context.Context, st storage) error {
				shown := newProgress(cmd.ErrOrStderr(), fmt.Sprintf("of %d restored", file.Counts.Assets))
				err := file.Restore(ctx, st.store, store.RestoreOptions{Name: processName(), Replace: replace, Alone: st.alone}, shown.assets)
				shown.end()
				if errors.Is(err, store.ErrHoldsAssets) {
					err = fmt.Errorf("%w: give --replace to delete them, or another --redis, --data or --prefix", err)
				}
				if err == nil && !st.alone {
					err = st.save(ctx)
				}
				if err != nil {
					return fmt.Errorf("restore %s: %w", args[0], err)
				}
				summary := backupSummary{File: args[0], Format: backup.Format, Header: file.Header, Counts: file.Counts, Bytes: file.Size, began: began}
				return summary.print(cmd.OutOrStdout(), "restored", asJSON)
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Storage)
	cmd.Flags().BoolVar(&replace, "replace", false, "delete what the Redis holds of webmon first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary as JSON")
	return cmd
}

// oneFile is the Args of commands that take the name of a file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return fmt.Errorf("give the name of one file, or -; see %s --help", cmd.CommandPath())
	}
	return nil
}
