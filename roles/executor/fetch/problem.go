package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"webmon/plugins"
	"webmon/roles/dialguard"
)

// problem is why a fetch failed, in words for a person. The words do not hold
// the address, which stands beside them wherever they are read; the cause
// stays reachable for errors.Is and errors.As.
type problem struct {
	class plugins.ErrorClass
	text  string
	cause error
}

func (p *problem) Error() string { return p.text }
func (p *problem) Unwrap() error { return p.cause }

func newProblem(class plugins.ErrorClass, cause error, format string, args ...any) *problem {
	return &problem{class, fmt.Sprintf(format, args...), cause}
}

// diagnose says what an error of run means.
func (c *check) diagnose(err error) *problem {
	var known *problem
	if errors.As(err, &known) {
		return known // its class was clear where it arose
	}
	now := c.hop.progress()
	if c.caller.Err() != nil {
		return newProblem(plugins.ErrOther, context.Cause(c.caller), "the check was interrupted while %s", now.phase)
	}
	if errors.Is(err, context.DeadlineExceeded) || !time.Now().Before(c.deadline) {
		return newProblem(plugins.ErrTimeout, context.DeadlineExceeded,
			"timed out after %s while %s", c.deadline.Sub(c.page.At), now.phase)
	}
	if p := networkProblem(err, now); p != nil {
		return p
	}
	switch {
	case now.phase == handshaking:
		return newProblem(plugins.ErrTLS, err, "the TLS handshake failed: %s", strings.TrimPrefix(err.Error(), "tls: "))
	case now.phase == connecting || now.phase == resolving:
		return newProblem(plugins.ErrOther, err, "the connection could not be made: %v", err)
	case !now.answered && !now.http2:
		// What net/http says then is about its own connection pool.
		return newProblem(plugins.ErrReset, err, "the server closed the connection without an answer")
	}
	text := strings.TrimPrefix(err.Error(), "net/http: HTTP/1.x transport connection broken: ")
	return newProblem(plugins.ErrProtocol, err, "the answer is not valid HTTP: %s", strings.TrimPrefix(text, "net/http: "))
}

// networkProblem knows the errors of the name service, the network and TLS. It
// returns nil for any other.
func networkProblem(err error, now progress) *problem {
	var (
		forbidden   *dialguard.Refusal
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		notTLS      tls.RecordHeaderError
		operation   *net.OpError
		network     net.Error
	)
	switch {
	case errors.As(err, &forbidden):
		return newProblem(plugins.ErrForbidden, err, "%v", forbidden)
	case errors.As(err, &dns) && dns.IsNotFound:
		return newProblem(plugins.ErrDNS, err, "the name %s does not resolve", dns.Name)
	case errors.As(err, &dns):
		return newProblem(plugins.ErrDNS, err, "the name %s could not be resolved: %s", dns.Name, dns.Err)
	case errors.As(err, &certificate):
		return newProblem(plugins.ErrTLS, err, "the certificate is not accepted: %s",
			strings.TrimPrefix(certificate.Err.Error(), "x509: "))
	case errors.As(err, &notTLS):
		return newProblem(plugins.ErrTLS, err, "the server does not speak TLS on this port")
	case errors.Is(err, syscall.ECONNREFUSED):
		return newProblem(plugins.ErrRefused, err, "the server refused the connection")
	case isAny(err, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN):
		return newProblem(plugins.ErrUnreachable, err, "there is no route to the server")
	case isAny(err, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, io.EOF, io.ErrUnexpectedEOF):
		return newProblem(plugins.ErrReset, err, "the server closed the connection while %s", now.phase)
	case errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error"):
		// How crypto/tls reports alerts, which TLS 1.3 may send after the handshake.
		return newProblem(plugins.ErrTLS, err, "TLS failed: %s: %s", operation.Op, strings.TrimPrefix(operation.Err.Error(), "tls: "))
	case errors.As(err, &network) && network.Timeout():
		return newProblem(plugins.ErrTimeout, err, "the network gave up while %s", now.phase)
	}
	return nil
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
