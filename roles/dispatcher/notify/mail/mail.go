// Package mail sends messages as plain mails. A mail whose server did not say
// whether it took it is told from one that certainly was not sent.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Server is a mail server, and from whom to whom mails go.
type Server struct {
	Host               string
	Port               int
	Username, Password string
	Auth               string // "plain", "cram-md5", "oauth2" or "" for none
	From, FromName     string
	To                 []string
	Hello              string // the name of this machine; empty: its own
	TLS                string // "implicit", "required", "opportunistic" or "none"
	Insecure           bool   // any certificate will do
	Dial               func(ctx context.Context, network, address string) (net.Conn, error)
}

// Mail is one mail.
type Mail struct {
	ID            string // the same at every attempt; becomes the Message-ID
	Subject, Text string
	At            time.Time
}

// ErrUnsure is the error of a mail that may have been sent.
var ErrUnsure = errors.New("it may have been sent")

// Send sends a mail to all receivers. When the server refuses some of them the
// others get it, and refused says why. An error that is ErrUnsure says that the
// mail may have been sent nevertheless.
func (s *Server) Send(ctx context.Context, m Mail) (refused []string, err error) {
	conns := &connections{dial: s.Dial, tls: s.tlsConfig()}
	defer conns.close()
	defer context.AfterFunc(ctx, conns.close)() // the library minds ctx only until it is connected
	client, err := s.client(ctx, conns)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = fmt.Errorf("the mail server did not answer in time: %w", err)
		}
	}()
	err = s.one(ctx, client, m, s.To)
	var failure *gomail.SendError
	if len(s.To) < 2 || !errors.As(err, &failure) || failure.Reason != gomail.ErrSMTPRcptTo {
		return nil, err
	}
	// Nobody got it, because some receivers were refused.
	took := 0
	for _, to := range s.To {
		switch err = s.one(ctx, client, m, []string{to}); {
		case err == nil:
			took++
		case errors.As(err, &failure) && failure.Reason == gomail.ErrSMTPRcptTo:
			refused = append(refused, err.Error())
		case took > 0:
			return refused, fmt.Errorf("%w: to some: %w", ErrUnsure, err)
		default:
			return refused, err
		}
	}
	if took == 0 {
		return nil, errors.New(strings.Join(refused, "; "))
	}
	return refused, nil
}

func (s *Server) one(ctx context.Context, client *gomail.Client, m Mail, to []string) error {
	msg := gomail.NewMsg()
	if err := msg.FromFormat(s.FromName, s.From); err != nil {
		return fmt.Errorf("the address of the sender: %w", err)
	}
	if err := msg.To(to...); err != nil {
		return fmt.Errorf("the address of a receiver: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.At)
	_, domain, _ := strings.Cut(s.From, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office answers
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	err := client.DialAndSendWithContext(ctx, msg)
	if msg.IsDelivered() {
		return nil // whatever went wrong after that
	}
	var failure *gomail.SendError
	if errors.As(err, &failure) && failure.Reason == gomail.ErrSMTPDataClose && failure.ErrorCode() == 0 {
		return fmt.Errorf("%w: %w", ErrUnsure, err)
	}
	return err
}

func (s *Server) client(ctx context.Context, conns *connections) (*gomail.Client, error) {
	timeout := 30 * time.Second
	if end, ok := ctx.Deadline(); ok {
		timeout = time.Until(end)
	}
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(max(timeout, time.Millisecond)), gomail.WithTLSConfig(conns.tls), gomail.WithoutNoop(),
	}
	dial := conns.plain
	switch s.TLS {
	case "implicit":
		options, dial = append(options, gomail.WithSSL()), conns.encrypted
	case "required":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case "none":
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	options = append(options, gomail.WithDialContextFunc(dial))
	if s.Hello != "" {
		options = append(options, gomail.WithHELO(s.Hello))
	}
	auth := map[string]gomail.SMTPAuthType{"plain": gomail.SMTPAuthPlain, "cram-md5": gomail.SMTPAuthCramMD5, "oauth2": gomail.SMTPAuthXOAUTH2}[s.Auth]
	if auth != "" {
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server's settings: %w", err)
	}
	return client, nil
}

func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.Insecure}
}

// connections makes connections, and closes those that the library leaves open
// when a server says something unexpected.
type connections struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	tls  *tls.Config

	mu     sync.Mutex
	made   []net.Conn
	closed bool // none is made any more
}

func (c *connections) plain(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.Close()
		return nil, net.ErrClosed
	}
	c.made = append(c.made, conn)
	return conn, nil
}

func (c *connections) encrypted(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.plain(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, c.tls)
	return secure, secure.HandshakeContext(ctx)
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.made {
		conn.Close()
	}
}
