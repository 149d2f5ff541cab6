package api

import (
	"strconv"
	"testing"
)

// TestBucketsAreBounded has more come than are remembered.
func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBuckets(0.001, 1)
	b.most = 10
	b.take("mallory")
	for i := range 1000 {
		b.take(strconv.Itoa(i))
		if b.take("mallory") == 0 { // who keeps coming is not forgotten
			t.Fatalf("the limit is lifted after %d others", i)
		}
		if n := len(b.newer) + len(b.before); n > 2*b.most {
			t.Fatalf("%d are remembered", n)
		}
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:99": "192.0.2.1", "[::ffff:192.0.2.1]:99": "192.0.2.1", "[2001:db8:1:2:3::4]:99": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:9": "fe80::/64", "nonsense": "nonsense", "": "",
	} {
		if got := addressKey(remote); got != want {
			t.Errorf("%q is %q, want %q", remote, got, want)
		}
	}
}
