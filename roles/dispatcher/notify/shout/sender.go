package shout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Sender sends messages by a service.
type Sender struct {
	URL string
	// Command runs [Main], with its arguments.
	Command []string
	Private bool           // whether private networks may be connected to
	Deny    []netip.Prefix // networks that may not be
}

// ErrUnsure is the error of a message that may have arrived.
var ErrUnsure = errors.New("it may have arrived")

// Send sends a message. An error that is ErrUnsure says that it may have arrived
// nevertheless.
func (s *Sender) Send(ctx context.Context, subject, text string) error {
	in, err := json.Marshal(job{URL: s.URL, Subject: subject, Text: text, Private: s.Private, Deny: s.Deny})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, s.Command[0], s.Command[1:]...)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(in), &out
	cmd.Env = childEnviron()
	cmd.WaitDelay = time.Second
	failure := cmd.Run()
	last, hasBegun := parse(out.Bytes())
	switch {
	case last.State == sent:
		return nil
	case last.State == failed:
		return errors.New(last.Error)
	case last.State == unsure:
		return fmt.Errorf("%w: %s", ErrUnsure, last.Error)
	case ctx.Err() != nil && hasBegun:
		return fmt.Errorf("%w: no answer in time", ErrUnsure)
	case ctx.Err() != nil:
		return errors.New("no connection in time")
	case hasBegun:
		return fmt.Errorf("%w: the process that sent it ended: %v", ErrUnsure, failure)
	}
	return fmt.Errorf("run the process that sends it: %w", failure)
}

// childEnviron is what the process gets of the environment: where certificates
// are, and none of the secrets.
func childEnviron() []string {
	environ := []string{} // not nil, which would mean all
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); name == "SSL_CERT_FILE" || name == "SSL_CERT_DIR" || name == "TZ" {
			environ = append(environ, variable)
		}
	}
	return environ
}
