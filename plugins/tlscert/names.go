package tlscert

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"webmon/plugins"
)

// judgeName tells whether the certificate was made for another host than the
// one that was asked.
func judgeName(leaf *x509.Certificate, page *plugins.Page) (finding plugins.Finding, found bool) {
	address := page.FinalURL
	if address == "" {
		address = page.URL
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || leaf.VerifyHostname(u.Hostname()) == nil {
		return plugins.Finding{}, false
	}
	names := subjectNames(leaf)
	message := fmt.Sprintf("The certificate is for %s, not for %s.", names, u.Hostname())
	if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
		message = fmt.Sprintf("The certificate names no host: it has no subjectAltName, so it is not for %s.", u.Hostname())
	}
	return plugins.Finding{
		Severity: plugins.Critical, Code: "certificate_name_mismatch",
		Message:  message,
		Observed: plugins.Text(names), Expected: plugins.Text(u.Hostname()),
		Verdict: plugins.Degraded,
	}, true
}

// maxNames is the most bytes of a list of names that are kept: certificates
// can be for hundreds of names.
const maxNames = 300

// subjectNames lists whom a certificate is for.
func subjectNames(cert *x509.Certificate) string {
	var list strings.Builder
	add := func(name string) bool {
		if list.Len()+len(name) > maxNames {
			list.WriteString(" …")
			return false
		}
		if list.Len() > 0 {
			list.WriteString(", ")
		}
		list.WriteString(name)
		return true
	}
	for _, name := range cert.DNSNames {
		if !add(name) {
			return text(list.String())
		}
	}
	for _, ip := range cert.IPAddresses {
		if !add(ip.String()) {
			return text(list.String())
		}
	}
	if list.Len() == 0 {
		return commonName(cert.Subject)
	}
	return text(list.String())
}

// commonName returns the shortest name that a person knows the owner by.
func commonName(name pkix.Name) string {
	switch {
	case name.CommonName != "":
		return text(name.CommonName)
	case len(name.Organization) > 0 && name.Organization[0] != "":
		return text(name.Organization[0])
	}
	return "(no name)"
}

// text makes what stands in a certificate fit to be shown.
func text(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxNames)], "\uFFFD")
}

// secondsLeft is the time from at until cert expires, in whole seconds. It is
// a number because a certificate may be valid for longer than a
// time.Duration can hold.
func secondsLeft(cert *x509.Certificate, at time.Time) float64 {
	return float64(cert.NotAfter.Unix() - at.Unix())
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02") }

// inDays writes a time as people say it: days, and hours for the last two.
func inDays(seconds float64) string {
	if hours := seconds / 3600; hours < 48 {
		return fmt.Sprintf("%.0f hours", hours)
	}
	return fmt.Sprintf("%.0f days", math.Floor(seconds/86400))
}
