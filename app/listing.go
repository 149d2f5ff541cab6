package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"webmon/app/output"
	"webmon/app/terminal"
)

// peopleLimit is how much of a list people are shown unless they ask for more.
const peopleLimit = 100

// listFlags are the flags of commands that print a list.
type listFlags struct {
	format output.Format
	limit  int
}

func (flags *listFlags) add(f *pflag.FlagSet) {
	addOutputFlag(f, &flags.format)
	f.IntVar(&flags.limit, "limit", 0, fmt.Sprintf("print at most so many; default %d in a table, and all in the other formats", peopleLimit))
}

// addOutputFlag adds the flag --output, which is the same everywhere.
func addOutputFlag(f *pflag.FlagSet, format *output.Format) {
	*format = output.Table
	f.VarP(format, "output", "o", "how to print it: "+strings.Join(output.Formats, ", "))
}

// kind says how things of a type are printed: rows with a head in a table, and
// fields of their JSON in CSV.
type kind[T any] struct {
	fields []string
	head   []string
	row    func(T) []output.Cell
	none   string // what to say instead of an empty table
}

// all is a list that has been read whole.
func all[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// printList prints a list while it is read.
func printList[T any](out io.Writer, flags listFlags, k kind[T], things iter.Seq2[T, error]) error {
	if flags.limit < 0 {
		return errors.New("--limit: give a number from 1")
	}
	if flags.format == output.Table {
		return printTable(out, flags.limit, k, things)
	}
	n, writer := 0, output.NewWriter(out, flags.format, k.fields)
	for thing, err := range things {
		if err == nil {
			err = writer.Write(thing)
		}
		if err != nil {
			return err
		}
		if n++; n == flags.limit {
			break
		}
	}
	return writer.End()
}

func printTable[T any](out io.Writer, limit int, k kind[T], things iter.Seq2[T, error]) error {
	if limit == 0 {
		limit = peopleLimit
	}
	var rows [][]output.Cell
	more := false
	for thing, err := range things {
		if err != nil {
			return err
		}
		if more = len(rows) == limit; more {
			break
		}
		rows = append(rows, k.row(thing))
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, k.none)
		return err
	}
	if err := output.Print(out, k.head, rows); err != nil || !more {
		return err
	}
	_, err := fmt.Fprintln(out, terminal.NewPainter(out).Faint(fmt.Sprintf("There are more than these %d: --limit %d shows more.", limit, 10*limit)))
	return err
}

// confirm asks whoever types whether to go on, unless yes says so already. No
// is the error exitFailed, which has been said.
func confirm(cmd *cobra.Command, yes bool, question string) error {
	if yes {
		return nil
	}
	in := cmd.InOrStdin()
	if !terminal.Is(in) {
		return errors.New("nobody is here to ask: give --yes")
	}
	errOut := cmd.ErrOrStderr()
	fmt.Fprintf(errOut, "%s [y/N] ", question)
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	fmt.Fprintln(errOut, "nothing was changed")
	return exitFailed
}
