package demo

import (
	"net"
	"strings"

	"github.com/spf13/pflag"

	"webmon/configs"
)

// The settings of webmon that a demonstration lets its user choose.
const (
	dataFlag    = "data"
	listenFlag  = "listen"
	controlFlag = "control"
)

// AddFlags adds the flags that say where a demonstration keeps its data and
// where it listens.
func AddFlags(flags *pflag.FlagSet) {
	flags.String(dataFlag, "", "folder to keep the data in; default a temporary one")
	flags.String(listenFlag, "127.0.0.1:7700", "address of the HTTP API; by default any free port when this one is taken")
	flags.String(controlFlag, "tcp://127.0.0.1:7703", "dispatcher's control channel; by default any free port when this one is taken")
}

// configure makes the configuration of all, with only what the flags say. The
// usual addresses give way when they are taken, and the screen says so; an
// address that was asked for does not.
func configure(flags *pflag.FlagSet, version string, screen *screen) (configs.Config, error) {
	for _, usual := range []struct{ flag, instead string }{
		{listenFlag, "127.0.0.1:0"},
		{controlFlag, "tcp://127.0.0.1:*"},
	} {
		address := flags.Lookup(usual.flag).Value.String()
		if flags.Changed(usual.flag) || !taken(strings.TrimPrefix(address, "tcp://")) {
			continue
		}
		screen.say("Something uses %s already: taking another port.", address)
		if err := flags.Set(usual.flag, usual.instead); err != nil {
			return configs.Config{}, err
		}
	}
	return configs.Load(configs.Sources{Role: configs.All, Version: version, Flags: flags})
}

// taken tells whether somebody listens at address already.
func taken(address string) bool {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return true
	}
	listener.Close()
	return false
}
