package shout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"webmon/roles/dialguard"
)

// job is what the process that sends a message reads.
type job struct {
	URL     string
	Subject string
	Text    string
	Private bool           // of dialguard.Options
	Deny    []netip.Prefix // of dialguard.Options
}

// What that process says: "began" as soon as a request may have arrived, then
// one of the others with the error.
const (
	began  = "began"
	sent   = "sent"
	failed = "failed" // it certainly did not arrive
	unsure = "unsure"
)

type report struct {
	State string
	Error string
}

// Main is the process that sends one message: it reads the message from in and
// says on out what became of it. It replaces what net/http shares, so it must be
// alone in its process.
func Main(in io.Reader, out io.Writer) error {
	return run(in, out, nil)
}

// run is Main. change may alter how it connects, for tests.
func run(in io.Reader, out io.Writer, change func(*http.Transport, *net.Dialer)) error {
	var j job
	if err := json.NewDecoder(io.LimitReader(in, 1<<20)).Decode(&j); err != nil {
		return fmt.Errorf("read the message to send: %w", err)
	}
	guard, err := dialguard.New(dialguard.Options{Private: j.Private, Deny: j.Deny})
	if err != nil {
		return err
	}
	say := json.NewEncoder(out)
	dialer := &net.Dialer{Control: guard.Control, Timeout: 30 * time.Second}
	transport := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	if change != nil {
		change(transport, dialer)
	}
	if transport.DialContext == nil {
		transport.DialContext = dialer.DialContext
	}
	w := &watch{transport: transport, began: func() { _ = say.Encode(report{State: began}) }}
	http.DefaultTransport = w
	return say.Encode(w.outcome(send(j, w)))
}

// send sends the message.
func send(j job, w *watch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errPanic
		}
	}()
	scheme, err := Scheme(j.URL)
	if err != nil {
		return err
	}
	made, err := locate(j.URL, scheme)
	if err != nil {
		return err
	}
	w.setup = setup(scheme)
	// These have clients of their own.
	switch s := made.(type) {
	case *ntfy.Service:
		s.SetHTTPClient(&http.Client{Transport: w.insecure(s.Config.DisableTLSVerification)})
	case *gotify.Service:
		s.GetHTTPClient().Transport = w.insecure(s.Config.InsecureSkipVerify)
	case *mattermost.Service:
		s.GetHTTPClient().Transport = w
	}
	params := types.Params{}
	text := j.Text
	if services[scheme].titled {
		params.SetTitle(j.Subject)
	} else {
		text = j.Subject + "\n\n" + text
	}
	if err := made.Send(text, &params); err != nil {
		return err
	}
	return nil
}

var errPanic = errors.New("shoutrrr failed on this message")

// setup tells which requests of a service say nothing to anybody yet.
func setup(scheme string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return r.Method == http.MethodGet || scheme == "matrix" &&
			(strings.HasSuffix(r.URL.Path, "/login") || strings.Contains(r.URL.Path, "/join/"))
	}
}

// errEnded is the error of a request that came after one of which nobody knows what
// became.
var errEnded = errors.New("nothing more is sent after a request that may have arrived")

// parse reads what the process said.
func parse(out []byte) (last report, hasBegun bool) {
	for line := range strings.Lines(string(out)) {
		var r report
		if json.Unmarshal([]byte(line), &r) == nil {
			last = r
			hasBegun = hasBegun || r.State == began
		}
	}
	return last, hasBegun
}
