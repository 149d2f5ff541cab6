package protocol

import (
	"net/http"
	"strconv"
	"strings"
)

// cacheHeaders are those in which caches tell whether they had the answer.
var cacheHeaders = []string{
	"Cache-Status", "Cf-Cache-Status", "X-Cache", "X-Cache-Status", "X-Proxy-Cache", "X-Vercel-Cache", "X-Nextjs-Cache", "X-Drupal-Cache",
}

// cacheState returns "hit" when a cache says that it had the answer, "miss"
// when one says that it had not, and nothing when none says.
func cacheState(header http.Header) string {
	state := ""
	for _, name := range cacheHeaders {
		for _, value := range header[name] {
			value = strings.ToLower(value)
			switch {
			case strings.Contains(value, "hit") && !strings.Contains(value, "hit=?0"):
				return "hit"
			case strings.Contains(value, "miss"), strings.Contains(value, "bypass"), strings.Contains(value, "dynamic"),
				strings.Contains(value, "expired"), strings.Contains(value, "fwd="):
				state = "miss"
			}
		}
	}
	return state
}

// age reads how many seconds a cache had kept the answer.
func age(header http.Header) (seconds float64, ok bool) {
	value := header.Get("Age")
	if value == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	return float64(n), err == nil
}

// fact makes what a server said fit to be shown.
func fact(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 20)], "")
}
