package localredis

import "syscall"

// childAttributes gives the child its own process group, so that a terminal's
// Ctrl-C does not reach it, and a signal for the day its parent dies: SIGTERM,
// on which redis-server saves and leaves, or SIGKILL when nothing is kept.
func childAttributes(ephemeral bool) *syscall.SysProcAttr {
	signal := syscall.SIGTERM
	if ephemeral {
		signal = syscall.SIGKILL
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: signal}
}
