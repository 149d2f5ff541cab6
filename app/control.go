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

	"webmon/configs"
	"webmon/roles/dispatcher"
	"webmon/zmqwire"
)

// controlTimeout bounds one question on the control channel.
const controlTimeout = 10 * time.Second

func newStatusCommand(environ []string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "ask a dispatcher how it is",
		Long:    "status asks a dispatcher, by its control channel, what it does and how many jobs wait.",
		Example: "  webmon status\n  webmon status --json --control tcp://dispatcher:7703",
		GroupID: groupTools,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withControl(cmd, environ, func(ctx context.Context, ask asker) error {
				reply, err := ask(ctx, "STATUS")
				if err != nil {
					return err
				}
				if asJSON {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", reply)
					return err
				}
				var status dispatcher.Status
				if err := json.Unmarshal(reply, &status); err != nil {
					return fmt.Errorf("the dispatcher's answer: %w", err)
				}
				return printStatus(cmd.OutOrStdout(), status)
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Client)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as it is")
	return cmd
}

func newSnapshotCommand(environ []string) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:     "snapshot",
		Short:   "have Redis save its data now",
		Long:    "snapshot asks a dispatcher, by its control channel, to have Redis write a snapshot, and\nwaits until it is written.",
		Example: "  webmon snapshot\n  webmon snapshot --control tcp://dispatcher:7703 --timeout 10m",
		GroupID: groupTools,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withControl(cmd, environ, func(ctx context.Context, ask asker) error {
				ctx, cancel := context.WithTimeout(ctx, timeout)
				defer cancel()
				snapshot, err := takeSnapshot(ctx, ask)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "saved at %s\n", snapshot.Ended.Format(time.RFC3339))
				return err
			})
		},
	}
	configs.AddFlags(cmd.Flags(), configs.Client)
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "how long to wait")
	return cmd
}

// asker asks a dispatcher. A refusal is an error.
type asker func(ctx context.Context, command string) (json.RawMessage, error)

// withControl gives work a connection to the control channel.
func withControl(cmd *cobra.Command, environ []string, work func(context.Context, asker) error) error {
	config, err := loadConfig(cmd, configs.Client, environ)
	if err != nil {
		return err
	}
	wire, err := zmqwire.NewContext()
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

// takeSnapshot asks for a snapshot and waits for its end.
func takeSnapshot(ctx context.Context, ask asker) (dispatcher.Snapshot, error) {
	reply, err := ask(ctx, "SNAPSHOT NOW")
	if err != nil {
		return dispatcher.Snapshot{}, err
	}
	var snapshot dispatcher.Snapshot
	if err := json.Unmarshal(reply, &snapshot); err != nil {
		return dispatcher.Snapshot{}, fmt.Errorf("the dispatcher's answer: %w", err)
	}
	for snapshot.State == "running" {
		select {
		case <-ctx.Done():
			return snapshot, fmt.Errorf("the snapshot is still being written: %w", ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
		reply, err := ask(ctx, "STATUS")
		if err != nil {
			return snapshot, err
		}
		var status dispatcher.Status
		if err := json.Unmarshal(reply, &status); err != nil {
			return snapshot, fmt.Errorf("the dispatcher's answer: %w", err)
		}
		if status.Snapshot == nil {
			return snapshot, errors.New("the snapshot cannot be followed: Redis: " + status.Redis)
		}
		snapshot = *status.Snapshot
	}
	if snapshot.State != "saved" {
		return snapshot, fmt.Errorf("the snapshot %s: %s", snapshot.State, snapshot.Error)
	}
	return snapshot, nil
}
