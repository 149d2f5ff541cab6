package services

import (
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

func TestTheListHoldsSites(t *testing.T) {
	t.Parallel()
	for site := range known {
		if registrable, err := publicsuffix.EffectiveTLDPlusOne(site); err != nil || registrable != site || strings.ToLower(site) != site {
			t.Errorf("%s: not the registrable domain of a site (%s, %v), so it would never be found", site, registrable, err)
		}
	}
}

func TestWhereAnybodyPutsFilesIsNoService(t *testing.T) {
	t.Parallel()
	for _, site := range []string{
		"jsdelivr.net", "unpkg.com", "cloudflare.com", "esm.sh", "github.io", "githubusercontent.com", "googleapis.com", "jquery.com",
		"cloudfront.net", "amazonaws.com", "fastly.net", "akamaihd.net", "b-cdn.net", "azureedge.net", "shopify.com", "google.com", "pages.dev",
		"netlify.app", "vercel.app", "web.app", "herokuapp.com", "workers.dev", "evil.example", "",
	} {
		if Known(site) {
			t.Errorf("%s is taken for a widespread service; a script there may be anyone's", site)
		}
	}
	if !Known("googletagmanager.com") || !Known("stripe.com") {
		t.Error("widespread services are not known")
	}
}
