package configs

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Networks is a list of IP networks. In text they are separated by commas, and
// a single address counts as a network of one: "10.0.0.0/8, fd00::/8, 192.0.2.7".
type Networks []netip.Prefix

// UnmarshalText reads such a list; an empty text is an empty list.
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	if len(text) == 0 {
		return nil
	}
	for part := range strings.SplitSeq(string(text), ",") {
		network, err := parseNetwork(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		*n = append(*n, network)
	}
	return nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if addr, bare := netip.ParseAddr(text); bare == nil && addr.Zone() == "" {
		network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	addr := network.Addr()
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is no network: give networks such as 10.0.0.0/8 or fd00::/8, or single addresses, separated by commas", text)
	case addr.Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q is written as IPv6: write the IPv4 network, such as 10.0.0.0/8", text)
	case network != network.Masked():
		return netip.Prefix{}, fmt.Errorf("%q goes on after its first %d bits: did you mean %s?", text, network.Bits(), network.Masked())
	}
	return network, nil
}

// privateTargets is the default of targets-private. An executor beside its
// dispatcher is somebody's own; one elsewhere may stand in a network that those
// who add assets have no business in.
func privateTargets(role Role, jobsOut string) string {
	if role == Executor && !onThisMachine(jobsOut) {
		return "refuse"
	}
	return "allow"
}

// onThisMachine tells whether a ZeroMQ endpoint cannot be on another machine.
func onThisMachine(endpoint string) bool {
	transport, address, _ := strings.Cut(endpoint, "://")
	if transport != "tcp" {
		return true // ipc and inproc
	}
	host, _, _ := net.SplitHostPort(address) // checked before
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
