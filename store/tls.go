package store

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// trust fills in the settings of a connection with TLS; nil for one without.
func trust(settings *tls.Config, opts Options) error {
	if opts.CA+opts.Cert+opts.Key == "" {
		return nil
	}
	if settings == nil {
		return errors.New("store: certificates are of use only for a Redis at rediss://")
	}
	if opts.CA != "" {
		text, err := os.ReadFile(opts.CA)
		if err != nil {
			return fmt.Errorf("certificates that Redis is trusted by: %w", err)
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("certificates that Redis is trusted by: %s holds none in PEM form", opts.CA)
		}
	}
	if opts.Cert != "" || opts.Key != "" {
		pair, err := tls.LoadX509KeyPair(opts.Cert, opts.Key)
		if err != nil {
			return fmt.Errorf("certificate for Redis, %q with the key %q: %w", opts.Cert, opts.Key, err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return nil
}
