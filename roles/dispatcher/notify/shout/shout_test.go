package shout

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"go.uber.org/goleak"
)

// The test's binary is the process that sends a message, too. Connections to
// whatever host then go to the address in its second argument, past no guard.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "deliver" {
		err := run(os.Stdin, os.Stdout, func(t *http.Transport, d *net.Dialer) {
			t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return d.DialContext(ctx, network, os.Args[2])
			}
			t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// examples has a URL of each service, as its users write it.
var examples = map[string]string{
	"bark":       "bark://:devicekey@bark.example.org",
	"discord":    "discord://token@1234567890",
	"generic":    "generic://generic.example.org/in?template=json",
	"googlechat": "googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
	"gotify":     "gotify://gotify.example.org/AzyoeNS.D4iJLVa",
	"hangouts":   "hangouts://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz",
	"ifttt":      "ifttt://key123/?events=webmon&value1=x",
	"join":       "join://shoutrrr:apikey@join/?devices=one",
	"lark":       "lark://open.larksuite.com/token123?secret=geheim",
	"matrix":     "matrix://:token@matrix.example.org/?rooms=!room:example.org",
	"mattermost": "mattermost://mattermost.example.org/token123",
	"notifiarr":  "notifiarr://apikey123?channel=123456789",
	"ntfy":       "ntfy://ntfy.example.org/topic",
	"opsgenie":   "opsgenie://api.opsgenie.com/token123",
	"pagerduty":  "pagerduty://events.pagerduty.com/eb243592faa24ba2a5511afdf565c889",
	"pushbullet": "pushbullet://o.abcdefghijklmnopqrstuvwxyz012345",
	"pushover":   "pushover://shoutrrr:apitoken@userkey",
	"rocketchat": "rocketchat://rocketchat.example.org/tokena/tokenb/channel",
	"signal":     "signal://signal.example.org/+11111111111/+22222222222",
	"slack":      "slack://hook:WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi@webhook",
	"teams":      "teams://11111111-4444-4444-8444-cccccccccccc@22222222-4444-4444-8444-cccccccccccc/33333333012222222222333333333344/44444444-4444-4444-8444-cccccccccccc/V2ESyij_gAljSoUQHvZoZYzlpAoAXExyOl26dlf1xHEx05?host=test.webhook.office.com",
	"telegram":   "telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@one",
	"wecom":      "wecom://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
	"zulip":      "zulip://bot%40example.org:botkey12345678901234567890123456@zulip.example.org/?stream=foo&topic=bar",
}

// server answers whatever a service asks with what most of them like.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

func newServer(t *testing.T, secure bool, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.bodies = append(s.bodies, r.Method+" "+r.Host+r.URL.RequestURI()+" "+fmt.Sprint(r.Header["Title"])+" "+string(body))
		s.mu.Unlock()
		answer(w, r)
	}))
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

func (s *server) sender(url string, deny ...netip.Prefix) *Sender {
	return &Sender{URL: url, Command: []string{os.Args[0], "deliver", s.Listener.Addr().String()}, Private: true, Deny: deny}
}

func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// Every service of shoutrrr is in the table.
func TestServices(t *testing.T) {
	t.Parallel()
	for _, name := range (&router.ServiceRouter{}).ListServices() {
		known, ok := services[name]
		switch {
		case !ok:
			t.Errorf("shoutrrr has a service %s: look how it connects and add it to the table", name)
		case known.refused == "" && name != mailScheme && examples[name] == "":
			t.Errorf("%s has no example", name)
		}
	}
}

// Every service connects past the guard, which here lets none through, and says so.
func TestEveryServiceIsGuarded(t *testing.T) {
	t.Parallel()
	s := newServer(t, true, func(http.ResponseWriter, *http.Request) {})
	for name, url := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := Check(url); err != nil {
				t.Fatal(err)
			}
			err := s.sender(url, netip.MustParsePrefix("127.0.0.0/8")).Send(inTime(t), "subject", "text")
			if err == nil || !strings.Contains(err.Error(), "targets-deny refuses") || errors.Is(err, ErrUnsure) {
				t.Errorf("not refused: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if seen := s.seen(); len(seen) > 0 {
			t.Errorf("requests came through: %q", seen)
		}
	})
}

// Every service sends the text, and the subject in it or as its title.
func TestEveryServiceSends(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"telegram": `{"ok": true, "result": {}}`, "lark": `{"code": 0}`, "pushover": `{"status": 1}`, "bark": `{"code": 200}`, "signal": `{"timestamp": 1}`,
		"pushbullet": `{"type": "note", "title": "theSubject", "body": "theText", "active": true}`}
	for name, url := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, true, func(w http.ResponseWriter, r *http.Request) {
				switch name {
				case "slack":
					io.WriteString(w, "ok")
				case "discord", "googlechat", "hangouts":
					w.WriteHeader(map[bool]int{true: http.StatusNoContent, false: http.StatusOK}[name == "discord"])
				case "opsgenie", "pagerduty":
					w.WriteHeader(http.StatusAccepted)
				case "signal":
					w.WriteHeader(http.StatusCreated)
					io.WriteString(w, answers[name])
				default:
					if text, ok := answers[name]; ok {
						io.WriteString(w, text)
						return
					}
					io.WriteString(w, "{}")
				}
			})
			if err := s.sender(url).Send(inTime(t), "theSubject", "theText"); err != nil {
				t.Errorf("%v; the server saw %q", err, s.seen())
			}
			all := strings.Join(s.seen(), "\n")
			if !strings.Contains(all, "theText") || !strings.Contains(all, "theSubject") {
				t.Errorf("the server saw %q", s.seen())
			}
		})
	}
}

// What a server refuses may be sent again; what it may have taken may not.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		url    string
		answer http.HandlerFunc
		unsure bool
		calls  int
	}{
		"refused":     {"ntfy://ntfy.example.org/topic", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, false, 1},
		"cut":         {"generic://generic.example.org/in", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, 1},
		"cut discord": {"discord://token@1234567890", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, 1},
		"to some": {"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw@telegram?chats=@one,@two", func() http.HandlerFunc {
			var once sync.Once
			return func(w http.ResponseWriter, _ *http.Request) {
				status := 500
				once.Do(func() { status = 200 })
				w.WriteHeader(status)
				io.WriteString(w, `{"ok": true, "result": {}}`)
			}
		}(), true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, true, tt.answer)
			err := s.sender(tt.url).Send(inTime(t), "subject", "text")
			if err == nil || errors.Is(err, ErrUnsure) != tt.unsure {
				t.Errorf("unsure is not %v: %v", tt.unsure, err)
			}
			if calls := len(s.seen()); calls != tt.calls {
				t.Errorf("%d requests, not %d: %q", calls, tt.calls, s.seen())
			}
		})
	}
}

// A server that never answers cannot hold a message longer than its time, and
// nobody knows whether it has it; one that never takes the request has it not.
func TestHung(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	asked := make(chan struct{}, 1)
	s := newServer(t, false, func(http.ResponseWriter, *http.Request) { asked <- struct{}{}; <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if err := s.sender("generic://h.example.org/in?disabletls=yes").Send(ctx, "subject", "text"); !errors.Is(err, ErrUnsure) {
		t.Errorf("no answer: %v", err)
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel = context.WithCancel(t.Context())
	go func() { // a TLS handshake that never goes on
		conn, err := listener.Accept()
		if err == nil {
			io.ReadAtLeast(conn, make([]byte, 1), 1)
			cancel()
			defer conn.Close()
			io.Copy(io.Discard, conn)
		}
	}()
	silent := &server{Server: &httptest.Server{Listener: listener}}
	if err := silent.sender("generic://h.example.org/in").Send(ctx, "subject", "text"); err == nil || errors.Is(err, ErrUnsure) {
		t.Errorf("no connection: %v", err)
	}
}

func TestRefusedURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"logger://":                          "cannot be used",
		"xmpp://user:hunter2@h/":             "no service of that name",
		"hunter2":                            "no URL",
		"":                                   "no URL",
		"slack://hunter2":                    "no URL of slack",
		"telegram://hunter2@telegram":        "no URL of telegram",
		"generic://hunter2 %zz":              "no URL",
		"smtp://user:hunter2@h/":             "mail server",
		"smtp://user:hunter2@h/?from=a&to=b": "mail addresses",
		"smtp://user:hunter2@h/?from=a@b&to=b@c&usehtml=yes": "usehtml",
		"smtp://user:hunter2@h/?from=a@b&to=b@c&colour=red":  "mail server",
	} {
		if err := Check(url); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestParseMail(t *testing.T) {
	t.Parallel()
	m, err := ParseMail("smtp://user%40example.org:p%23ss@mail.example.org:465/?from=webmon%2Ba@example.org&to=one@example.org,two@example.org&fromname=webmon")
	if err != nil {
		t.Fatal(err)
	}
	if m.Host != "mail.example.org" || m.Port != 465 || m.TLS != "implicit" || m.Auth != "plain" || m.Username != "user@example.org" || m.Password != "p#ss" ||
		m.From != "webmon+a@example.org" || m.FromName != "webmon" || len(m.To) != 2 || m.Hello != "" {
		t.Errorf("%+v", m)
	}
	for query, want := range map[string]string{
		"": "opportunistic", "&requirestarttls=yes": "required", "&encryption=none": "none", "&starttls=no": "none", "&encryption=implicittls": "implicit",
	} {
		m, err := ParseMail("smtp://h:25/?from=a@b&to=b@c" + query)
		if err != nil || m.TLS != want || m.Auth != "" {
			t.Errorf("%q: %+v, %v", query, m, err)
		}
	}
}

// After a request that may have arrived no other is let through, whatever a
// service tries.
func TestNothingAfterUnsure(t *testing.T) {
	t.Parallel()
	s := newServer(t, false, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	w := &watch{transport: &http.Transport{DisableKeepAlives: true}, setup: setup("discord"), began: func() {}}
	client := &http.Client{Transport: w}
	for range 2 {
		if answer, err := client.Post(s.URL, "text/plain", strings.NewReader("x")); err == nil {
			answer.Body.Close()
			t.Error("it was answered")
		}
	}
	if seen := s.seen(); len(seen) != 1 || w.outcome(errors.New("x")).State != unsure {
		t.Errorf("%q, %+v", seen, w.outcome(errors.New("x")))
	}
}
