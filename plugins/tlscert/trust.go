package tlscert

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"webmon/plugins"
)

// judgeTrust tells of a connection that is weak by its kind. None of it is news
// to the owner of an old or an internal site, so the verdict stays; where the
// check fails for it, availability says so.
func judgeTrust(findings []plugins.Finding, page *plugins.Page, leaf *x509.Certificate) []plugins.Finding {
	if version := page.TLS.Version; version >= tls.VersionTLS10 && version < tls.VersionTLS12 {
		findings = append(findings, weakTLS("The connection uses "+tls.VersionName(version), tls.VersionName(version)))
	}
	var unknown x509.UnknownAuthorityError
	switch {
	case len(leaf.RawSubject) > 0 && bytes.Equal(leaf.RawSubject, leaf.RawIssuer):
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "self_signed",
			Message: fmt.Sprintf("The certificate of %s is signed by itself, so nobody vouches for it.", commonName(leaf.Subject)),
		})
	case errors.As(page.Err, &unknown):
		issuer := commonName(leaf.Issuer)
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "unknown_issuer",
			Message: fmt.Sprintf("The certificate of %s is issued by %s, for whom nobody vouches: "+
				"either that issuer is not trusted, or the server does not send the certificates in between.", commonName(leaf.Subject), issuer),
			Observed: plugins.Text(issuer),
		})
	}
	return findings
}

// judgeRefusal tells why there is no certificate, if that is for the version of
// TLS: a server that has no newer one than 1.1 is not talked to.
func judgeRefusal(page *plugins.Page) []plugins.Finding {
	if page.Err == nil || page.ErrClass != plugins.ErrTLS || !strings.Contains(page.Err.Error(), "protocol version") {
		return nil
	}
	return []plugins.Finding{weakTLS("The server and webmon have no version of TLS in common; it seems to know nothing newer than TLS 1.1", "")}
}

func weakTLS(what, version string) plugins.Finding {
	finding := plugins.Finding{
		Severity: plugins.Warning, Code: "weak_tls", Message: what + ", which is not safe any more; browsers ask for TLS 1.2.", Expected: plugins.Text("TLS 1.2"),
	}
	if version != "" {
		finding.Observed = plugins.Text(version)
	}
	return finding
}
