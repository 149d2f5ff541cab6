package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/api/client"
)

// watchFlags are the flags of the watch command.
type watchFlags struct {
	tag    string
	every  time.Duration
	format output.Format
}

func newWatchCommand(environ []string) *cobra.Command {
	var flags watchFlags
	cmd := &cobra.Command{
		Use:   "watch [ID...]",
		Short: "follow verdicts and findings live, until Ctrl-C",
		Long: `watch shows which assets are not up, and then each change of a verdict and each
new finding when it comes: of the assets that are named by id, URL or name, of those
with --tag, or of all. It goes on when the API is away for a while.

With -o json it prints an object a line: "at", "id", "url", "name", "before",
"verdict", and the "findings" that are new. CSV and YAML have the same.`,
		Example: `  webmon watch
  webmon watch --tag shop --every 10s
  webmon watch -o json | jq -c 'select(.verdict == "down")'`,
		GroupID: groupClient,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, ids []string) error {
			if flags.every < 100*time.Millisecond {
				return errors.New("--every: give 100ms or more")
			}
			if len(ids) > 0 && flags.tag != "" {
				return errors.New("give ids or --tag, not both")
			}
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				err := flags.watch(ctx, cmd, api, ids)
				if ctx.Err() != nil {
					return nil // as it was asked to
				}
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.tag, "tag", "", "only assets with this tag")
	f.DurationVar(&flags.every, "every", 2*time.Second, "how often to ask the API; more rarely when it takes long")
	addOutputFlag(f, &flags.format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

func (flags *watchFlags) watch(ctx context.Context, cmd *cobra.Command, api *client.Client, given []string) error {
	w := &watcher{api: api, tag: flags.tag, seen: map[string]watched{}}
	for _, one := range given {
		id, err := assetID(ctx, api, one)
		if err != nil {
			return err
		}
		w.ids = append(w.ids, id)
	}
	out := cmd.OutOrStdout()
	printer := newEventPrinter(out, flags.format)
	events, err := w.look(ctx)
	if err != nil {
		return err
	}
	if flags.format == output.Table {
		fmt.Fprintln(out, terminal.NewPainter(out).Faint(fmt.Sprintf("Watching %s. Ctrl-C ends it.", plural(len(w.seen), "asset"))))
	}
	var since time.Time // the API is away; zero: it is not
	for {
		for _, event := range events {
			if err := printer.print(event); err != nil {
				return err
			}
		}
		// A big fleet takes long to list: the API has nine tenths of the time for others.
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(max(flags.every, 9*w.took)):
		}
		if events, err = w.look(ctx); ctx.Err() != nil {
			return nil
		}
		switch {
		case err != nil && since.IsZero():
			since = time.Now()
			fmt.Fprintln(cmd.ErrOrStderr(), "webmon:", explain(ctx, err), "- trying on")
		case err == nil && !since.IsZero():
			fmt.Fprintf(cmd.ErrOrStderr(), "webmon: the API answers again, after %v\n", time.Since(since).Round(time.Second))
			since = time.Time{}
		}
	}
}

// event is what is new of an asset.
type event struct {
	At       time.Time       `json:"at"` // of the check
	ID       string          `json:"id"`
	URL      string          `json:"url"`
	Name     string          `json:"name"`
	Before   plugins.Verdict `json:"before"`
	Verdict  plugins.Verdict `json:"verdict"`
	Findings []plugins.Told  `json:"findings"` // those that the check before did not have
}

// eventPrinter prints events as they come.
type eventPrinter struct {
	out     io.Writer
	paint   terminal.Painter
	machine output.Writer // nil for people
}

func newEventPrinter(out io.Writer, format output.Format) *eventPrinter {
	p := &eventPrinter{out: out, paint: terminal.NewPainter(out)}
	switch format {
	case output.JSON:
		p.machine = output.LineWriter{Out: out} // an array would never end
	case output.YAML, output.CSV:
		p.machine = output.NewWriter(out, format, []string{"at", "id", "url", "name", "before", "verdict", "findings"})
	}
	return p
}

func (p *eventPrinter) print(e event) error {
	if p.machine != nil {
		return p.machine.Write(e)
	}
	change := p.paint.Verdict(e.Verdict)
	if e.Before != "" && e.Before != e.Verdict {
		change = p.paint.Verdict(e.Before) + " → " + change
	}
	label := e.URL
	if e.Name != "" {
		label = e.Name + "  " + e.URL
	}
	if _, err := fmt.Fprintf(p.out, "%s  %s  %s\n", e.At.Local().Format(time.TimeOnly), change, terminal.Printable(label)); err != nil {
		return err
	}
	for i, f := range e.Findings {
		if i == shownFindings {
			fmt.Fprintf(p.out, "          and %d more: webmon asset show %s\n", len(e.Findings)-i, e.ID)
			break
		}
		if _, err := fmt.Fprintf(p.out, "          %s %s: %s\n", p.paint.Severity(f.Severity, string(f.Severity)), f.Plugin, terminal.Printable(f.Message)); err != nil {
			return err
		}
	}
	return nil
}

// shownFindings is how many findings of one event people are shown.
const shownFindings = 5
