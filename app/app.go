// Package app puts webmon's processes together. It is the only package that
// knows all the others: each command turns its configuration into the options
// of the roles, and its errors into an exit code.
package app

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"webmon/configs"
)

// The groups of commands in --help.
const (
	groupRoles  = "roles"
	groupClient = "client"
	groupTools  = "tools"
)

// exitCode is an error that only sets the exit code: everything worth saying
// has been said.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

const (
	exitFinding exitCode = 1 // check or run found something, import refused a row
	exitFailed  exitCode = 2 // the command could not do its work
	exitDiffers exitCode = 3 // apply --dry-run would change something
)

// Main runs the command that the process' arguments name and returns its exit
// code.
func Main() int {
	// net/http writes to this log what odd servers do, up to a line for each
	// frame they send. A target must not be able to fill a disk.
	log.SetOutput(io.Discard)
	return run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

func run(args, environ []string, stdout, stderr io.Writer) int {
	root := newRoot(environ)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	// One line, whatever a library's error looks like: it ends in logs.
	fmt.Fprintln(stderr, "webmon:", strings.Join(strings.Fields(err.Error()), " "))
	return int(exitFailed)
}

// newRoot builds the tree of commands. environ is the process' environment.
func newRoot(environ []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "webmon",
		Short: "watch web pages and tell when they change more than they should",
		Long: `webmon watches web pages: every check fetches a page once, lets all plugins look
at it, and keeps statistics for each page. "webmon all" runs everything in one
process; api, dispatcher and executor are its parts, to be run on their own.`,
		Example: `  webmon all
  webmon check https://example.com/`,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddGroup(
		&cobra.Group{ID: groupRoles, Title: "Roles:"},
		&cobra.Group{ID: groupClient, Title: "Use a running webmon:"},
		&cobra.Group{ID: groupTools, Title: "Tools:"},
	)
	root.SetHelpCommandGroupID(groupTools)
	root.SetCompletionCommandGroupID(groupTools)
	root.AddCommand(newRoleCommands(environ)...)
	root.AddCommand(
		newApplyCommand(environ),
		newAssetCommand(environ),
		newBacktestCommand(environ),
		newBackupCommand(environ),
		newCheckCommand(),
		newConfigCommand(environ),
		newDemoCommand(),
		newIncidentsCommand(environ),
		newKeygenCommand(),
		newNotifyCommand(environ),
		newOpenAPICommand(),
		newPluginsCommand(),
		newRestoreCommand(environ),
		newResultsCommand(environ),
		newRunCommand(environ),
		newSnapshotCommand(environ),
		newStatsCommand(environ),
		newStatusCommand(environ),
		newTokenCommand(environ),
		newVersionCommand(),
		newWatchCommand(environ),
	)
	return root
}

// knownCommand refuses what cobra took for the root's own arguments: a command
// that does not exist.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2 // cobra sets it only in its own message
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
	}
	return fmt.Errorf("unknown command %q%s; see %s --help", args[0], hint, cmd.CommandPath())
}

// noArguments is the Args of commands that take none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s does not take the argument %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}

// plural counts things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// listed names the words that are possible.
func listed[T ~string](words []T) string {
	names := make([]string, len(words))
	for i, word := range words {
		names[i] = string(word)
	}
	return strings.Join(names, ", ")
}

// loadConfig reads the configuration of a command whose flags were added with
// [configs.AddFlags] for the same role.
func loadConfig(cmd *cobra.Command, role configs.Role, environ []string) (configs.Config, error) {
	return configs.Load(configs.Sources{
		Role:    role,
		Version: currentBuild().version,
		Flags:   cmd.Flags(),
		Environ: environ,
	})
}
