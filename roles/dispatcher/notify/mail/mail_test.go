package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"webmon/roles/dispatcher/notify/mail"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// smtpServer is a mail server on loopback that a test bends.
type smtpServer struct {
	listener net.Listener
	starttls bool
	cert     tls.Certificate
	refuse   string            // receivers with this in their address
	atEnd    string            // what is answered to a whole mail; empty: 250, "hang up": nothing
	hang     func(verb string) // called before an answer; "end" is that to a whole mail
	mu       sync.Mutex
	mails    []string // receivers and text
	auth     []string
	done     sync.WaitGroup
}

func newSMTP(t *testing.T, change func(*smtpServer)) *smtpServer {
	t.Helper()
	s := &smtpServer{}
	change(s)
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.done.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() { defer conn.Close(); s.talk(conn, false) })
		}
	})
	t.Cleanup(func() { s.listener.Close(); s.done.Wait() })
	return s
}

func (s *smtpServer) talk(conn net.Conn, secure bool) {
	in := bufio.NewReader(conn)
	say := func(line string) { io.WriteString(conn, line+"\r\n") }
	if !secure {
		say("220 test")
	}
	var to []string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		s.hangAt(line)
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO"):
			extensions := "250-test\r\n250-8BITMIME\r\n"
			if s.starttls && !secure {
				extensions += "250-STARTTLS\r\n"
			}
			say(extensions + "250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go")
			over := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			s.talk(over, true)
			return
		case strings.HasPrefix(verb, "AUTH"):
			s.mu.Lock()
			s.auth = append(s.auth, line)
			s.mu.Unlock()
			say("235 in")
		case strings.HasPrefix(verb, "RCPT"):
			if s.refuse != "" && strings.Contains(line, s.refuse) {
				say("550 nobody here")
				continue
			}
			to = append(to, strings.Trim(strings.TrimPrefix(line, "RCPT TO:"), "<>"))
			say("250 ok")
		case verb == "RSET" || strings.HasPrefix(verb, "MAIL"):
			to = nil
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			s.hangAt("end")
			if s.atEnd == "hang up" {
				return
			}
			if s.atEnd != "" {
				say(s.atEnd)
				continue
			}
			s.mu.Lock()
			s.mails = append(s.mails, strings.Join(to, " ")+"\n"+text.String())
			s.mu.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *smtpServer) hangAt(line string) {
	if s.hang != nil {
		verb, _, _ := strings.Cut(line, " ")
		s.hang(verb)
	}
}

func (s *smtpServer) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.mails...)
}

func (s *smtpServer) server(to ...string) *mail.Server {
	address := s.listener.Addr().(*net.TCPAddr)
	return &mail.Server{
		Host: "127.0.0.1", Port: address.Port, From: "webmon@example.org", FromName: "webmon ü", To: to, TLS: "opportunistic",
		Dial: (&net.Dialer{}).DialContext,
	}
}

var letter = mail.Mail{
	ID: "abc.opened", Subject: "Läden down: ✗ a subject that is so long that it has to be folded over some lines of the header",
	Text: "Was ist los?\n.\nÄrger.\n", At: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC),
}

func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSend(t *testing.T) {
	t.Parallel()
	s := newSMTP(t, func(*smtpServer) {})
	if refused, err := s.server("one@example.org", "two@example.org").Send(inTime(t), letter); err != nil || refused != nil {
		t.Fatal(refused, err)
	}
	mails := s.got()
	if len(mails) != 1 {
		t.Fatalf("%d mails: %q", len(mails), mails)
	}
	receivers, text, _ := strings.Cut(mails[0], "\n")
	if receivers != "one@example.org two@example.org" {
		t.Errorf("receivers: %s", receivers)
	}
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Address != "webmon@example.org" || from[0].Name != "webmon ü" {
		t.Errorf("from %v, %v", from, err)
	}
	for name, want := range map[string]string{"Message-Id": "<abc.opened@example.org>", "Auto-Submitted": "auto-generated", "To": "<one@example.org>, <two@example.org>"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	if date, err := m.Header.Date(); err != nil || !date.Equal(letter.At) {
		t.Errorf("date %v, %v", date, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(letter.Text) {
		t.Errorf("text %q, %v", got, err)
	}
}

// One receiver that the server refuses keeps the others from nothing, and
// nobody gets a mail twice.
func TestRefusedReceiver(t *testing.T) {
	t.Parallel()
	s := newSMTP(t, func(s *smtpServer) { s.refuse = "bad" })
	refused, err := s.server("one@example.org", "bad@example.org", "two@example.org").Send(inTime(t), letter)
	if err != nil || len(refused) != 1 || !strings.Contains(refused[0], "bad@example.org") {
		t.Errorf("%q, %v", refused, err)
	}
	var receivers []string
	for _, m := range s.got() {
		first, _, _ := strings.Cut(m, "\n")
		receivers = append(receivers, first)
	}
	if strings.Join(receivers, ", ") != "one@example.org, two@example.org" {
		t.Errorf("receivers: %q", receivers)
	}
	if _, err := s.server("bad@example.org", "bad2@example.org").Send(inTime(t), letter); err == nil || errors.Is(err, mail.ErrUnsure) {
		t.Errorf("all refused: %v", err)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for atEnd, unsure := range map[string]bool{"451 later": false, "554 spam": false, "hang up": true} {
		s := newSMTP(t, func(s *smtpServer) { s.atEnd = atEnd })
		if _, err := s.server("one@example.org").Send(inTime(t), letter); err == nil || errors.Is(err, mail.ErrUnsure) != unsure {
			t.Errorf("%s: unsure is not %v: %v", atEnd, unsure, err)
		}
	}
	// A server that greets nobody.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	silent := &smtpServer{listener: listener}
	if _, err := silent.server("one@example.org").Send(ctx, letter); err == nil || errors.Is(err, mail.ErrUnsure) {
		t.Errorf("a silent server: %v", err)
	}
}

// certificate is one for 127.0.0.1.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	secure := newSMTP(t, func(s *smtpServer) { s.starttls, s.cert = true, certificate(t) })
	open := newSMTP(t, func(*smtpServer) {})
	for _, tt := range []struct {
		server   *smtpServer
		tls      string
		insecure bool
		ok       bool
	}{
		{open, "opportunistic", false, true}, {open, "none", false, true}, {open, "required", false, false},
		{secure, "opportunistic", true, true}, {secure, "required", true, true}, {secure, "none", false, true},
		{secure, "required", false, false}, // its certificate is signed by nobody
	} {
		server := tt.server.server("one@example.org")
		server.TLS, server.Insecure = tt.tls, tt.insecure
		if tt.tls == "required" && tt.ok {
			server.Auth, server.Username, server.Password = "plain", "user", "hunter2"
		}
		before := len(tt.server.got())
		_, err := server.Send(inTime(t), letter)
		if (err == nil) != tt.ok || (len(tt.server.got()) > before) != tt.ok {
			t.Errorf("%s, insecure %v: %v", tt.tls, tt.insecure, err)
		}
	}
	if len(secure.auth) != 1 {
		t.Errorf("logged in %d times: %q", len(secure.auth), secure.auth)
	}
}

// A port that speaks TLS from the first byte.
func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	s := &smtpServer{}
	var err error
	if s.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate(t)}}); err != nil {
		t.Fatal(err)
	}
	s.done.Go(func() {
		conn, err := s.listener.Accept()
		if err == nil {
			defer conn.Close()
			s.talk(conn, false)
		}
	})
	t.Cleanup(func() { s.listener.Close(); s.done.Wait() })
	server := s.server("one@example.org")
	server.TLS, server.Insecure, server.Auth, server.Username, server.Password = "implicit", true, "plain", "user", "hunter2"
	if _, err := server.Send(inTime(t), letter); err != nil || len(s.got()) != 1 || len(s.auth) != 1 {
		t.Errorf("%v; mails %q, logins %q", err, s.got(), s.auth)
	}
}
