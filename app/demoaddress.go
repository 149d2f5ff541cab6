package app

import (
	"net"
	"strings"

	"github.com/spf13/cobra"

	"webmon/configs"
)

// demoConfig is the configuration of all, with only what the demo's flags say.
// The usual addresses give way when they are taken, and the screen says so; an
// address that was asked for does not.
func demoConfig(cmd *cobra.Command, screen *demoScreen) (configs.Config, error) {
	flags := cmd.Flags()
	for _, usual := range []struct{ flag, instead string }{
		{"listen", "127.0.0.1:0"},
		{"control", "tcp://127.0.0.1:*"},
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
	return configs.Load(configs.Sources{Role: configs.All, Version: currentBuild().version, Flags: flags})
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
