package tlscert

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

var now = time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// cert is a certificate for site.example that expires in so long.
func cert(name string, left time.Duration) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, Issuer: pkix.Name{Organization: []string{"Test CA"}},
		DNSNames: []string{name, "www." + name}, NotBefore: now.Add(-100 * day), NotAfter: now.Add(left),
	}
}

func page(chain ...*x509.Certificate) *plugins.Page {
	return &plugins.Page{
		URL: "https://site.example/", Status: 200, At: now,
		TLS: &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, PeerCertificates: chain},
	}
}

func inspect(t *testing.T, options string, page *plugins.Page) plugins.Report {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	report, err := plugin.Inspect(t.Context(), page, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFindings(t *testing.T) {
	t.Parallel()
	future := cert("site.example", 90*day)
	future.NotBefore = now.Add(day)
	forever := cert("site.example", 90*day)
	forever.NotAfter = now.AddDate(5000, 0, 0)
	for _, test := range []struct {
		name, options string
		page          *plugins.Page
		want          []string // "severity code: message"
	}{
		{"fine", "", page(cert("site.example", 90*day)), nil},
		{"plain HTTP", "", &plugins.Page{Status: 200}, nil},
		{"valid for ages", "", page(forever), nil},
		{"soon", "", page(cert("site.example", 20*day+time.Hour)), []string{
			"warning certificate_expiring: The certificate of site.example expires in 20 days, on 2027-02-04."}},
		{"very soon", "", page(cert("site.example", 30*time.Hour)), []string{
			"critical certificate_expiring: The certificate of site.example expires in 30 hours, on 2027-01-16."}},
		{"soon enough", `{"warn_days": 10.5, "critical_days": 0}`, page(cert("site.example", 11*day)), nil},
		{"sooner", `{"warn_days": 10.5, "critical_days": 0}`, page(cert("site.example", 10*day)), []string{
			"warning certificate_expiring: The certificate of site.example expires in 10 days, on 2027-01-25."}},
		{"expired", "", page(cert("site.example", -time.Hour)), []string{
			"critical certificate_expired: The certificate of site.example expired on 2027-01-15."}},
		{"not yet", "", page(future), []string{
			"critical certificate_not_yet_valid: The certificate of site.example is valid only from 2027-01-16."}},
		{"other name", "", page(cert("other.example", 90*day)), []string{
			"critical certificate_name_mismatch: The certificate is for other.example, www.other.example, not for site.example."}},
		{"chain", "", page(cert("site.example", 90*day), cert("Old CA", 3*day)), []string{
			"critical chain_certificate_expiring: The certificate of Old CA expires in 3 days, on 2027-01-18."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, finding := range inspect(t, test.options, test.page).Findings {
				got = append(got, fmt.Sprintf("%s %s: %s", finding.Severity, finding.Code, finding.Message))
				if finding.Verdict != plugins.Degraded {
					t.Errorf("verdict %q, want degraded", finding.Verdict)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestMetricsAndFacts(t *testing.T) {
	t.Parallel()
	report := inspect(t, "", page(cert("site.example", 90*day), cert("CA", 40*day)))
	want := []plugins.Metric{
		{Name: "chain_expiry_seconds", Value: 40 * 86400}, {Name: "expiry_seconds", Value: 90 * 86400},
		{Name: "not_after_timestamp_seconds", Value: float64(now.Add(90 * day).Unix())},
	}
	if !slices.Equal(report.Metrics, want) {
		t.Errorf("got  %v\nwant %v", report.Metrics, want)
	}
	for name, want := range map[string]string{
		"issuer": "Test CA", "subject": "site.example", "names": "site.example, www.site.example",
		"tls_version": "TLS 1.3", "cipher": "TLS_AES_128_GCM_SHA256",
	} {
		if report.Facts[name] != want {
			t.Errorf("%s is %q, want %q", name, report.Facts[name], want)
		}
	}
	many := cert("site.example", 90*day)
	for i := range 500 {
		many.DNSNames = append(many.DNSNames, fmt.Sprintf("host%d.example", i))
	}
	many.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)}
	if names := inspect(t, "", page(many)).Facts["names"]; len(names) > maxNames+10 || !strings.HasSuffix(names, " …") {
		t.Errorf("the names are %d bytes, end in %q", len(names), names[len(names)-10:])
	}
}

// A real handshake gives a real connection state.
func TestRealServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	report := inspect(t, "", &plugins.Page{URL: server.URL, Status: 404, At: now, TLS: response.TLS})
	if len(report.Metrics) != 3 || len(report.Findings) != 1 || report.Findings[0].Code != "self_signed" || report.Facts["issuer"] != "Acme Co" {
		t.Errorf("got %+v", report)
	}
	report = inspect(t, "", &plugins.Page{URL: "https://localhost.example/", Status: 404, At: now, TLS: response.TLS})
	if len(report.Findings) != 2 || report.Findings[0].Code != "certificate_name_mismatch" {
		t.Errorf("under another name: got %+v", report.Findings)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"warn_days": -1}`: "warn_days", `{"warn_days": 4000}`: "warn_days", `{"warn_days": "21"}`: "warn_days",
		`{"critical_days": 22}`: "critical_days", `{"critical_days": -1}`: "critical_days",
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that names %s", options, err, want)
		}
	}
}
