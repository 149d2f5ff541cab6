package localredis

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	socketName    = "redis.sock"
	maxSocketPath = 100 // sun_path holds 108 bytes on Linux
)

// Address is the server's address in the form that the store takes.
func (s *Server) Address() string {
	if len(s.opts.ACL) > 0 {
		return "unix://" + aclUser + ":" + aclPassword + "@" + s.socket
	}
	return "unix://" + s.socket
}

// Find gives the address of the server that runs in a folder, empty when none
// does. Only the user that it runs as can open it.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder %s: %w", dir, err)
	}
	socket := filepath.Join(dir, socketName)
	if elsewhere, err := os.Readlink(socket); err == nil {
		socket = elsewhere
	}
	conn, err := net.DialTimeout("unix", socket, time.Second)
	switch {
	case err == nil:
		conn.Close()
		return "unix://" + socket, nil
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("the Redis in %s belongs to another user: %w", dir, err)
	}
	return "", nil
}

// placeSocket chooses the socket's path: in Dir, or in a temporary folder, to
// which a link in Dir leads, when Dir's path is longer than a socket's may be.
func (s *Server) placeSocket() error {
	s.socket = filepath.Join(s.opts.Dir, socketName)
	if len(s.socket) <= maxSocketPath {
		return nil
	}
	tmp, err := os.MkdirTemp("", "webmon-")
	if err != nil {
		return fmt.Errorf("make a folder for redis-server's socket: %w", err)
	}
	link := s.socket
	s.tmp, s.socket = tmp, filepath.Join(tmp, socketName)
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the link to an old socket: %w", err)
	}
	if err := os.Symlink(s.socket, link); err != nil {
		return fmt.Errorf("make a link to redis-server's socket: %w", err)
	}
	return nil
}
