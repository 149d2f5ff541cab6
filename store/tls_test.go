package store_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webmon/store"
)

// authority signs certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

// certify writes a certificate and its key, signed by ca or, without one, by itself.
func certify(t *testing.T, folder, name string, ca *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: ca == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := template, key
	if ca != nil {
		parent, signer = ca.cert, ca.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	made := &authority{key: key, file: filepath.Join(folder, name)}
	if made.cert, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	for ending, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: raw}, ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(made.file+ending, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// TestTLS speaks to a Redis that wants to see a certificate, and is known by
// one of an authority that the system does not know.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca := certify(t, dir, "ca", nil)
	server, client, stranger := certify(t, dir, "server", ca), certify(t, dir, "client", ca), certify(t, dir, "stranger", nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close() // free again a moment before Redis takes it
	cmd := exec.Command("redis-server", append([]string{"--port", "0", "--bind", "127.0.0.1", "--tls-port", port, "--save", "", "--dir", dir,
		"--tls-cert-file", server.file + ".pem", "--tls-key-file", server.file + ".key", "--tls-ca-cert-file", ca.file + ".pem", "--tls-auth-clients", "yes",
		"--user", "default", "off", "--user", "webmon", "on", ">secret"}, store.ACL("webmon")...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address := "rediss://webmon:secret@127.0.0.1:" + port
	ping := func(o store.Options) error {
		o.Address = address
		s, err := store.Open(o)
		if err != nil {
			return err
		}
		defer s.Close()
		return s.Ping(t.Context())
	}
	good := store.Options{CA: ca.file + ".pem", Cert: client.file + ".pem", Key: client.file + ".key"}
	waitFor(t, func() bool { return ping(good) == nil })
	for name, test := range map[string]struct {
		change func(*store.Options)
		want   string
	}{
		"the system's authorities": {func(o *store.Options) { o.CA = "" }, "unknown authority"},
		"another authority":        {func(o *store.Options) { o.CA = stranger.file + ".pem" }, "unknown authority"},
		"no certificate":           {func(o *store.Options) { o.Cert, o.Key = "", "" }, "not available"},
		"a stranger's":             {func(o *store.Options) { o.Cert, o.Key = stranger.file+".pem", stranger.file+".key" }, "not available"},
		"no such file":             {func(o *store.Options) { o.CA = "/none.pem" }, "/none.pem"},
		"no certificate inside":    {func(o *store.Options) { o.CA = ca.file + ".key" }, "holds none"},
		"another's key":            {func(o *store.Options) { o.Key = ca.file + ".key" }, "private key"},
	} {
		o := good
		test.change(&o)
		if err := ping(o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := store.Open(store.Options{Address: "redis://127.0.0.1", CA: ca.file + ".pem"}); err == nil || !strings.Contains(err.Error(), "rediss://") {
		t.Errorf("without TLS: %v", err)
	}
}
