package localredis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// placeSocket chooses the socket's path: in Dir, or in a temporary folder when
// Dir's path is longer than a socket's may be. Then a link in Dir leads there.
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
	err = os.Remove(link)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		err = os.Symlink(s.socket, link)
	}
	if err != nil {
		os.RemoveAll(tmp)
		return fmt.Errorf("make a link to redis-server's socket: %w", err)
	}
	return nil
}

// Running gives the address of the server that another process runs in a
// folder, or "" when none answers there. A server of another user is an error:
// its socket cannot be opened.
func Running(dir string) (address string, err error) {
	socket, err := filepath.Abs(filepath.Join(dir, socketName))
	if err != nil {
		return "", fmt.Errorf("data folder %s: %w", dir, err)
	}
	if target, err := os.Readlink(socket); err == nil {
		socket = target
	}
	switch ok, err := answers(socket); {
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("the Redis in %s belongs to another user: %w", dir, err)
	case !ok:
		return "", nil
	}
	return "unix://" + socket, nil
}

// HasData tells whether a server has ever saved anything in a folder.
func HasData(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, rdbName))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// answers tells whether a server answers at a socket, its RDB loaded. The error
// is why it could not be asked.
func answers(socket string) (bool, error) {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false, err
	}
	answer := make([]byte, 64)
	n, _ := conn.Read(answer)
	return bytes.HasPrefix(answer[:n], []byte("+PONG")), nil
}
