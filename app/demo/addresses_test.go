package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestUsualPortsGiveWay(t *testing.T) {
	t.Parallel()
	used := httptest.NewServer(http.NotFoundHandler())
	defer used.Close()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	AddFlags(flags)
	// As if this were the usual address: set, and not asked for.
	for flag, address := range map[string]string{listenFlag: used.Listener.Addr().String(), controlFlag: "tcp://" + used.Listener.Addr().String()} {
		if err := flags.Lookup(flag).Value.Set(address); err != nil {
			t.Fatal(err)
		}
	}
	if err := flags.Set(dataFlag, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	screen := newScreen(&out)
	config, err := configure(flags, "1.2", screen)
	if err != nil || config.Listen != "127.0.0.1:0" || config.Control != "tcp://127.0.0.1:*" {
		t.Errorf("%v: listen %s, control %s", err, config.Listen, config.Control)
	}
	screen.flush(nil)
	if strings.Count(out.String(), used.Listener.Addr().String()) != 2 {
		t.Errorf("it does not say so: %q", out.String())
	}
}
