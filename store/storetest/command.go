package storetest

import (
	"testing"

	"github.com/redis/rueidis"
)

// Configure sets a parameter of a running Redis, such as maxmemory.
func Configure(t testing.TB, address, parameter, value string) {
	t.Helper()
	Command(t, address, "CONFIG", "SET", parameter, value)
}

// Command runs a command on a running Redis, as its administrator would with
// redis-cli: with every right. It may be called from any goroutine.
func Command(t testing.TB, address string, words ...string) {
	t.Helper()
	opt, err := rueidis.ParseURL(address)
	if err != nil {
		t.Errorf("address of Redis: %v", err)
		return
	}
	opt.ForceSingleClient, opt.DisableCache = true, true
	opt.Username, opt.Password = "", ""
	c, err := rueidis.NewClient(opt)
	if err != nil {
		t.Errorf("connect to Redis: %v", err)
		return
	}
	defer c.Close()
	if err := c.Do(t.Context(), c.B().Arbitrary(words...).Build()).Error(); err != nil {
		t.Errorf("%v in Redis: %v", words, err)
	}
}
