package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/app/terminal"
	"webmon/configs"
	"webmon/roles/api/client"
)

// newIncidentsCommand groups the commands that are about incidents.
func newIncidentsCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "incidents",
		Short: "list incidents, and say who looks after them",
		Long: `incidents asks the HTTP API of a running webmon, at --server, about incidents: times
in which an asset was bad, and not only once.

Where an ID is asked for, the id, the URL or the name of an asset means its open
incident. An incident's own id has a "!": put it into single quotes.`,
		GroupID: groupClient,
		Example: `  webmon incidents list
  webmon incidents ack https://example.com/ --note "I am on it"
  webmon incidents show 'dc1h53hksdu90v2mjc50!1f'`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newIncidentListCommand(environ),
		newIncidentShowCommand(environ),
		newHandCommand(environ, "ack", "say that somebody looks after an incident",
			"ack acknowledges an open incident: nobody is reminded of it any more.", (*client.Client).AcknowledgeIncident),
		newHandCommand(environ, "close", "close an incident by hand",
			"close closes an open incident. If its asset is still bad, a new one opens after as many\nbad checks as always.", (*client.Client).CloseIncident),
	)
	return cmd
}

func newIncidentListCommand(environ []string) *cobra.Command {
	var flags listFlags
	var filter client.IncidentFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list incidents: the open ones, then those that closed lately",
		Example: `  webmon incidents list
  webmon incidents list --state open --severity critical
  webmon incidents list --asset https://example.com/ -o json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				filter := filter
				if filter.Asset != "" {
					var err error
					if filter.Asset, err = assetID(ctx, api, filter.Asset); err != nil {
						return err
					}
				}
				out := cmd.OutOrStdout()
				k := incidentKind(out, time.Now())
				if filter != (client.IncidentFilter{}) {
					k.none = "No incident is like that; webmon incidents list shows all."
				}
				return printList(out, flags, k, api.Incidents(ctx, filter))
			})
		},
	}
	flags.add(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&filter.State, "state", "", "only incidents that are open, or closed")
	f.StringVar((*string)(&filter.Severity), "severity", "", "only incidents of this severity: warning, critical")
	f.StringVar(&filter.Tag, "tag", "", "only incidents whose asset had this tag")
	f.StringVar(&filter.Asset, "asset", "", "only incidents of this asset, by id, URL or name")
	complete(cmd, "state", []string{"open", "closed"})
	complete(cmd, "severity", []string{"warning", "critical"})
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

func newIncidentShowCommand(environ []string) *cobra.Command {
	var format output.Format
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "show an incident",
		Example: "  webmon incidents show https://example.com/\n  webmon incidents show 'dc1h53hksdu90v2mjc50!1f' -o yaml",
		Args:    oneIncident,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				id, err := incidentID(ctx, api, args[0])
				if err != nil {
					return err
				}
				i, err := api.Incident(ctx, id)
				if err != nil {
					return err
				}
				return printIncident(cmd.OutOrStdout(), format, &i)
			})
		},
	}
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(cmd.Flags(), configs.APIClient)
	return cmd
}

// newHandCommand makes a command by which somebody does something with an incident.
func newHandCommand(environ []string, name, short, long string, do func(*client.Client, context.Context, string, client.Author) (client.Incident, error)) *cobra.Command {
	var author client.Author
	var format output.Format
	cmd := &cobra.Command{
		Use: name + " ID", Short: short, Long: long,
		Example: fmt.Sprintf("  webmon incidents %[1]s https://example.com/ --note \"why\"\n  webmon incidents %[1]s 'dc1h53hksdu90v2mjc50!1f'", name),
		Args:    oneIncident,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAPI(cmd, environ, func(ctx context.Context, api *client.Client) error {
				id, err := incidentID(ctx, api, args[0])
				if err != nil {
					return err
				}
				author.By = cmp.Or(author.By, systemUser())
				i, err := do(api, ctx, id, author)
				if err != nil {
					return err
				}
				return printIncident(cmd.OutOrStdout(), format, &i)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&author.By, "by", "", "who says so; default the user of the operating system")
	f.StringVar(&author.Note, "note", "", "why")
	addOutputFlag(f, &format)
	complete(cmd, "output", output.Formats)
	configs.AddFlags(f, configs.APIClient)
	return cmd
}

// oneIncident is the Args of commands that are about one incident.
func oneIncident(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give the id of one incident, or the id, URL or name of its asset; see %s --help", cmd.CommandPath())
	}
	return nil
}

// incidentID finds the id of the incident that somebody means: by its own, or by
// what its asset is known by.
func incidentID(ctx context.Context, api *client.Client, given string) (string, error) {
	if asset, _, own := strings.Cut(given, "!"); own && isID(asset) {
		return given, nil
	}
	a, err := findAsset(ctx, api, given)
	if err != nil {
		return "", err
	}
	if a.Incident == "" {
		return "", fmt.Errorf("%s has no open incident; see webmon incidents list --asset %s", a.Label(), a.ID)
	}
	return a.Incident, nil
}

// incidentKind says how incidents are printed.
func incidentKind(out io.Writer, now time.Time) kind[client.Incident] {
	paint := terminal.NewPainter(out)
	return kind[client.Incident]{
		fields: []string{
			"id", "asset", "name", "url", "tags", "state", "verdict", "severity", "reason", "opened", "closed", "checks", "flaps", "muted", "remind",
			"acknowledged", "closed_why", "closed_by",
		},
		head: []string{"ID", "STATE", "SEVERITY", "VERDICT", "OPENED", "ASSET", "REASON"},
		row: func(i client.Incident) []output.Cell {
			state := i.State
			if i.State == "open" && i.Acknowledged != nil {
				state = "acknowledged"
			}
			return []output.Cell{
				output.Whole(i.ID), output.Whole(state), severityCell(paint, &i), verdictCell(paint, i.Verdict), output.Whole(output.Ago(i.Opened, now)),
				output.Text(i.Label()), output.Text(i.Reason),
			}
		},
		none: "No incident: nothing was bad, and not only once.",
	}
}

func severityCell(paint terminal.Painter, i *client.Incident) output.Cell {
	return output.Cell{Text: string(i.Severity), Whole: true, Paint: func(text string) string { return paint.Severity(i.Severity, text) }}
}

// printIncident prints one incident. What there is nothing to say of is left out.
func printIncident(out io.Writer, format output.Format, i *client.Incident) error {
	now := time.Now()
	if format != output.Table {
		return output.One(out, format, incidentKind(out, now).fields, i)
	}
	paint := terminal.NewPainter(out)
	var rows [][2]output.Cell
	add := func(name string, cell output.Cell) {
		if cell.Text != "" {
			rows = append(rows, [2]output.Cell{{Text: name, Paint: paint.Faint}, cell})
		}
	}
	when := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return output.Ago(at, now) + " (" + at.Local().Format(time.DateTime) + ")"
	}
	add("id", output.Text(i.ID))
	add("asset", output.Text(i.Asset))
	add("name", output.Text(i.Name))
	add("url", output.Text(i.URL))
	add("tags", output.Text(strings.Join(i.Tags, " ")))
	add("state", output.Text(i.State))
	add("severity", severityCell(paint, i))
	add("verdict", verdictCell(paint, i.Verdict))
	add("reason", output.Text(i.Reason))
	add("opened", output.Text(when(i.Opened)))
	add("bad checks", output.Text(fmt.Sprint(i.Checks)))
	if i.Flaps > 0 {
		add("came back", output.Text(plural(int(i.Flaps), "time")))
	}
	if i.Muted {
		add("muted", output.Text("nobody is told"))
	}
	add("reminders every", output.Text(i.Remind))
	if a := i.Acknowledged; a != nil {
		add("acknowledged", output.Text(when(a.At)+" by "+a.By))
		add("note", output.Text(a.Note))
	}
	add("closed", output.Text(when(i.Closed)))
	add("why", output.Text(i.ClosedWhy))
	add("closed by", output.Text(i.ClosedBy))
	for _, n := range i.Notices {
		said := fmt.Sprintf("%s to %s, %s", n.State, n.Channel, when(n.At))
		if n.Error != "" {
			said += ": " + n.Error
		}
		add(n.Kind, output.Text(said))
	}
	return output.PrintFields(out, rows)
}
