package api

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// buckets bounds how often each of many may do something. However many there
// are, it remembers a bounded number of them: those that came last.
type buckets struct {
	limit rate.Limit // a second, each
	burst int
	most  int

	mu     sync.Mutex
	newer  map[string]*rate.Limiter
	before map[string]*rate.Limiter // replaced by newer when that is full
}

const maxBuckets = 10_000 // in each of the two maps; some 1 MB in all

func newBuckets(limit float64, burst int) *buckets {
	return &buckets{limit: rate.Limit(limit), burst: burst, most: maxBuckets, newer: map[string]*rate.Limiter{}}
}

// take tells how long who must wait; 0 means that it may go on.
func (b *buckets) take(who string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, found := b.newer[who]
	if !found {
		if bucket, found = b.before[who]; !found {
			bucket = rate.NewLimiter(b.limit, b.burst)
		}
		if len(b.newer) >= b.most {
			b.newer, b.before = map[string]*rate.Limiter{}, b.newer
		}
		b.newer[who] = bucket
	}
	place := bucket.Reserve()
	wait := place.Delay()
	if wait > 0 {
		place.Cancel()
	}
	return wait
}

// addressKey is who a remote address stands for: an IPv4 address, or the /64 of
// an IPv6 one, since a single machine has all of that.
func addressKey(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}
