package app

import (
	"net"
	"strings"

	"github.com/spf13/cobra"

	"webmon/configs"
)

// demoConfig is the configuration of all, with only what the demo's flags say.
// Addresses that were not asked for give way when they are taken.
func demoConfig(cmd *cobra.Command) (configs.Config, error) {
	// Load wants a folder; the real one is made later.
	environ := []string{"HOME=" + "/"}
	config, err := configs.Load(configs.Sources{
		Role: configs.All, Version: currentBuild().version, Flags: cmd.Flags(), Environ: environ,
	})
	if err != nil {
		return configs.Config{}, err
	}
	if !cmd.Flags().Changed("data") {
		config.Data = ""
	}
	if !cmd.Flags().Changed("listen") && taken(config.Listen) {
		config.Listen = "127.0.0.1:0"
	}
	if !cmd.Flags().Changed("control") && taken(strings.TrimPrefix(config.Control, "tcp://")) {
		config.Control = "tcp://127.0.0.1:*"
	}
	return config, nil
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
