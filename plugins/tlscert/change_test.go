package tlscert

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"errors"
	"testing"
	"time"

	"webmon/plugins"
)

// Each step is a check of the same asset.
func TestChanges(t *testing.T) {
	t.Parallel()
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	made := func(issuer, key string) *plugins.Page {
		leaf := cert("site.example", 90*24*time.Hour)
		leaf.Issuer = pkix.Name{CommonName: issuer}
		leaf.RawSubjectPublicKeyInfo = []byte(key)
		return page(leaf)
	}
	failed := made("Mallory", "m")
	failed.Err = errors.New("x509: unknown authority")
	var past []byte
	for i, step := range []struct {
		page *plugins.Page
		want string
	}{
		{made("A", "1"), ""}, {made("A", "1"), ""}, {made("A", "2"), "info key_changed,"}, {&plugins.Page{Status: 200}, ""},
		{made("B", "3"), "warning issuer_changed,info key_changed,"}, {made("A", "1"), ""}, {made("B", "3"), ""},
		{failed, ""}, {made("Mallory", "m"), "warning issuer_changed,info key_changed,"},
	} {
		report, err := plugin.Inspect(t.Context(), step.page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		got := ""
		for _, f := range report.Findings {
			got += string(f.Severity) + " " + f.Code + ","
		}
		if got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	old, own := page(cert("site.example", 90*24*time.Hour)), cert("site.example", 90*24*time.Hour)
	old.TLS.Version = tls.VersionTLS11
	own.RawSubject, own.RawIssuer = []byte("name"), []byte("name")
	for want, page := range map[string]*plugins.Page{"weak_tls": old, "self_signed": page(own)} {
		findings := inspect(t, "", page).Findings
		if len(findings) != 1 || findings[0].Code != want || findings[0].Verdict != "" {
			t.Errorf("got %+v, want %s", findings, want)
		}
	}
}
