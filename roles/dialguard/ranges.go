package dialguard

import (
	"fmt"
	"net/netip"
	"slices"

	"code.dny.dev/ssrf"
)

// addresses is a network and what is said of an address in it.
type addresses struct {
	network netip.Prefix
	why     string
}

var (
	wellKnownNAT64 = ssrf.IPv6NAT64Prefix
	localNAT64     = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
)

// never is what no setting lets through: what a cloud tells its machines, keys
// included, it tells everyone who asks from there.
var never = []addresses{
	{netip.MustParsePrefix("169.254.0.0/16"), "is link-local, where clouds hand out credentials"},
	{netip.MustParsePrefix("fe80::/10"), "is link-local, where clouds hand out credentials"},
	{netip.MustParsePrefix("100.100.100.200/32"), "is the metadata service of a cloud (Alibaba)"},
	{netip.MustParsePrefix("168.63.129.16/32"), "is the metadata service of a cloud (Azure)"},
	{netip.MustParsePrefix("192.0.0.192/32"), "is the metadata service of a cloud (Oracle)"},
	{netip.MustParsePrefix("fd00:ec2::/32"), "is the metadata service of a cloud (Amazon)"},
	{netip.MustParsePrefix("fd20:ce::254/128"), "is the metadata service of a cloud (Google)"},
	{netip.MustParsePrefix("fd00:42::42/128"), "is the metadata service of a cloud (Scaleway)"},
}

// private is what the policy decides on.
var private = []addresses{
	{netip.MustParsePrefix("127.0.0.0/8"), "is this machine itself"},
	{netip.MustParsePrefix("::1/128"), "is this machine itself"},
	{netip.MustParsePrefix("10.0.0.0/8"), "is in a private network"},
	{netip.MustParsePrefix("172.16.0.0/12"), "is in a private network"},
	{netip.MustParsePrefix("192.168.0.0/16"), "is in a private network"},
	{netip.MustParsePrefix("fc00::/7"), "is in a private network"},
	{netip.MustParsePrefix("100.64.0.0/10"), "is in a provider's inner network"},
	{netip.MustParsePrefix("198.18.0.0/15"), "is in a network for tests"},
	{localNAT64, "is behind a gateway of your own network"},
}

// special is what IANA has set aside, the private networks included.
var special = slices.Concat(ssrf.IPv4DeniedPrefixes, ssrf.IPv6DeniedPrefixes)

// reserved says why an address that is in none of the lists above belongs to no
// public server, or "" for one that may.
func reserved(addr netip.Addr) string {
	if addr.Is6() && !ssrf.IPv6GlobalUnicast.Contains(addr) {
		return fmt.Sprintf("is outside %s, where the public addresses are", ssrf.IPv6GlobalUnicast)
	}
	for _, network := range special {
		if network.Contains(addr) {
			return fmt.Sprintf("is in %s, which is reserved and has no public servers", network)
		}
	}
	return ""
}

func find(list []addresses, addr netip.Addr) *addresses {
	for i := range list {
		if list[i].network.Contains(addr) {
			return &list[i]
		}
	}
	return nil
}

// inVain says why nothing in a network can be allowed, or "" when something can.
func inVain(network netip.Prefix) string {
	if r := find(never, network.Addr()); r != nil && r.network.Bits() <= network.Bits() {
		return r.why
	}
	if slices.ContainsFunc(private, func(r addresses) bool { return r.network.Overlaps(network) }) {
		return ""
	}
	return reserved(network.Addr())
}
