package zmqwire

import (
	"fmt"

	"github.com/pebbe/zmq4"
)

// Version is the version of the libzmq that the process runs with, such as
// "4.3.4".
func Version() string {
	major, minor, patch := zmq4.Version()
	return fmt.Sprintf("%d.%d.%d", major, minor, patch)
}
