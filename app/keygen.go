package app

import (
	"fmt"

	"github.com/spf13/cobra"

	"webmon/zmqwire/keys"
)

func newKeygenCommand() *cobra.Command {
	var out, public string
	cmd := &cobra.Command{
		Use:     "keygen",
		Short:   "make a key for the connections between the roles",
		GroupID: groupTools,
		Long: `keygen makes a key pair in a file that only its owner can read, and prints the
public key. A file that exists is never overwritten.

The simplest way is one key for all: copy the file to every machine and start
every role with --key FILE. With a key for each process one that is stolen opens
little: give the others the dispatcher's public key as --server-key, and the
dispatcher a list as --allowed-keys, with a line for each of the others:

  # name      public key            rights: of push, pull and control; all when none is given
  api         PUBLIC KEY            push
  executor-1  PUBLIC KEY            pull
  ada         PUBLIC KEY            control`,
		Example: `  webmon keygen --out dispatcher.key > dispatcher.pub
  webmon keygen --public executor.key`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := keygen(out, public)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), key)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "webmon.key", "file to make")
	cmd.Flags().StringVar(&public, "public", "", "make nothing: print the public key of this file")
	cmd.MarkFlagsMutuallyExclusive("out", "public")
	return cmd
}

// keygen makes a key file, or reads the one that is given.
func keygen(out, public string) (keys.Public, error) {
	if public != "" {
		pair, err := keys.ReadPair(public)
		return pair.Public(), err
	}
	pair, err := keys.Generate()
	if err != nil {
		return keys.Public{}, err
	}
	return pair.Public(), pair.Write(out)
}
