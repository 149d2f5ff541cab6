package tlscert

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

const (
	pastVersion = 1
	maxRecent   = 4 // issuers and keys remembered: several servers may take turns
)

// memory is what is remembered of an asset.
type memory struct {
	issuer        string   // of the certificate seen last
	issuers, keys []uint32 // hashes of those seen lately, the latest last
}

// learn takes in a certificate, and tells what is new about it. Another issuer
// is worth a look, because anybody who can get a certificate for the name can
// listen; another key comes with most renewals.
func (m *memory) learn(leaf *x509.Certificate) (findings []plugins.Finding) {
	known, before, now := len(m.issuers) > 0, m.issuer, commonName(leaf.Issuer)
	m.issuer = now
	if remember(&m.issuers, []byte(now)) && known {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "issuer_changed",
			Message:  fmt.Sprintf("The certificate is now issued by %s; before it was %s.", now, before),
			Observed: plugins.Text(now), Expected: plugins.Text(before),
		})
	}
	if remember(&m.keys, leaf.RawSubjectPublicKeyInfo) && known {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Info, Code: "key_changed", Message: "The certificate has another key than before.",
		})
	}
	return findings
}

// remember puts what is seen last, and tells whether it is new.
func remember(recent *[]uint32, what []byte) (fresh bool) {
	hash := uint32(xxhash.Sum64(what))
	list := *recent
	at := slices.Index(list, hash)
	if at >= 0 {
		list = slices.Delete(list, at, at+1)
	}
	list = append(list, hash)
	*recent = list[max(0, len(list)-maxRecent):]
	return at < 0
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Text(m.issuer)
	for _, list := range [][]uint32{m.issuers, m.keys} {
		w.Int(len(list))
		for _, hash := range list {
			w.Hash32(hash)
		}
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.issuer = r.Text(3 * maxNames) // what is no UTF-8 grows when it is mended
	for _, list := range []*[]uint32{&m.issuers, &m.keys} {
		*list = make([]uint32, r.Int(maxRecent), maxRecent+1)
		for i := range *list {
			(*list)[i] = r.Hash32()
		}
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
