package zmqwire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// listen binds sock for peers that have the right, and returns the endpoint it
// got. It is for the sockets that others may connect to.
func (c *Context) listen(sock *zmq4.Socket, endpoint string, right keys.Right) (string, error) {
	if err := c.server(sock, endpoint, right); err != nil {
		return "", err
	}
	return bind(sock, endpoint)
}

// bind binds sock and returns the endpoint it got, with the real port for "*".
func bind(sock *zmq4.Socket, endpoint string) (string, error) {
	if err := checkPort(endpoint, 0); err != nil {
		return "", fmt.Errorf("bind %q: %w", endpoint, err)
	}
	if err := checkPath(endpoint); err != nil {
		return "", explain("bind", endpoint, err)
	}
	if err := sock.Bind(endpoint); err != nil {
		return "", explain("bind", endpoint, err)
	}
	real, err := sock.GetLastEndpoint()
	if err != nil {
		return "", explain("bind", endpoint, err)
	}
	return real, nil
}

func connect(sock *zmq4.Socket, endpoint string) error {
	if err := checkPort(endpoint, 1); err != nil {
		return fmt.Errorf("connect to %q: %w", endpoint, err)
	}
	if err := sock.Connect(endpoint); err != nil {
		return explain("connect to", endpoint, err)
	}
	return nil
}

// checkPort refuses ports that ZeroMQ would take for others, such as 99999 for 34463 and
// 5555x for 5555, and those below lowest. "*" and all else are left to ZeroMQ.
func checkPort(endpoint string, lowest uint64) error {
	address, isTCP := strings.CutPrefix(endpoint, "tcp://")
	colon := strings.LastIndexByte(address, ':')
	if !isTCP || colon < 0 || address[colon+1:] == "*" {
		return nil
	}
	text := address[colon+1:]
	if port, err := strconv.ParseUint(text, 10, 16); err != nil || port < lowest {
		return fmt.Errorf("%q is not a port; an endpoint is tcp://HOST:PORT, with a port from 1 to 65535, or * for any where it is bound", text)
	}
	return nil
}

// checkPath refuses to bind an ipc path that is in use. ZeroMQ itself deletes whatever
// is at the path, which would silently cut off the program that listens there.
func checkPath(endpoint string) error {
	path, isIPC := strings.CutPrefix(endpoint, "ipc://")
	if !isIPC {
		return nil
	}
	file, err := os.Lstat(path)
	if err != nil {
		return nil // nothing there; or ZeroMQ will say what is wrong
	}
	if file.Mode().Type() != os.ModeSocket {
		return errors.New("there is something that is not a socket; choose another path")
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return nil // left behind by a program that is gone
	}
	conn.Close()
	return zmq4.EADDRINUSE
}

// explain makes one sentence of a failed bind or connect: what, where, what to do.
func explain(doing, endpoint string, err error) error {
	err = clean(err)
	advice := ""
	switch zmq4.AsErrno(err) {
	case zmq4.EADDRINUSE:
		advice = "; stop the program that has it, or choose another port or path"
	case zmq4.EADDRNOTAVAIL, zmq4.Errno(syscall.ENODEV):
		advice = "; this machine has no such address, use one of its own or tcp://*:PORT for all"
	case zmq4.Errno(syscall.EINVAL), zmq4.EPROTONOSUPPORT, zmq4.ENOCOMPATPROTO:
		advice = "; an endpoint is tcp://HOST:PORT, ipc://PATH or inproc://NAME"
	case zmq4.Errno(syscall.EACCES):
		advice = "; choose a port above 1023, or a folder that this user may write"
	case zmq4.Errno(syscall.ENOENT):
		advice = "; make the folder of the path first"
	case zmq4.Errno(syscall.ENAMETOOLONG):
		advice = "; choose a shorter path"
	}
	return fmt.Errorf("%s %q: %w%s", doing, endpoint, err, advice)
}

// clean turns ZeroMQ's word for a terminated context into ours.
func clean(err error) error {
	if errors.Is(err, zmq4.ETERM) || errors.Is(err, zmq4.ErrorContextClosed) {
		return ErrTerminated
	}
	return err
}

func wouldBlock(err error) bool { return errors.Is(err, zmq4.Errno(syscall.EAGAIN)) }
