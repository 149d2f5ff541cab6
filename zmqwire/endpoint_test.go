package zmqwire

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBindErrorsNameTheEndpoint(t *testing.T) {
	t.Parallel()
	c := newContextWith(t, Options{Insecure: true})
	unused := func() string { return fmt.Sprintf("inproc://unused-%d", names.Add(1)) }
	folder := t.TempDir()
	pipe, file := "ipc://"+filepath.Join(folder, "s"), filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken := newStreamer(t, c, "tcp://127.0.0.1:*", "inproc://taken").FrontEndpoints()[0]
	newStreamer(t, c, pipe, unused())
	for endpoint, advice := range map[string]string{
		taken:                      "choose another port or path",
		"inproc://taken":           "choose another",
		pipe:                       "choose another",
		"ipc://" + file:            "not a socket",
		"tcp://203.0.113.1:5555":   "no such address",
		"":                         "tcp://HOST:PORT",
		"nonsense":                 "tcp://HOST:PORT",
		"http://127.0.0.1:1":       "tcp://HOST:PORT",
		"tcp://127.0.0.1":          "tcp://HOST:PORT",
		"tcp://127.0.0.1:99999":    "tcp://HOST:PORT",
		"tcp://127.0.0.1:5555x":    "tcp://HOST:PORT",
		"tcp://127.0.0.1:-1":       "tcp://HOST:PORT",
		"ipc:///no/such/folder/at": "folder",
	} {
		errs := map[string]error{}
		_, errs["streamer front"] = c.NewStreamer([]string{endpoint}, []string{unused()})
		_, errs["streamer back"] = c.NewStreamer([]string{unused()}, []string{endpoint})
		_, errs["control"] = c.NewControl(endpoint)
		for what, err := range errs {
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", endpoint)) || !strings.Contains(err.Error(), advice) {
				t.Errorf("%s at %q: the error %v should name it and say %q", what, endpoint, err, advice)
			}
		}
	}
	if b, err := os.ReadFile(file); string(b) != "precious" {
		t.Errorf("the file in the way was touched: %q, %v", b, err)
	}
	if _, err := c.NewStreamer(nil, []string{"inproc://x"}); err == nil {
		t.Error("a streamer without a front was allowed")
	}
}

func TestConnectErrorsNameTheEndpoint(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	for _, endpoint := range []string{"", "nonsense", "http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://127.0.0.1:*", "tcp://127.0.0.1:0"} {
		errs := map[string]error{}
		_, errs["pusher"] = c.NewPusher(endpoint)
		_, errs["puller"] = c.NewPuller(endpoint)
		_, errs["ask"] = c.Ask(soon(t), endpoint, "PING")
		for what, err := range errs {
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", endpoint)) {
				t.Errorf("%s to %q: the error %v does not name it", what, endpoint, err)
			}
		}
	}
}

func TestAnAbandonedPathIsBoundAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false) // as if its program had been killed
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := newContext(t).NewControl("ipc://" + path); err != nil {
		t.Error(err)
	}
}
