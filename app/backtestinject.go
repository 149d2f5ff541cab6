package app

import (
	"github.com/spf13/cobra"
)

func newInjectCommand() *cobra.Command {
	return &cobra.Command{Use: "inject"}
}
