package zmqwire

import (
	"testing"

	"github.com/pebbe/zmq4"
)

func TestMalformedQuestionsAboutKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	raw := rawSocket(t, h.Context, zmq4.REQ, zapEndpoint)
	own, stranger := h.key.Public(), newKey(t).Public()
	for _, test := range []struct {
		request []string
		status  string
	}{
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapAllowed},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(stranger[:])}, zapRefused},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:31])}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE"}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:]), ""}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "NULL"}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "NULL", string(own[:])}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "PLAIN", "user", "password"}, zapBroken},
		{[]string{"2.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapBroken},
		{[]string{"1.0", "7"}, zapBroken},
		{[]string{"1.0"}, zapBroken},
		{[]string{""}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapAllowed}, // and it lives on
	} {
		if _, err := raw.SendMessage(test.request); err != nil {
			t.Fatal(err)
		}
		reply, err := raw.RecvMessage(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(reply) != 6 || reply[0] != zapVersion || reply[2] != test.status || len(test.request) > 1 && reply[1] != test.request[1] {
			t.Errorf("%.60q was answered with %q", test.request, reply)
		}
	}
}

// The end comes at once, whatever handshakes and refusals are under way.
func TestTermWithKeys(t *testing.T) {
	checkGoroutines(t) // so not parallel: see context_test.go
	h := newHouse(t)
	h.works(t)
	refused, log := h.guest(t, newKey(t))
	if _, err := refused.NewPusher(h.front); err != nil {
		t.Fatal(err)
	}
	if _, err := refused.NewPuller(h.back); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both are refused", func() bool { return log.says("to push") && log.says("to pull") })
	h.Term()
	refused.Term()
}
