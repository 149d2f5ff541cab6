package api

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// tlsSettings are those of a server that has a certificate; nil without one.
func (s *Server) tlsSettings() (*tls.Config, error) {
	cert, key := s.opts.TLSCert, s.opts.TLSKey
	switch {
	case cert == "" && key == "":
		return nil, nil
	case cert == "" || key == "":
		return nil, errors.New("tls-cert and tls-key belong together: give both, or none for http")
	}
	c := &certificate{certFile: cert, keyFile: key, log: s.log}
	if err := c.load(); err != nil {
		return nil, err
	}
	s.tls = true
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// certificate is a certificate with its key in two files, which may change.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamp  string // of the files when they were last read, good or not
	looked time.Time
}

// lookEvery is how often handshakes look whether the files have changed.
const lookEvery = time.Second

// get gives the certificate for a handshake. While the files are bad, the one
// before stays.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= lookEvery {
		c.looked = time.Now()
		if now := c.stampNow(); now != c.stamp {
			if err := c.load(); err != nil {
				c.stamp = now // one warning for this state of the files
				c.log.Warn("the new certificate cannot be used; the one before stays", "err", err)
			} else {
				c.log.Info("the certificate was read again", "file", c.certFile)
			}
		}
	}
	return c.pair, nil
}

// load reads the pair. The stamp is taken first: what changes meanwhile is read
// again.
func (c *certificate) load() error {
	stamp := c.stampNow()
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("tls-cert %s and tls-key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair, c.stamp = &pair, stamp
	return nil
}

// stampNow is another text whenever a file is another.
func (c *certificate) stampNow() string {
	stamp := ""
	for _, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			stamp += err.Error() + ";"
			continue
		}
		stamp += fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
	}
	return stamp
}
