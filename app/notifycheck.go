package app

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/plugins"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

func newNotifyCheckCommand(environ []string) *cobra.Command {
	var tags []string
	var severity, verdict string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "check the alerts file, and say whither an incident would go",
		Long: `check tells whether the alerts file can be used, and to which channels an incident
goes now whose asset has the tags of --tag. It sends nothing.

Exit code: 0 when the file can be used, 2 when it cannot.`,
		Example: "  webmon notify check --alerts alerts.yaml --tag prod --tag shop --severity critical --verdict down",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(store.DefaultOn, plugins.Verdict(verdict)) {
				return fmt.Errorf("--verdict: %q is refused: give one of %s", verdict, listed(store.DefaultOn))
			}
			if severity != string(plugins.Warning) && severity != string(plugins.Critical) {
				return fmt.Errorf("--severity: %q is refused: give warning or critical", severity)
			}
			s, _, file, err := alertsFile(cmd, environ)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			_, err = fmt.Fprintf(out, "ok: %s: channels %d, routes %d, maintenance windows %d\n", file, len(s.Channels), len(s.Routes), len(s.Windows))
			if err == nil {
				err = printRoute(out, s, tags, plugins.Severity(severity), plugins.Verdict(verdict), time.Now())
			}
			return err
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Alerting)
	f := cmd.Flags()
	f.StringSliceVar(&tags, "tag", nil, "a tag of the asset; may be given several times")
	f.StringVar(&severity, "severity", string(plugins.Critical), "severity of the incident: warning or critical")
	f.StringVar(&verdict, "verdict", string(plugins.Down), "verdict of the incident: degraded, changed, inconclusive or down")
	return cmd
}

// printRoute prints whither an incident goes.
func printRoute(out io.Writer, s *settings.Settings, tags []string, severity plugins.Severity, verdict plugins.Verdict, now time.Time) error {
	fmt.Fprintf(out, "\nAn incident that is %s and %s, of an asset with the tags %q, goes to:\n", severity, verdict, tags)
	routed := s.Route(tags, severity, verdict)
	if len(routed) == 0 {
		_, err := fmt.Fprintln(out, "  nobody: no route takes it")
		return err
	}
	t := newTable(out)
	for _, r := range routed {
		remind := "no reminders"
		if r.Route.Remind > 0 {
			remind = "reminders every " + store.Duration(r.Route.Remind).String()
		}
		fmt.Fprintf(t, "  %s\tby %s\tone message from %d on within %s\t%s\n", r.Channel.Name, r.Route.Name, r.Route.GroupAt, store.Duration(r.Route.GroupWait), remind)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if w, until := s.Maintained(tags, now); w != nil {
		fmt.Fprintf(out, "but not before %s: the maintenance window %s is open\n", until.Format(time.RFC3339), w.Name)
	}
	return nil
}
