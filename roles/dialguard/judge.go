package dialguard

import (
	"fmt"
	"net/netip"
	"slices"
)

// judge returns why an address is refused, or nil. The address is in its plain
// form: without a zone, and not an IPv4 address mapped to IPv6.
func (p *Policy) judge(addr netip.Addr) *Refusal {
	refuse := func(format string, args ...any) *Refusal {
		return &Refusal{addr.String(), fmt.Sprintf(format, args...)}
	}
	if r := find(never, addr); r != nil {
		return refuse("%s; no setting allows it", r.why)
	}
	if i := slices.IndexFunc(p.options.Deny, contains(addr)); i >= 0 {
		return refuse("is in %s, which targets-deny refuses", p.options.Deny[i])
	}
	if inner, ok := translated(addr); ok {
		if refusal := p.judge(inner); refusal != nil {
			return refuse("stands for %s, which %s", refusal.address, refusal.reason)
		}
		if wellKnownNAT64.Contains(addr) {
			return nil // it is no more than another way to write inner
		}
	}
	if r := find(private, addr); r != nil {
		if p.options.Private || slices.ContainsFunc(p.options.Allow, contains(addr)) {
			return nil
		}
		return refuse("%s (%s), which is refused here: "+
			"to check it, add %[3]s or its network to the setting targets-allow, or set targets-private to allow",
			r.why, r.network, addr)
	}
	if why := reserved(addr); why != "" {
		return refuse("%s; no setting allows it", why)
	}
	return nil
}

func contains(addr netip.Addr) func(netip.Prefix) bool {
	return func(network netip.Prefix) bool { return network.Contains(addr) }
}

// translated returns the IPv4 address that a NAT64 gateway would connect to for
// addr. Gateways under prefixes of their own network cannot be told from
// other addresses.
func translated(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case wellKnownNAT64.Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:])), true
	case !localNAT64.Contains(addr):
		return netip.Addr{}, false
	case [5]byte(b[11:]) == [5]byte{}:
		// RFC 6052: after a prefix of 48 bits the address goes around byte 8.
		return netip.AddrFrom4([4]byte{b[6], b[7], b[9], b[10]}), true
	}
	return netip.AddrFrom4([4]byte(b[12:])), true
}
