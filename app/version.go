package app

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"webmon/zmqwire"
)

// Set by the linker (see the Makefile); empty in a plain "go build".
var version, commit string

// build says which webmon this is.
type build struct{ version, commit string }

func currentBuild() build {
	b := build{version: version, commit: commit}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.version == "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	if b.version == "" {
		b.version = "dev"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && b.commit == "" {
			b.commit = setting.Value
		}
	}
	if b.commit == "" {
		b.commit = "unknown"
	}
	return b
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "print the versions of webmon, Go and libzmq",
		GroupID: groupTools,
		Example: "  webmon version",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := currentBuild()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "webmon %s\ncommit %s\ngo     %s\nlibzmq %s\n",
				b.version, b.commit, runtime.Version(), zmqwire.Version())
			return err
		},
	}
}
