// Package apptest runs webmon's own program as processes. Import it from tests
// only. Nothing here fails a test: whoever runs a process decides what its end means.
package apptest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Build builds the program into a folder and gives its path.
func Build(folder string, race bool) (path string, err error) {
	path = filepath.Join(folder, "webmon")
	args := []string{"build", "-o", path}
	if race {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, "webmon")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build webmon: %w: %s", err, out)
	}
	return path, nil
}

// Program is a running webmon. Its methods are safe for concurrent use.
type Program struct {
	args   []string
	cmd    *exec.Cmd
	exited chan struct{}

	mu      sync.Mutex
	stderr  bytes.Buffer
	started map[string]string // role → address
	changed chan struct{}     // closed and replaced with every line
}

// Launch runs the program at path and returns at once.
func Launch(path string, args ...string) (*Program, error) {
	p := &Program{args: args, exited: make(chan struct{}), started: map[string]string{}, changed: make(chan struct{})}
	p.cmd = exec.Command(path, append(args, "--log-format", "json")...)
	p.cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1 exitcode=66")
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.read(stderr)
	return p, nil
}

func (p *Program) read(stderr io.Reader) {
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var entry struct{ Msg, Role, Address string }
		_ = json.Unmarshal(lines.Bytes(), &entry) // a line of another kind is kept as well
		p.mu.Lock()
		fmt.Fprintln(&p.stderr, lines.Text())
		if entry.Msg == "started" {
			p.started[entry.Role] = entry.Address
		}
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
	_ = p.cmd.Wait()
	close(p.exited)
}

// Wait waits until a condition on what the program has said holds. The error
// says what did not come, and shows the log.
func (p *Program) Wait(ctx context.Context, what string, holds func() bool) error {
	for {
		p.mu.Lock()
		changed := p.changed
		p.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-p.exited:
			return fmt.Errorf("webmon %s ended before: %s\n%s", p.args[0], what, p.Log())
		case <-ctx.Done():
			return fmt.Errorf("webmon %s: not in time: %s\n%s", p.args[0], what, p.Log())
		}
	}
}

// Started waits until that many roles say that they have started.
func (p *Program) Started(ctx context.Context, roles int) error {
	return p.Wait(ctx, "start", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.started) == roles
	})
}

// WaitExit waits for the end and checks the exit code.
func (p *Program) WaitExit(ctx context.Context, code int) error {
	select {
	case <-p.exited:
	case <-ctx.Done():
		return fmt.Errorf("webmon %s does not end\n%s", p.args[0], p.Log())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		return fmt.Errorf("webmon %s: exit code %d, not %d\n%s", p.args[0], got, code, p.Log())
	}
	return nil
}

// Address is where a role can be reached, once it has started.
func (p *Program) Address(role string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started[role]
}

// Log is what the program has written to stderr.
func (p *Program) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// PID is the process id.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal. A process that has ended takes none.
func (p *Program) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// Kill ends the program with kill -9 and waits for it.
func (p *Program) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.exited
}

// Close ends the program if it still runs. The error says that the race
// detector found something in any part of its life.
func (p *Program) Close() error {
	p.Kill()
	if strings.Contains(p.Log(), "DATA RACE") {
		return errors.New("webmon " + p.args[0] + ": a data race\n" + p.Log())
	}
	return nil
}
