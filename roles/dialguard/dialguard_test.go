package dialguard_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"webmon/roles/dialguard"
)

func policy(t testing.TB, o dialguard.Options) *dialguard.Policy {
	t.Helper()
	p, err := dialguard.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func networks(texts ...string) (list []netip.Prefix) {
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// ask is what the dialer of net does before it connects.
func ask(p *dialguard.Policy, addr string) error {
	a := netip.MustParseAddr(addr)
	network := "tcp4"
	if a.Is6() {
		network = "tcp6"
	}
	return p.Control(network, netip.AddrPortFrom(a, 80).String(), nil)
}

// Addresses by who may connect to them. Each also stands for the ways in which
// it can be written as an IPv6 address.
var (
	publicAddrs = []string{
		"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
		"169.253.255.255", "169.255.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15",
		"2606:4700::1111", "2a00:1450:4001::1", "2620:4f:8001::1",
	}
	privateAddrs = []string{
		"127.0.0.1", "127.255.255.254", "10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
		"100.64.0.1", "100.127.255.255", "198.18.0.1", "198.19.255.255", "::1", "fc00::1", "fd12:3456::1", "fd12:3456::1%lo",
		"64:ff9b:1::808:808", "64:ff9b:1:808:8:800::", // NAT64 of the own network to 8.8.8.8
	}
	neverAddrs = []string{
		"169.254.169.254", "169.254.170.2", "169.254.0.1", "fe80::1", "fe80::1%lo", "febf::1", "fe80::a9fe:a9fe",
		"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
		"0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1",
		"192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "2001:db8::1", "3fff::1", "100::1", "fec0::1", "4000::1",
		"2002:808:808::1", "2002:7f00:1::1", // 6to4
		"2001:0:808:808::f7f7:f7f7", "2001::1", // Teredo
		"::808:808", "::7f00:1", // IPv4-compatible
		"::ffff:0:808:808",                                 // IPv4-translated
		"64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", // NAT64 of the own network to 169.254.169.254
		"64:ff9b:2::1",
	}
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	everything := networks("0.0.0.0/0", "::/0")
	for name, tt := range map[string]struct {
		options                dialguard.Options
		public, private, never bool
	}{
		"public only":     {dialguard.Options{}, true, false, false},
		"private":         {dialguard.Options{Private: true}, true, true, false},
		"allow all":       {dialguard.Options{Allow: everything}, true, true, false},
		"deny all":        {dialguard.Options{Private: true, Deny: everything}, false, false, false},
		"deny over allow": {dialguard.Options{Allow: everything, Deny: everything}, false, false, false},
	} {
		p := policy(t, tt.options)
		for _, list := range []struct {
			addrs []string
			want  bool
		}{{publicAddrs, tt.public}, {privateAddrs, tt.private}, {neverAddrs, tt.never}} {
			for _, addr := range list.addrs {
				for _, written := range disguises(addr) {
					err := ask(p, written)
					if (err == nil) != list.want {
						t.Errorf("%s: %s for %s: %v", name, written, addr, err)
					}
					if refusal := new(dialguard.Refusal); err != nil && !errors.As(err, &refusal) {
						t.Errorf("%s: %s: %T is no refusal", name, written, err)
					}
				}
			}
		}
	}
}

// disguises are the ways to write an address that lead to the same machine.
func disguises(addr string) []string {
	a := netip.MustParseAddr(addr)
	if a.Is6() {
		return []string{addr}
	}
	b := a.As4()
	nat64 := netip.MustParseAddr("64:ff9b::").As16()
	copy(nat64[12:], b[:])
	return []string{addr, "::ffff:" + addr, netip.AddrFrom16(nat64).String()}
}

func TestLists(t *testing.T) {
	t.Parallel()
	p := policy(t, dialguard.Options{
		Allow: networks("10.1.0.0/16", "127.0.0.1/32", "fd00:1::/32"),
		Deny:  networks("10.1.2.0/24", "8.8.0.0/16", "2001:4860::/32"),
	})
	for addr, want := range map[string]bool{
		"10.1.0.1": true, "10.1.2.3": false, "10.2.0.1": false,
		"127.0.0.1": true, "127.0.0.2": false, "::1": false,
		"fd00:1::1": true, "fd00:2::1": false,
		"8.8.8.8": false, "8.9.0.0": true, "2001:4860::1": false, "2001:4861::1": true,
	} {
		for _, written := range disguises(addr) {
			if err := ask(p, written); (err == nil) != want {
				t.Errorf("%s for %s: %v", written, addr, err)
			}
		}
	}
	// A gateway can be denied as such.
	if err := ask(policy(t, dialguard.Options{Deny: networks("64:ff9b::/96")}), "64:ff9b::808:808"); err == nil {
		t.Error("a denied gateway is let through")
	}
}

// The words are all that an operator has to go by.
func TestRefusalSays(t *testing.T) {
	t.Parallel()
	p := policy(t, dialguard.Options{Deny: networks("8.8.8.0/24")})
	for addr, want := range map[string][]string{
		"10.2.3.4":             {"10.2.3.4 is in a private network (10.0.0.0/8)", "add 10.2.3.4 or its network to the setting targets-allow", "targets-private to allow"},
		"::ffff:127.0.0.1":     {"127.0.0.1 is this machine itself (127.0.0.0/8)", "targets-allow"},
		"64:ff9b::10.2.3.4":    {"64:ff9b::a02:304 stands for 10.2.3.4, which is in a private network", "add 10.2.3.4 or"},
		"169.254.169.254":      {"169.254.169.254 is link-local", "credentials", "no setting allows it"},
		"168.63.129.16":        {"metadata", "Azure", "no setting allows it"},
		"192.0.2.7":            {"192.0.2.7 is in 192.0.2.0/24, which is reserved", "no setting allows it"},
		"0.0.0.0":              {"0.0.0.0/8", "no setting allows it"},
		"ff02::1":              {"ff02::1 is outside 2000::/3", "no setting allows it"},
		"8.8.8.8":              {"8.8.8.8 is in 8.8.8.0/24, which targets-deny refuses"},
		"64:ff9b:1::127.0.0.1": {"64:ff9b:1::7f00:1 stands for 127.0.0.1"},
	} {
		err := ask(p, addr)
		if err == nil {
			t.Errorf("%s is let through", addr)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", addr, err, part)
			}
		}
		if forever := strings.Contains(err.Error(), "no setting"); forever && strings.Contains(err.Error(), "targets-allow") {
			t.Errorf("%s: %q advises what does not help", addr, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options dialguard.Options
		says    string
	}{
		"no network":       {dialguard.Options{Allow: []netip.Prefix{{}}}, "no network"},
		"bits after mask":  {dialguard.Options{Deny: networks("10.1.2.3/8")}, "10.1.2.3/8 is no network"},
		"mapped":           {dialguard.Options{Deny: networks("::ffff:10.0.0.0/104")}, "no network"},
		"link-local":       {dialguard.Options{Allow: networks("169.254.0.0/16")}, "169.254.0.0/16 cannot be allowed: it is link-local"},
		"metadata":         {dialguard.Options{Allow: networks("10.0.0.0/8", "169.254.169.254/32")}, "169.254.169.254/32 cannot"},
		"private metadata": {dialguard.Options{Allow: networks("fd00:ec2::/48")}, "Amazon"},
		"documentation":    {dialguard.Options{Allow: networks("192.0.2.0/25")}, "reserved"},
		"multicast":        {dialguard.Options{Allow: networks("ff00::/8")}, "outside 2000::/3"},
		"the unspecified":  {dialguard.Options{Allow: networks("0.0.0.0/32")}, "reserved"},
	} {
		if _, err := dialguard.New(tt.options); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Wide networks stand for what can be allowed in them.
	policy(t, dialguard.Options{Allow: networks("0.0.0.0/0", "::/0", "168.0.0.0/6", "8.8.8.0/24"), Deny: networks("169.254.0.0/16")})
}

// A caller may go on with its lists.
func TestListsAreCopied(t *testing.T) {
	t.Parallel()
	allow := networks("10.0.0.0/8")
	p := policy(t, dialguard.Options{Allow: allow})
	allow[0] = netip.MustParsePrefix("11.0.0.0/8")
	if err := ask(p, "10.0.0.1"); err != nil {
		t.Error(err)
	}
}

func TestOtherNetworks(t *testing.T) {
	t.Parallel()
	p := policy(t, dialguard.Options{Private: true})
	for _, network := range []string{"udp4", "udp6", "unix", "unixgram", "ip4:icmp", "tcp", ""} {
		if p.Control(network, "8.8.8.8:80", nil) == nil {
			t.Errorf("%q is let through", network)
		}
	}
	for _, address := range []string{"", "8.8.8.8", "host:80", "8.8.8.8:http", "/run/x.sock", "@x"} {
		if p.Control("tcp4", address, nil) == nil {
			t.Errorf("%q is let through", address)
		}
	}
}

// The dialer of net asks, also when it would not use TCP.
func TestDialer(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	unix, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()
	_, port, _ := net.SplitHostPort(tcp.Addr().String())
	open, shut := policy(t, dialguard.Options{Private: true}), policy(t, dialguard.Options{})
	for _, tt := range []struct {
		name, network, address string
		policy                 *dialguard.Policy
		want                   bool
	}{
		{"loopback", "tcp", tcp.Addr().String(), open, true},
		{"loopback refused", "tcp", tcp.Addr().String(), shut, false},
		{"mapped", "tcp", "[::ffff:127.0.0.1]:" + port, shut, false},
		{"by name", "tcp", "localhost:" + port, shut, false},
		{"unspecified", "tcp", "0.0.0.0:" + port, open, false},
		{"unspecified IPv6", "tcp", "[::]:" + port, open, false},
		{"empty host", "tcp", ":" + port, shut, false},
		{"unix socket", "unix", unix.Addr().String(), open, false},
	} {
		dialer := net.Dialer{Control: tt.policy.Control}
		conn, err := dialer.DialContext(context.Background(), tt.network, tt.address)
		if err == nil {
			conn.Close()
		}
		var refusal *dialguard.Refusal
		if (err == nil) != tt.want || !tt.want && !errors.As(err, &refusal) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// However an address is written, it is judged as the address that it stands for.
func FuzzPolicy(f *testing.F) {
	for _, addr := range append(append(publicAddrs, privateAddrs...), neverAddrs...) {
		f.Add(netip.MustParseAddr(addr).AsSlice(), "x")
	}
	f.Add([]byte{127, 0, 0, 1}, "[::1%lo]:1")
	shut := policy(f, dialguard.Options{})
	open := policy(f, dialguard.Options{Private: true})
	f.Fuzz(func(t *testing.T, raw []byte, text string) {
		_ = shut.Control("tcp6", text, nil)
		addr, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		plain := addr.Unmap()
		first := ask(shut, plain.String())
		if first == nil && ask(open, plain.String()) != nil {
			t.Errorf("%s is refused only where private networks are let through", plain)
		}
		if first == nil && (!plain.IsGlobalUnicast() || plain.IsPrivate() || plain.IsLoopback()) {
			t.Errorf("%s is let through", plain)
		}
		if !plain.Is4() {
			return
		}
		for _, written := range disguises(plain.String()) {
			if err := ask(shut, written); (err == nil) != (first == nil) {
				t.Errorf("%s: %v, but %s: %v", plain, first, written, err)
			}
		}
	})
}
