package app

import (
	"fmt"

	"webmon/configs"
	"webmon/roles/dialguard"
)

// newGuard makes the guard that the settings describe.
func newGuard(config configs.Config) (*dialguard.Policy, error) {
	guard, err := dialguard.New(dialguard.Options{
		Private: allowsPrivate(config), Allow: config.TargetsAllow, Deny: config.TargetsDeny,
	})
	if err != nil {
		return nil, fmt.Errorf("targets-allow: %w", err)
	}
	return guard, nil
}

func allowsPrivate(config configs.Config) bool { return config.TargetsPrivate == "allow" }
