package storetest

import (
	"testing"

	"github.com/redis/rueidis"
)

// Configure sets a parameter of a running Redis, such as maxmemory. It may be
// called from any goroutine.
func Configure(t testing.TB, address, parameter, value string) {
	t.Helper()
	opt, err := rueidis.ParseURL(address)
	if err != nil {
		t.Errorf("configure Redis: %v", err)
		return
	}
	opt.ForceSingleClient, opt.DisableCache = true, true
	c, err := rueidis.NewClient(opt)
	if err != nil {
		t.Errorf("configure Redis: %v", err)
		return
	}
	defer c.Close()
	if err := c.Do(t.Context(), c.B().ConfigSet().ParameterValue().ParameterValue(parameter, value).Build()).Error(); err != nil {
		t.Errorf("set %s of Redis to %s: %v", parameter, value, err)
	}
}
