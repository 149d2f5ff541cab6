// Package tlscert is the plugin that looks at the certificates an asset shows.
package tlscert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "tlscert",
		Doc:  "How long the TLS certificates stay valid, fit the name, and are those seen before; nothing over plain HTTP.",
		When: "a certificate of the chain expires soon, is for another name, signed by itself, or by another issuer than before, or the TLS version is old",
		Metrics: []plugins.MetricDoc{
			{Name: "chain_expiry_seconds", Unit: "seconds", Doc: "Time left until the first certificate of the chain expires; negative afterwards."},
			{Name: "expiry_seconds", Unit: "seconds", Doc: "Time left until the server's own certificate expires; negative afterwards."},
			{Name: "not_after_timestamp_seconds", Unit: "timestamp", Doc: "When the server's own certificate expires, in Unix time."},
		},
		Facts: []plugins.FactDoc{
			{Name: "cipher", Doc: "The cipher suite of the connection."},
			{Name: "issuer", Doc: "The name of who issued the certificate."},
			{Name: "names", Doc: "The names that the certificate is for."},
			{Name: "subject", Doc: "The name of whom the certificate is for."},
			{Name: "tls_version", Doc: "The version of TLS, such as TLS 1.3."},
		},
		Options: []plugins.OptionDoc{
			{Name: "warn_days", Type: "number", Default: "21", Doc: "A certificate with fewer days left is a warning."},
			{Name: "critical_days", Type: "number", Default: "7", Doc: "A certificate with fewer days left is critical."},
		},
		New: New,
	}
}

type tlscert struct{ warn, critical float64 } // seconds left

type options struct {
	WarnDays     float64 `json:"warn_days"`
	CriticalDays float64 `json:"critical_days"`
}

// maxDays is the longest sensible warning: certificates live for less.
const maxDays = 3650

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	o := options{WarnDays: 21, CriticalDays: 7}
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	if o.WarnDays < 0 || o.WarnDays > maxDays {
		return nil, fmt.Errorf(`option "warn_days": %v is not between 0 and %d`, o.WarnDays, maxDays)
	}
	if o.CriticalDays < 0 || o.CriticalDays > o.WarnDays {
		return nil, fmt.Errorf(`option "critical_days": %v is not between 0 and warn_days, which is %v`, o.CriticalDays, o.WarnDays)
	}
	const day = 24 * 60 * 60
	return &tlscert{warn: o.WarnDays * day, critical: o.CriticalDays * day}, nil
}

// Inspect implements [plugins.Plugin]. It remembers issuers and keys, but not
// those of connections that failed.
func (t *tlscert) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if !known {
		past = nil
	}
	if page.TLS == nil || len(page.TLS.PeerCertificates) == 0 || page.TLS.PeerCertificates[0] == nil {
		return plugins.Report{Findings: judgeRefusal(page), Past: past}, nil
	}
	chain := page.TLS.PeerCertificates
	leaf, first := chain[0], chain[0]
	for _, cert := range chain {
		if cert != nil && cert.NotAfter.Before(first.NotAfter) {
			first = cert
		}
	}
	report := plugins.Report{
		Metrics: []plugins.Metric{
			{Name: chainMetric, Value: secondsLeft(first, page.At)},
			{Name: leafMetric, Value: secondsLeft(leaf, page.At)},
			{Name: "not_after_timestamp_seconds", Value: float64(leaf.NotAfter.Unix())},
		},
		Facts: map[string]string{
			"cipher":      tls.CipherSuiteName(page.TLS.CipherSuite),
			"issuer":      commonName(leaf.Issuer),
			"names":       subjectNames(leaf),
			"subject":     commonName(leaf.Subject),
			"tls_version": tls.VersionName(page.TLS.Version),
		},
	}
	report.Findings = t.judgeTime(report.Findings, leaf, page.At, leafCode, leafMetric)
	if first != leaf {
		report.Findings = t.judgeTime(report.Findings, first, page.At, chainCode, chainMetric)
	}
	if finding, ok := judgeName(leaf, page); ok {
		report.Findings = append(report.Findings, finding)
	}
	report.Findings = judgeTrust(report.Findings, page, leaf)
	if page.Err == nil {
		report.Findings = append(report.Findings, m.learn(leaf)...)
		past = m.encode()
	}
	report.Past = past
	return report, nil
}

// The metrics of time, and how the codes of findings about them begin.
const (
	leafCode, leafMetric   = "certificate", "expiry_seconds"
	chainCode, chainMetric = "chain_certificate", "chain_expiry_seconds"
	early                  = "_not_yet_valid" // how the code ends of a certificate before its time
)

// judgeTime adds a finding when a certificate is out of its time or nearly so.
func (t *tlscert) judgeTime(findings []plugins.Finding, cert *x509.Certificate, at time.Time, code, metric string) []plugins.Finding {
	name, left := commonName(cert.Subject), secondsLeft(cert, at)
	if at.Before(cert.NotBefore) {
		return append(findings, plugins.Finding{
			Severity: plugins.Critical, Code: code + early, Metric: metric, Observed: plugins.Number(left), Verdict: plugins.Degraded,
			Message: fmt.Sprintf("The certificate of %s is valid only from %s.", name, date(cert.NotBefore)),
		})
	}
	return t.judgeLeft(findings, name, left, at, code, metric)
}

// judgeLeft adds a finding when a certificate has no time left, or too little;
// left is in seconds.
func (t *tlscert) judgeLeft(findings []plugins.Finding, name string, left float64, at time.Time, code, metric string) []plugins.Finding {
	finding := plugins.Finding{Severity: plugins.Critical, Metric: metric, Observed: plugins.Number(left), Verdict: plugins.Degraded}
	end := date(time.Unix(at.Unix()+int64(left), 0))
	switch {
	case left <= 0:
		finding.Code, finding.Expected = code+"_expired", plugins.Number(0)
		finding.Message = fmt.Sprintf("The certificate of %s expired on %s.", name, end)
	case left < t.warn:
		finding.Code, finding.Expected = code+"_expiring", plugins.Number(t.warn)
		finding.Message = fmt.Sprintf("The certificate of %s expires in %s, on %s.", name, inDays(left), end)
		if left >= t.critical {
			finding.Severity = plugins.Warning
		}
	default:
		return findings
	}
	return append(findings, finding)
}
