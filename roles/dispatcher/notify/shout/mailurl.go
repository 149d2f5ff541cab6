package shout

import (
	"errors"
	"net/url"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
)

const mailScheme = smtp.Scheme

// Mail is what a URL smtp://… says. The service of that name cannot be guarded
// and doubles mails when one of several receivers is refused, so the URL is read
// here and the mail sent by another package.
type Mail struct {
	Host     string
	Port     int
	Username string
	Password string
	Auth     string // "plain", "cram-md5", "oauth2" or "" for none
	From     string
	FromName string
	To       []string
	Hello    string // the name of this machine; empty: its own
	// TLS is "implicit", "required" or "opportunistic" for STARTTLS, or "none".
	TLS      string
	Insecure bool // any certificate will do
}

// ParseMail reads a URL smtp://…. The error never repeats it.
func ParseMail(rawURL string) (*Mail, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("it is no URL; write special characters of a password as %XX")
	}
	s := &smtp.Service{}
	if err := s.Initialize(u, nil); err != nil {
		return nil, errors.New("it is no URL of a mail server: give smtp://USER:PASSWORD@HOST:587/?from=WEBMON@EXAMPLE.ORG&to=YOU@EXAMPLE.ORG, and no other parameters than those of shoutrrr")
	}
	c := s.Config
	c.FixEmailTags()
	if c.UseHTML {
		return nil, errors.New("usehtml is not supported: mails are plain text")
	}
	m := &Mail{
		Host: c.Host, Port: int(c.Port), Username: c.Username, Password: c.Password, From: c.FromAddress, FromName: c.FromName, To: c.ToAddresses,
		Insecure: c.SkipTLSVerify, TLS: "opportunistic",
	}
	if c.ClientHost != "localhost" && c.ClientHost != "auto" {
		m.Hello = c.ClientHost
	}
	switch {
	case c.Encryption == smtp.EncMethods.ImplicitTLS || c.Encryption == smtp.EncMethods.Auto && c.Port == smtp.ImplicitTLSPort:
		m.TLS = "implicit"
	case c.Encryption == smtp.EncMethods.None || !c.UseStartTLS:
		m.TLS = "none"
	case c.RequireStartTLS || c.Encryption == smtp.EncMethods.ExplicitTLS:
		m.TLS = "required"
	}
	switch c.Auth {
	case smtp.AuthTypes.Plain:
		m.Auth = "plain"
	case smtp.AuthTypes.CRAMMD5:
		m.Auth = "cram-md5"
	case smtp.AuthTypes.OAuth2:
		m.Auth = "oauth2"
	}
	for _, address := range append([]string{m.From}, m.To...) {
		if !strings.Contains(address, "@") || strings.ContainsAny(address, "\r\n") {
			return nil, errors.New("from and to hold mail addresses, such as you@example.org")
		}
	}
	return m, nil
}
