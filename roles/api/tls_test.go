package api_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webmon/roles/api"
	"webmon/store/storetest"
)

// pair writes a certificate of this name, with its key.
func pair(t *testing.T, folder, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	replace(t, filepath.Join(folder, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	replace(t, filepath.Join(folder, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
}

// replace replaces a file as a whole, as those do that renew certificates.
func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// serveTLS serves with the pair in a folder.
func serveTLS(t *testing.T, folder string) (*api.Server, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	server, err := api.New(api.Options{
		Listen: "127.0.0.1:0", Store: storetest.Open(t), Plugins: onlyHTMLStats(), Push: func([]string) {}, Snapshot: func() {},
		TLSCert: filepath.Join(folder, "cert.pem"), TLSKey: filepath.Join(folder, "key.pem"), Logger: textLogger(log),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return server, log
}

// served is the name in the certificate of a new connection.
func served(t *testing.T, server *api.Server, settings *tls.Config) (string, error) {
	t.Helper()
	settings.InsecureSkipVerify = true
	conn, err := tls.Dial("tcp", server.Addr(), settings)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return strings.Join(conn.ConnectionState().PeerCertificates[0].DNSNames, " "), nil
}

func TestTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pair(t, folder, "first.example")
	server, _ := serveTLS(t, folder)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	if !strings.HasPrefix(server.URL(), "https://127.0.0.1:") {
		t.Errorf("URL %s", server.URL())
	}
	for _, body := range []string{"", `{"url":"http://a/"}`} {
		method, want := http.MethodGet, http.StatusOK
		if body != "" {
			method, want = http.MethodPost, http.StatusCreated
		}
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL()+"/v1/assets", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %s %s %v", method, answer.Proto, answer.Status, answer.Header)
		}
	}
	if _, err := served(t, server, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	if name, err := served(t, server, &tls.Config{MaxVersion: tls.VersionTLS12}); err != nil || name != "first.example" {
		t.Errorf("TLS 1.2: %q, %v", name, err)
	}
}

// TestCertificateIsReadAgain renews the certificate, badly and well.
func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pair(t, folder, "first.example")
	server, log := serveTLS(t, folder)
	now := func() string {
		name, err := served(t, server, &tls.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	replace(t, filepath.Join(folder, "cert.pem"), []byte("nonsense"))
	wait := func(what string, holds func() bool) {
		for deadline := time.Now().Add(patience); !holds(); {
			if time.Now().After(deadline) {
				t.Fatalf("never: %s\n%s", what, log)
			}
		}
	}
	const warning = "the new certificate cannot be used"
	wait("a warning", func() bool { return now() == "first.example" && strings.Contains(log.String(), warning) })
	// Some seconds later the bad pair is still said to be bad once only.
	until := time.Now().Add(2500 * time.Millisecond)
	wait("some more handshakes", func() bool { return now() == "first.example" && time.Now().After(until) })
	if n := strings.Count(log.String(), warning); n != 1 {
		t.Errorf("%d warnings:\n%s", n, log)
	}
	pair(t, folder, "second.example")
	wait("the new certificate", func() bool { return now() == "second.example" })
}

func TestBadCertificates(t *testing.T) {
	t.Parallel()
	good, other := t.TempDir(), t.TempDir()
	pair(t, good, "a.example")
	pair(t, other, "b.example")
	for name, test := range map[string]struct{ cert, key, want string }{
		"no key":        {good + "/cert.pem", "", "belong together"},
		"no cert":       {"", good + "/key.pem", "belong together"},
		"no such file":  {good + "/none.pem", good + "/key.pem", "none.pem"},
		"another's key": {good + "/cert.pem", other + "/key.pem", "private key"},
	} {
		_, err := api.New(api.Options{
			Listen: "127.0.0.1:0", Store: storetest.Open(t), Plugins: onlyHTMLStats(), Push: func([]string) {}, Snapshot: func() {},
			TLSCert: test.cert, TLSKey: test.key,
		})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
