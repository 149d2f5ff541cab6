package zmqwire

import (
	"errors"

	"github.com/pebbe/zmq4"
)

var errSeveralFrames = errors.New("malformed message: it has several frames, not one")

// receive takes one message. Of one with several frames it takes all, so that the next
// call begins at the next message, and returns errSeveralFrames.
func receive(sock *zmq4.Socket, flags zmq4.Flag) ([]byte, error) {
	frame, err := sock.RecvBytes(flags)
	if err != nil {
		return nil, err
	}
	for several := false; ; several = true {
		more, err := sock.GetRcvmore()
		if err != nil {
			return nil, err
		}
		if !more {
			if several {
				return nil, errSeveralFrames
			}
			return frame, nil
		}
		if _, err := sock.RecvBytes(0); err != nil {
			return nil, err
		}
	}
}
