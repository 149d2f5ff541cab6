package localredis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// locks are the two locks of a data folder. The kernel frees both when their
// holders are gone, however they went.
type locks struct {
	// ours is held by webmon alone: a second webmon is refused.
	ours *os.File
	// server is inherited by the redis-server: when webmon is gone and its
	// server still saves, the next webmon waits.
	server *os.File
}

// lockFolder takes the folder's locks.
func lockFolder(ctx context.Context, dir string) (l locks, err error) {
	defer func() {
		if err != nil {
			l.release()
		}
	}()
	path := filepath.Join(dir, "webmon.lock")
	if l.ours, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return l, fmt.Errorf("open the data folder's lock: %w", err)
	}
	taken, err := tryLock(l.ours)
	if err != nil {
		return l, err
	}
	if taken {
		return l, fmt.Errorf("the data folder %s is in use by webmon with process id %s: stop it, or choose another folder with --data", dir, holder(path))
	}
	if err := l.ours.Truncate(0); err != nil {
		return l, fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := l.ours.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return l, fmt.Errorf("write %s: %w", path, err)
	}
	if l.server, err = os.OpenFile(filepath.Join(dir, "redis.lock"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return l, fmt.Errorf("open the data folder's lock: %w", err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		taken, err := tryLock(l.server)
		if err != nil || !taken {
			return l, err
		}
		select {
		case <-ctx.Done():
			return l, fmt.Errorf("the data folder %s is still being saved by an earlier redis-server: %w", dir, ctx.Err())
		case <-tick.C:
		}
	}
}

// tryLock takes a lock, unless another process has it.
func tryLock(file *os.File) (taken bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return false, nil
}

// release frees the locks, the server's as far as the server is gone.
func (l locks) release() {
	if l.server != nil {
		l.server.Close()
	}
	if l.ours != nil {
		// Closing alone is not enough: a child that another goroutine has forked, and
		// that has not begun its own program yet, still holds the file.
		_ = syscall.Flock(int(l.ours.Fd()), syscall.LOCK_UN) // fails when it was never locked
		l.ours.Close()
	}
}

// holder is the process id written in a lock.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if err != nil || len(text) == 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
