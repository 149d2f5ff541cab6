package localredis_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"webmon/store/localredis"
)

func start(t *testing.T, dir string) *localredis.Server {
	t.Helper()
	s, err := localredis.Start(t.Context(), localredis.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stop(t *testing.T, s *localredis.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// say sends one command as text and gives the answer.
func say(s *localredis.Server, command string) (string, error) {
	conn, err := net.Dial("unix", strings.TrimPrefix(s.Address(), "unix://"))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
		return "", err
	}
	answer := make([]byte, 512)
	n, err := conn.Read(answer)
	return string(answer[:n]), err
}

func mustSay(t *testing.T, s *localredis.Server, command, want string) {
	t.Helper()
	if got, err := say(s, command); err != nil || got != want {
		t.Errorf("%s: %q, %v", command, got, err)
	}
}

func TestDataSurvivesAStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	mustSay(t, s, "SET a 1", "+OK\r\n")
	stop(t, s)
	s = start(t, dir)
	defer stop(t, s)
	mustSay(t, s, "GET a", "$1\r\n1\r\n")
}

func TestFolderIsLocked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	defer stop(t, s)
	_, err := localredis.Start(t.Context(), localredis.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second server on the same folder: %v", err)
	}
}

// A server that was killed is there again, with what it had saved.
func TestKilledServerComesBack(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	defer stop(t, s)
	mustSay(t, s, "SET a 1", "+OK\r\n")
	mustSay(t, s, "SAVE", "+OK\r\n")
	pid := s.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		got, err := say(s, "GET a")
		if err == nil && got == "$1\r\n1\r\n" && s.PID() != pid {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not back: %q, %v", got, err)
		}
	}
}

// A server that cannot save ends all the same, and Stop says what is lost.
func TestCannotSave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := start(t, dir)
	mustSay(t, s, "SET a 1", "+OK\r\n")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "could not save") {
		t.Errorf("stop: %v", err)
	}
	if err := syscall.Kill(s.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the server lives on: %v", err)
	}
}

// The path of a socket may have 107 bytes only; a folder's may be longer.
func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	s := start(t, dir)
	mustSay(t, s, "PING", "+PONG\r\n")
	socket := strings.TrimPrefix(s.Address(), "unix://")
	if address, err := localredis.Running(dir); err != nil || address != s.Address() {
		t.Errorf("another process finds %q, not %s", address, s.Address())
	}
	stop(t, s)
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's folder is left behind: %v", err)
	}
}

func TestCannotStart(t *testing.T) {
	t.Parallel()
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "webmon.rdb"), []byte("no RDB"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ dir, says string }{
		"no folder":      {"", "no data folder"},
		"a file":         {file, file},
		"a damaged file": {damaged, "redis-server ended"},
	} {
		if s, err := localredis.Start(t.Context(), localredis.Options{Dir: test.dir}); err == nil {
			t.Errorf("%s: it started", name)
			stop(t, s)
		} else if !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What failed to start leaves the folder free.
	if err := os.Remove(filepath.Join(damaged, "webmon.rdb")); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, damaged))
}

// Another process finds the server of a folder while it runs.
func TestRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	has, err := localredis.HasData(dir)
	if address, _ := localredis.Running(dir); address != "" || has || err != nil {
		t.Errorf("in an empty folder: %q, %v, %v", address, has, err)
	}
	s := start(t, dir)
	if address, err := localredis.Running(dir); err != nil || address != s.Address() {
		t.Errorf("while it runs: %q", address)
	}
	mustSay(t, s, "SET k v", "+OK\r\n")
	stop(t, s)
	has, err = localredis.HasData(dir)
	if address, _ := localredis.Running(dir); address != "" || !has || err != nil {
		t.Errorf("after it: %q, %v, %v", address, has, err)
	}
	if _, err := localredis.HasData(filepath.Join(dir, "webmon.rdb")); err == nil {
		t.Error("of a file: no error")
	}
}
