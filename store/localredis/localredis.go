// Package localredis runs a private redis-server as a child process.
//
// The child listens on a unix socket only and keeps its RDB file in a folder
// that is locked while webmon or the child lives. It is meant to die after
// webmon, never before and never much later:
//
//   - Ctrl-C in a terminal reaches only webmon, as the child has a process
//     group of its own; webmon stops it last, and it saves.
//   - When webmon itself is killed (kill -9), the kernel sends the child
//     SIGTERM (PR_SET_PDEATHSIG); the child saves and leaves.
//   - The child inherits a lock, so the next webmon on the same folder waits
//     until that last save is on disk.
//   - When the child is killed, it is started again from its RDB.
package localredis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options says where and how the server runs.
type Options struct {
	// Dir holds the RDB file, the lock, the socket and the log. It is made
	// when missing.
	Dir string
	// Ephemeral keeps nothing on shutdown and saves only when asked (BGSAVE).
	Ephemeral bool
	// ACL are the rights of a user beside the default one, as in ACL SETUSER.
	// With it Address logs in as that user, who may do no more. Without it
	// everyone who can open the socket may do everything.
	ACL    []string
	Logger *slog.Logger
}

// ErrNotInstalled says that there is no redis-server on the path.
var ErrNotInstalled = errors.New("no redis-server on the path: install it (Debian: apt-get install redis-server) or give the address of a running Redis with --redis")

const (
	rdbName     = "webmon.rdb"
	aclUser     = "webmon" // its password keeps nobody out: the default user has none
	aclPassword = "webmon"
	restartMin  = 100 * time.Millisecond // the pause before a restart; doubles up to restartMax
	restartMax  = 5 * time.Second
)

// Server is a running redis-server.
type Server struct {
	opts   Options
	binary string
	locks  locks
	socket string
	tmp    string // a folder for the socket, when Dir's path is too long for one

	mu       sync.Mutex
	process  *os.Process
	stopping bool
	done     chan struct{} // closed when the child is gone for good
}

// Start runs a server and returns when it answers. ctx bounds the start only.
func Start(ctx context.Context, opts Options) (*Server, error) {
	if opts.Dir == "" {
		return nil, errors.New("no data folder given for the private redis-server")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrNotInstalled
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", opts.Dir, err)
	}
	opts.Dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	s := &Server{opts: opts, binary: binary, done: make(chan struct{})}
	if s.locks, err = lockFolder(ctx, dir); err != nil {
		return nil, err
	}
	if err := s.placeSocket(); err != nil {
		s.locks.release()
		return nil, err
	}
	// The log tells of one webmon's time, with all lives of its server.
	if err := os.Remove(s.logPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.release()
		return nil, fmt.Errorf("remove the old log of redis-server: %w", err)
	}
	c, err := s.spawn()
	if err == nil {
		err = s.waitReady(ctx, c)
	}
	if err != nil {
		s.kill()
		s.release()
		return nil, err
	}
	go s.supervise(c)
	return s, nil
}

// child is one life of the server.
type child struct {
	gone chan struct{} // closed when it ended
	err  error         // how it ended; read after gone
}

// PID is the child's process id.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process.Pid
}

// Stop has the server save and leave, and waits for it. When ctx ends first
// the server is killed and what it had not saved is lost; that is an error.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	err := s.process.Signal(syscall.SIGTERM)
	s.mu.Unlock()
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop redis-server: %w", err)
	}
	select {
	case <-s.done:
		return s.saved()
	case <-ctx.Done():
		s.kill()
		<-s.done
		return fmt.Errorf("redis-server did not save and stop in time and was killed: %w", ctx.Err())
	}
}

// saved tells whether a server that ended has saved its data: the end of its
// log says so.
func (s *Server) saved() error {
	log := s.lastLog(10)
	if s.opts.Ephemeral || strings.Contains(log, "DB saved on disk") {
		return nil
	}
	return fmt.Errorf("redis-server could not save its data when it stopped: %s", log)
}

// spawn starts the child.
func (s *Server) spawn() (*child, error) {
	if err := os.Remove(s.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove a stale socket: %w", err)
	}
	logFile, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open redis-server's log: %w", err)
	}
	defer logFile.Close()
	save, onTerm := "60 1", "save"
	if s.opts.Ephemeral {
		save, onTerm = "", "nosave"
	}
	args := []string{
		"--port", "0",
		"--unixsocket", s.socket, "--unixsocketperm", "700",
		"--dir", s.opts.Dir, "--dbfilename", rdbName, "--save", save,
		"--appendonly", "no", "--daemonize", "no",
		// A full disk must stop the snapshots, not the monitoring.
		"--stop-writes-on-bgsave-error", "no",
		"--maxmemory-policy", "noeviction",
		// Nobody reads its histograms of how long commands take, and every
		// command of a script would pay for them.
		"--latency-tracking", "no",
		// Asked to stop, Redis would live on when it cannot save: an orphan for
		// ever. The last RDB it wrote is still there.
		"--shutdown-on-sigterm", onTerm, "force",
	}
	if len(s.opts.ACL) > 0 {
		args = append(args, "--user", aclUser, "on", ">"+aclPassword)
		args = append(args, s.opts.ACL...)
	}
	cmd := exec.Command(s.binary, args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.ExtraFiles = []*os.File{s.locks.server} // held as long as the child lives
	cmd.SysProcAttr = childAttributes(s.opts.Ephemeral)

	started := make(chan error, 1)
	c := &child{gone: make(chan struct{})}
	go func() {
		// The parent-death signal follows the thread that forked, so this
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.gone)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.binary, err)
	}
	s.mu.Lock()
	s.process = cmd.Process
	s.mu.Unlock()
	if s.isStopping() { // Stop came between two lives of the child
		s.kill()
	}
	return c, nil
}

// waitReady returns when the server answers PING, its RDB loaded.
func (s *Server) waitReady(ctx context.Context, c *child) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, _ := answers(s.socket); ok { // until then an error only says that it is not there yet
			return nil
		}
		select {
		case <-c.gone:
			return fmt.Errorf("redis-server ended at once (%v); if its file %s is damaged, move it away; its log %s ends: %s",
				c.err, filepath.Join(s.opts.Dir, rdbName), s.logPath(), s.lastLog(2))
		case <-ctx.Done():
			return fmt.Errorf("redis-server does not answer: %w; see %s", ctx.Err(), s.logPath())
		case <-tick.C:
		}
	}
}

// supervise starts the child again when it ends without being asked to.
func (s *Server) supervise(c *child) {
	defer close(s.done)
	defer s.release()
	backoff := restartMin
	for {
		<-c.gone
		if s.isStopping() {
			return
		}
		s.opts.Logger.Error("redis-server ended unexpectedly and is started again", "err", c.err, "log", s.logPath())
		time.Sleep(backoff)
		backoff = min(2*backoff, restartMax)
		next, err := s.spawn()
		if err != nil {
			c.err = err // c stays gone: the loop tries again
			continue
		}
		c = next
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if s.waitReady(ctx, c) == nil {
			backoff = restartMin
		}
		cancel()
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *Server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Kill()
	}
}

func (s *Server) release() {
	s.locks.release()
	if s.tmp != "" {
		os.RemoveAll(s.tmp)
		os.Remove(filepath.Join(s.opts.Dir, socketName))
	}
}

func (s *Server) logPath() string { return filepath.Join(s.opts.Dir, "redis.log") }

// lastLog is the end of the server's log, to show how it ended.
func (s *Server) lastLog(lines int) string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte(" | ")))
}
