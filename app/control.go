package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/output"
	"webmon/configs"
	"webmon/roles/dispatcher"
	"webmon/zmqwire"
)

// controlTimeout bounds one question on the control channel.
const controlTimeout = 10 * time.Second

func newStatusCommand(environ []string) *cobra.Command {
	var format output.Format
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "ask a dispatcher how it is",
		Long:    "status asks a dispatcher, by its control channel, what it does and how many jobs wait.",
		Example: "  webmon status\n  webmon status -o json | jq .queued\n  webmon status --control tcp://dispatcher:7703 --key webmon.key",
		GroupID: groupClient,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withControl(cmd, environ, func(ctx context.Context, ask asker) error {
				if format != output.Table {
					reply, err := ask(ctx, "STATUS")
					if err != nil {
						return err
					}
					return output.One(cmd.OutOrStdout(), format, statusFields, reply)
				}
				var status dispatcher.Status
				if err := askFor(ctx, ask, "STATUS", &status); err != nil {
					return err
				}
				return printStatus(cmd.OutOrStdout(), status)
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Client)
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	return cmd
}

func newSnapshotCommand(environ []string) *cobra.Command {
	var timeout time.Duration
	var format output.Format
	cmd := &cobra.Command{
		Use:     "snapshot",
		Short:   "have Redis save its data now",
		Long:    "snapshot asks a dispatcher, by its control channel, to have Redis write a snapshot, and\nwaits until it is written.",
		Example: "  webmon snapshot\n  webmon snapshot --control tcp://dispatcher:7703 --key webmon.key --timeout 10m",
		GroupID: groupClient,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withControl(cmd, environ, func(ctx context.Context, ask asker) error {
				ctx, cancel := context.WithTimeout(ctx, timeout)
				defer cancel()
				began := time.Now()
				if err := takeSnapshot(ctx, ask); err != nil {
					return err
				}
				if format != output.Table {
					return output.One(cmd.OutOrStdout(), format, []string{"saved", "seconds"},
						map[string]any{"saved": true, "seconds": time.Since(began).Round(time.Millisecond).Seconds()})
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "saved")
				return err
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Client)
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "how long to wait")
	addOutputFlag(cmd.Flags(), &format)
	complete(cmd, "output", output.Formats)
	return cmd
}

// statusFields are the columns of a status in CSV.
var statusFields = []string{
	"name", "version", "uptime_seconds", "paused", "jobs_in", "jobs_out", "redis", "executors", "queued", "leased", "outbox", "scheduled",
	"redelivered", "expired", "keys", "refused_peers", "stream", "snapshot",
}

// asker asks a dispatcher. A refusal is an error.
type asker func(ctx context.Context, command string) (json.RawMessage, error)

// withControl gives work a connection to the control channel.
func withControl(cmd *cobra.Command, environ []string, work func(context.Context, asker) error) error {
	config, err := loadConfig(cmd, configs.Client, environ)
	if err != nil {
		return err
	}
	access, err := wireAccess(config, configs.Client, nil)
	if err != nil {
		return err
	}
	wire, err := zmqwire.NewContext(access)
	if err != nil {
		return err
	}
	defer wire.Term()
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer forget()
	return work(ctx, func(ctx context.Context, command string) (json.RawMessage, error) {
		ctx, cancel := context.WithTimeout(ctx, controlTimeout)
		defer cancel()
		reply, err := wire.Ask(ctx, config.Control, command)
		if err != nil {
			return nil, err
		}
		var refusal zmqwire.Refusal
		if err := json.Unmarshal(reply, &refusal); err != nil {
			return nil, fmt.Errorf("the answer of %s to %s is no JSON object: is it a webmon dispatcher?", config.Control, command)
		}
		if !refusal.OK {
			return nil, errors.New(refusal.Error)
		}
		return reply, nil
	})
}

// takeSnapshot asks for a snapshot and waits until it is written.
func takeSnapshot(ctx context.Context, ask asker) error {
	var reply struct {
		State   string `json:"state"`
		Request int    `json:"request"`
	}
	if err := askFor(ctx, ask, "SNAPSHOT NOW", &reply); err != nil {
		return err
	}
	for reply.State == "running" {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the snapshot is still being written: %w", ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
		var status dispatcher.Status
		if err := askFor(ctx, ask, "STATUS", &status); err != nil {
			return err
		}
		if status.Covered < reply.Request {
			continue
		}
		if status.CoveredError != "" {
			return errors.New("the snapshot failed: " + status.CoveredError)
		}
		return nil
	}
	return nil
}

// askFor asks and decodes the reply.
func askFor(ctx context.Context, ask asker, command string, into any) error {
	reply, err := ask(ctx, command)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(reply, into); err != nil {
		return fmt.Errorf("the dispatcher's reply to %s: %w", command, err)
	}
	return nil
}
