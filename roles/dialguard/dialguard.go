// Package dialguard decides which addresses webmon may connect to.
//
// Who writes an asset's URL, answers with a redirect or runs a name server says
// where webmon connects. A [Policy] is asked for every connection, after the
// name was resolved and with the address that the kernel is about to use. So
// nothing that a URL or a name server says can get past it: not a name that
// resolves to another address the second time, and not an address in disguise.
package dialguard

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// Options say what a [Policy] lets through beside public addresses.
type Options struct {
	Private bool           // loopback and private networks too
	Allow   []netip.Prefix // of those, what is let through without Private
	Deny    []netip.Prefix // what is refused in any case
}

// Policy says which addresses may be connected to. It cannot be changed, and
// any number of goroutines may use one at once.
type Policy struct{ options Options }

// New makes a Policy. It refuses networks that are malformed, and those in
// Allow that are never let through.
func New(o Options) (*Policy, error) {
	for _, network := range slices.Concat(o.Allow, o.Deny) {
		if !network.IsValid() || network.Addr().Is4In6() || network != network.Masked() {
			return nil, fmt.Errorf("%s is no network: give one such as 10.0.0.0/8 or fd00::/8", network)
		}
	}
	for _, network := range o.Allow {
		if why := inVain(network); why != "" {
			return nil, fmt.Errorf("%s cannot be allowed: it %s", network, why)
		}
	}
	return &Policy{Options{o.Private, slices.Clone(o.Allow), slices.Clone(o.Deny)}}, nil
}

// Control is for the field of that name of [net.Dialer]. The error, if any, is
// a [*Refusal].
func (p *Policy) Control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return &Refusal{address, fmt.Sprintf("is reached by %q, and webmon connects by TCP only", network)}
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Refusal{address, "is no IP address with a port"}
	}
	if refusal := p.judge(target.Addr().Unmap().WithZone("")); refusal != nil {
		return refusal
	}
	return nil
}

// Refusal is why an address may not be connected to.
type Refusal struct{ address, reason string }

// Error says which address it is, why it is refused, and how to allow it if
// that can be done.
func (r *Refusal) Error() string { return r.address + " " + r.reason }
