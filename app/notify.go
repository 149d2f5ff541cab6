package app

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/roles/dispatcher/notify"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/roles/dispatcher/notify/shout"
	"webmon/roles/dispatcher/notify/text"
)

// deliverCommand is the command that sends one message by a service: this
// program, also when its file was replaced meanwhile.
func deliverCommand() []string { return []string{"/proc/self/exe", "notify", "deliver"} }

func newNotifyCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "notify",
		Short:   "try and check who is told of incidents",
		GroupID: groupTools,
		Long: `notify works with an alerts file, which says who is told of incidents, and how. It
needs no running webmon. docs/alerts.md describes the file.`,
		Example: "  webmon notify check --alerts alerts.yaml\n  webmon notify test --alerts alerts.yaml",
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newNotifyTestCommand(environ), newNotifyCheckCommand(environ), &cobra.Command{
		Use:     "deliver",
		Short:   "send the message on standard input; for webmon itself",
		Example: "  webmon notify deliver < message.json",
		Hidden:  true,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return shout.Main(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	})
	return cmd
}

// alertsFile reads the alerts file of a command and makes its channels.
func alertsFile(cmd *cobra.Command, environ []string) (*settings.Settings, map[string]channel.Channel, string, error) {
	config, err := loadConfig(cmd, configs.Alerting, environ)
	if err != nil {
		return nil, nil, "", err
	}
	if config.Alerts == "" {
		return nil, nil, "", errors.New("alerts: no file is given: give --alerts FILE or WEBMON_ALERTS; configs/alerts.example.yaml is one to begin with")
	}
	value := func(name string) string {
		for _, variable := range environ {
			if v, found := strings.CutPrefix(variable, name+"="); found {
				return v
			}
		}
		return ""
	}
	s, err := settings.NewFile(config.Alerts, value).Load()
	if err != nil {
		return nil, nil, "", err
	}
	channels, err := notify.Channels(s, channel.Options{Deny: config.TargetsDeny, Deliver: deliverCommand(), Version: currentBuild().version})
	return s, channels, config.Alerts, err
}

func newNotifyTestCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [CHANNEL...]",
		Short: "send a test message through channels",
		Long: `test sends one message through each of the channels, or through all, and says what
happened. An Alertmanager gets an empty list of alerts, so that nobody is woken.

Exit code: 0 when all were sent, 1 when one was not, 2 when the alerts file cannot
be used.`,
		Example: "  webmon notify test --alerts alerts.yaml\n  webmon notify test mail chat --alerts alerts.yaml",
		RunE: func(cmd *cobra.Command, names []string) error {
			s, channels, _, err := alertsFile(cmd, environ)
			if err != nil {
				return err
			}
			if len(names) == 0 {
				for i := range s.Channels {
					names = append(names, s.Channels[i].Name)
				}
			}
			for _, name := range names {
				if s.Channel(name) == nil {
					return fmt.Errorf("the alerts file has no channel %q", name)
				}
			}
			ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer forget()
			return testChannels(ctx, cmd, s, channels, slices.Compact(slices.Sorted(slices.Values(names))))
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Alerting)
	return cmd
}

func testChannels(ctx context.Context, cmd *cobra.Command, s *settings.Settings, channels map[string]channel.Channel, names []string) error {
	failures := make([]error, len(names))
	var sending sync.WaitGroup
	for i, name := range names {
		sending.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, s.Channel(name).Timeout)
			defer cancel()
			now := time.Now()
			m := &channel.Message{ID: fmt.Sprintf("test.%x.%s", now.UnixNano(), name), Kind: "test", At: now}
			m.Subject, m.Text = text.Test(name)
			failures[i] = channels[name].Send(ctx, m)
		})
	}
	sending.Wait()
	out := newTable(cmd.OutOrStdout())
	var code error
	for i, name := range names {
		said := "sent"
		if failures[i] != nil {
			said, code = "failed: "+failures[i].Error(), exitFinding
		}
		fmt.Fprintf(out, "%s\t%s\n", name, said)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print what happened: %w", err)
	}
	return code
}
