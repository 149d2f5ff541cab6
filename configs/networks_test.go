package configs

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestNetworks(t *testing.T) {
	t.Parallel()
	c, err := load(t, "targets-deny: 10.0.0.0/8\n", []string{"WEBMON_TARGETS_ALLOW= 10.1.0.0/16 ,fd00::/8, 192.168.1.5,::1"})
	if err != nil {
		t.Fatal(err)
	}
	var allow []netip.Prefix
	for _, text := range []string{"10.1.0.0/16", "fd00::/8", "192.168.1.5/32", "::1/128"} {
		allow = append(allow, netip.MustParsePrefix(text))
	}
	if !slices.Equal(c.TargetsAllow, allow) || !slices.Equal(c.TargetsDeny, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}) {
		t.Errorf("allow %v, deny %v", c.TargetsAllow, c.TargetsDeny)
	}
	content, err := c.YAML(true)
	if err != nil || !strings.Contains(string(content), "\ntargets-private: allow\n") || !strings.Contains(string(content), "192.168.1.5,::1") {
		t.Errorf("%v:\n%s", err, content)
	}
}

// Only an executor that may stand in somebody else's network refuses private
// targets by itself.
func TestPrivateTargets(t *testing.T) {
	t.Parallel()
	const redis = "--redis=redis://a"
	for _, tt := range []struct {
		role Role
		args []string
		want string
	}{
		{All, nil, "allow"},
		{All, []string{"--jobs-out=tcp://*:7702"}, "allow"},
		{All, []string{"--targets-private=refuse"}, "refuse"},
		{Executor, nil, "allow"},
		{Executor, []string{"--jobs-out=tcp://localhost:7702"}, "allow"},
		{Executor, []string{"--jobs-out=tcp://127.1.2.3:7702"}, "allow"},
		{Executor, []string{"--jobs-out=tcp://[::1]:7702"}, "allow"},
		{Executor, []string{"--jobs-out=ipc:///run/webmon"}, "allow"},
		{Executor, []string{"--jobs-out=tcp://dispatcher:7702"}, "refuse"},
		{Executor, []string{"--jobs-out=tcp://10.0.0.1:7702"}, "refuse"},
		{Executor, []string{"--jobs-out=tcp://127.0.0.1.example:7702"}, "refuse"},
		{Executor, []string{"--jobs-out=tcp://*:7702"}, "refuse"},
		{Executor, []string{"--jobs-out=tcp://dispatcher:7702", "--targets-private=allow"}, "allow"},
	} {
		args := tt.args
		if tt.role == Executor {
			args = append(args, redis)
		}
		c, err := loadAs(t, tt.role, "", nil, args...)
		if err != nil || c.TargetsPrivate != tt.want {
			t.Errorf("%s %v: %q, %v", tt.role, tt.args, c.TargetsPrivate, err)
		}
		if err == nil && c.text["targets-private"] != tt.want {
			t.Errorf("%s %v: shown as %q", tt.role, tt.args, c.text["targets-private"])
		}
	}
}

func FuzzNetworks(f *testing.F) {
	f.Add("10.0.0.0/8, ::1")
	f.Add("::ffff:1.2.3.4/96,fe80::1%a")
	f.Fuzz(func(t *testing.T, text string) {
		var n Networks
		if n.UnmarshalText([]byte(text)) != nil {
			return
		}
		for _, network := range n {
			if !network.IsValid() || network != network.Masked() || network.Addr().Is4In6() {
				t.Errorf("%q holds %v", text, network)
			}
		}
	})
}
