package torture

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// redisServer is a redis-server that can be killed and comes back with what it
// had on disk. It takes snapshots only when it is asked to.
type redisServer struct {
	t      *testing.T
	dir    string
	socket string
	busy   sync.Mutex // held by the fault that is using the server

	mu  sync.Mutex
	cmd *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	dir, err := os.MkdirTemp("", "webmon-torture-") // short enough for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &redisServer{t: t, dir: dir, socket: filepath.Join(dir, "redis.sock")}
	if err := r.start(false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.kill)
	return r
}

// start starts the server with its snapshot or with its append-only file.
func (r *redisServer) start(appendOnly bool) error {
	mode := "no"
	if appendOnly {
		mode = "yes"
	}
	cmd := exec.Command("redis-server", "--port", "0", "--unixsocket", r.socket, "--dir", r.dir, "--save", "",
		"--appendonly", mode, "--appendfsync", "always", "--logfile", filepath.Join(r.dir, "redis.log"))
	if err := cmd.Start(); err != nil {
		return err
	}
	r.mu.Lock()
	r.cmd = cmd
	r.mu.Unlock()
	return patiently("redis-server answers", func() error {
		answer, err := r.ask("PING")
		if err == nil && answer != "PONG" {
			err = fmt.Errorf("it says %q", answer)
		}
		return err
	})
}

// ask runs a command, with redis-cli.
func (r *redisServer) ask(command ...string) (string, error) {
	out, err := exec.Command("redis-cli", append([]string{"-s", r.socket}, command...)...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func (r *redisServer) signal(s syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.cmd.Process.Signal(s)
}

func (r *redisServer) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// set changes a parameter of the running server.
func (r *redisServer) set(parameter, value string) error {
	if answer, err := r.ask("CONFIG", "SET", parameter, value); err != nil || answer != "OK" {
		return fmt.Errorf("set %s to %s: %q, %w", parameter, value, answer, err)
	}
	return nil
}

// appendOnly turns the append-only file on, and returns when all is in it, or off.
func (r *redisServer) appendOnly(on bool) error {
	mode := "no"
	if on {
		mode = "yes"
	}
	if err := r.set("appendonly", mode); err != nil || !on {
		return err
	}
	return patiently("the append-only file is written", func() error {
		info, err := r.ask("INFO", "persistence")
		for _, want := range []string{"aof_enabled:1", "aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0"} {
			if !strings.Contains(info, want) {
				return fmt.Errorf("not %s: %w", want, err)
			}
		}
		return err
	})
}

// patience bounds every wait; nothing else depends on it.
const patience = 90 * time.Second

// patiently asks again and again until there is no error.
func patiently(what string, try func() error) error {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return fmt.Errorf("not in time: %s: %w", what, err)
		}
	}
}
