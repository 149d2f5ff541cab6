package app

import (
	"errors"
	"fmt"
	"log/slog"

	"webmon/configs"
	"webmon/zmqwire"
	"webmon/zmqwire/keys"
)

// wireAccess reads the keys of a process of the role, and refuses endpoints
// that would be open to strangers. log may be nil.
func wireAccess(config configs.Config, role configs.Role, log *slog.Logger) (zmqwire.Options, error) {
	access := zmqwire.Options{Insecure: config.Insecure, Logger: log}
	if err := readKeys(config, role, &access); err != nil {
		return zmqwire.Options{}, err
	}
	for _, at := range wireEndpoints(config, role) {
		if err := access.Check(at.endpoint); err != nil {
			return zmqwire.Options{}, fmt.Errorf("%s: %w", at.key, err)
		}
	}
	return access, nil
}

func readKeys(config configs.Config, role configs.Role, access *zmqwire.Options) (err error) {
	serves := role == configs.Dispatcher || role == configs.All
	if config.Key == "" {
		// A list that guards nothing must not pass for one that does.
		if config.ServerKey != "" || serves && config.AllowedKeys != "" {
			return errors.New("server-key and allowed-keys are of use only with a key of this process' own: make one with webmon keygen and give it with --key")
		}
		return nil
	}
	if access.Key, err = keys.ReadPair(config.Key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if config.ServerKey != "" {
		if access.Server, err = keys.ReadPublic(config.ServerKey); err != nil {
			return fmt.Errorf("server-key: %w", err)
		}
	}
	if serves && config.AllowedKeys != "" {
		if access.Allowed, err = keys.ReadList(config.AllowedKeys); err != nil {
			return fmt.Errorf("allowed-keys: %w", err)
		}
	}
	return nil
}

// keyed is an endpoint with the setting it comes from.
type keyed struct{ key, endpoint string }

// wireEndpoints lists what a process of the role binds or connects to.
func wireEndpoints(config configs.Config, role configs.Role) []keyed {
	in, out, control := keyed{"jobs-in", config.JobsIn}, keyed{"jobs-out", config.JobsOut}, keyed{"control", config.Control}
	switch role {
	case configs.API:
		return []keyed{in}
	case configs.Executor:
		return []keyed{out}
	case configs.Client:
		return []keyed{control}
	}
	return []keyed{in, out, control} // dispatcher and all
}
