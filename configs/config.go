// Package configs reads webmon's configuration: typed, strict and flat.
//
// Every setting is one key of [Keys]. The same word is a flag (--in-flight),
// an environment variable (WEBMON_IN_FLIGHT) and a key of the YAML file
// (in-flight). Flags win over the environment, the environment over the file,
// the file over the defaults. An unknown key or variable is an error, so that
// a typing mistake never passes for a setting.
package configs

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// Config is the effective configuration of one process. [Keys] says what
// each field means and what it may hold.
type Config struct {
	File           string        `koanf:"config"`
	Redis          string        `koanf:"redis"` // may hold a password: print it with YAML(true)
	RedisCA        string        `koanf:"redis-ca"`
	RedisCert      string        `koanf:"redis-cert"`
	RedisKey       string        `koanf:"redis-key"`
	Prefix         string        `koanf:"prefix"`
	Data           string        `koanf:"data"`
	Listen         string        `koanf:"listen"`
	TLSCert        string        `koanf:"tls-cert"`
	TLSKey         string        `koanf:"tls-key"`
	RateLimit      int           `koanf:"rate-limit"`  // requests a second; 0: no limit
	StatusTags     string        `koanf:"status-tags"` // see [Tags]
	StatusTitle    string        `koanf:"status-title"`
	StatusURLs     bool          `koanf:"status-urls"`
	StatusReasons  bool          `koanf:"status-reasons"`
	JobsIn         string        `koanf:"jobs-in"`
	JobsOut        string        `koanf:"jobs-out"`
	Control        string        `koanf:"control"`
	Server         string        `koanf:"server"`     // may hold a password
	Context        string        `koanf:"context"`    // where server and token come from, if from a context that was named
	Token          string        `koanf:"token"`      // a secret
	Key            string        `koanf:"key"`        // path of a key file
	ServerKey      string        `koanf:"server-key"` // public key, or path of a file with it
	AllowedKeys    string        `koanf:"allowed-keys"`
	Insecure       bool          `koanf:"insecure"`
	LogLevel       slog.Level    `koanf:"log-level"`
	LogFormat      string        `koanf:"log-format"` // "text" or "json"
	StopTimeout    time.Duration `koanf:"stop-timeout"`
	InFlight       int           `koanf:"in-flight"`
	PerHost        int           `koanf:"per-host"`
	KeepAlive      bool          `koanf:"keep-alive"`
	MaxBody        Bytes         `koanf:"max-body"`
	UserAgent      string        `koanf:"user-agent"`
	TargetsPrivate string        `koanf:"targets-private"` // "allow" or "refuse"
	TargetsAllow   Networks      `koanf:"targets-allow"`
	TargetsDeny    Networks      `koanf:"targets-deny"`
	Lease          time.Duration `koanf:"lease"`
	Alerts         string        `koanf:"alerts"` // path of the alerts file
	Redeliver      time.Duration `koanf:"redeliver"`
	MaxAttempts    int           `koanf:"max-attempts"`
	RetentionCount int           `koanf:"retention-count"`
	RetentionAge   time.Duration `koanf:"retention-age"`

	text map[string]string // the same values as written, for YAML
}

// Sources is where a configuration comes from.
type Sources struct {
	Role    Role           // whose defaults apply
	Version string         // webmon's version, for the default user agent
	Flags   *pflag.FlagSet // parsed; may be nil, and may hold flags that are no keys
	Environ []string       // NAME=value, as os.Environ gives it
}

// noDelimiter can be part of no key: keys are flat, and koanf must not split
// them.
const noDelimiter = "\x00"

// builtIn is where a value comes from that no source sets.
const builtIn = "the defaults"

// Load merges the sources and checks every value. An error names the key,
// where its value comes from and what is allowed.
func Load(from Sources) (Config, error) {
	merged := koanf.New(noDelimiter)
	origin := map[string]string{} // key → where its value comes from, for errors

	defaults := map[string]any{}
	for _, k := range Keys() {
		defaults[k.Name] = k.defaultFor(from.Role, from.Version, from.Environ)
		origin[k.Name] = builtIn
	}
	// koanf's own errors below come only from the file; the other providers
	// hold their data already.
	if err := merged.Load(confmap.Provider(defaults, noDelimiter), nil); err != nil {
		return Config{}, err
	}

	environ, err := checkEnviron(from.Environ)
	if err != nil {
		return Config{}, err
	}
	flags := from.Flags
	if flags == nil {
		flags = pflag.NewFlagSet("", pflag.ContinueOnError)
	}

	if path := filePath(flags, environ); path != "" {
		if err := merged.Load(file.Provider(path), &strictYAML{path: path, origin: origin}); err != nil {
			return Config{}, fmt.Errorf("configuration file: %w", err)
		}
	}
	fromEnviron := env.Provider(noDelimiter, env.Opt{
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key := keyOfVariable(name)
			origin[key] = "environment variable " + name
			return key, value
		},
	})
	if err := merged.Load(fromEnviron, nil); err != nil {
		return Config{}, err
	}
	fromFlags := posflag.ProviderWithFlag(flags, noDelimiter, nil, func(f *pflag.Flag) (string, any) {
		if _, known := lookup(f.Name); !known || !f.Changed {
			return "", nil
		}
		origin[f.Name] = "flag --" + f.Name
		return f.Name, f.Value.String()
	})
	if err := merged.Load(fromFlags, nil); err != nil {
		return Config{}, err
	}
	if from.Role == APIClient {
		if err := applyContext(merged, origin, from.Environ); err != nil {
			return Config{}, err
		}
	}
	return decode(merged, origin, from.Role)
}

// filePath finds the configuration file's path, which must be known before
// the other sources can be merged.
func filePath(flags *pflag.FlagSet, environ []string) string {
	if f := flags.Lookup("config"); f != nil && f.Changed {
		return f.Value.String()
	}
	for _, variable := range environ {
		if name, value, _ := cutVariable(variable); keyOfVariable(name) == "config" {
			return value
		}
	}
	return ""
}

// decode checks the merged text of every key and turns it into a Config.
func decode(merged *koanf.Koanf, origin map[string]string, role Role) (Config, error) {
	text := map[string]string{}
	for _, k := range Keys() {
		value := merged.String(k.Name)
		if k.Name == "targets-private" && origin[k.Name] == builtIn {
			value = privateTargets(role, text["jobs-out"])
			if err := merged.Set(k.Name, value); err != nil {
				return Config{}, err
			}
		}
		if err := k.check(value, role); err != nil {
			return Config{}, fmt.Errorf("%s: %q from %s is refused: %w", k.Name, k.shown(value), origin[k.Name], err)
		}
		text[k.Name] = value
	}
	for _, check := range []func(Role, map[string]string) error{checkStorage, checkRedisTLS, checkTLS} {
		if err := check(role, text); err != nil {
			return Config{}, err
		}
	}

	c := Config{text: text}
	err := merged.UnmarshalWithConf("", &c, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		ErrorUnused: true, // a key without a field is a mistake of ours
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(),
			mapstructure.TextUnmarshallerHookFunc(),
			mapstructure.StringToBasicTypeHookFunc(),
		),
	}})
	if err != nil {
		return Config{}, fmt.Errorf("decode configuration (keys %v): %w", slices.Sorted(maps.Keys(text)), err)
	}
	return c, nil
}

// checkStorage refuses a role that would have nowhere to keep its data.
func checkStorage(role Role, text map[string]string) error {
	switch {
	case text["redis"] != "" || role == Client || role == APIClient || role == Alerting:
		return nil
	case role != All && role != Storage:
		return fmt.Errorf("redis: no address is given, and only all runs a Redis of its own: give --redis or %sREDIS, such as redis://127.0.0.1:6379", variablePrefix)
	case text["data"] == "":
		return errors.New("data: there is no home folder to keep Redis' data in: give --data a folder, or --redis an address")
	}
	return nil
}

// checkTLS refuses half of a pair.
func checkTLS(role Role, text map[string]string) error {
	if (text["tls-cert"] == "") != (text["tls-key"] == "") && (role == API || role == All) {
		return errors.New("tls-cert and tls-key belong together: give both, or none for http")
	}
	return nil
}

// checkRedisTLS refuses files that no connection would use.
func checkRedisTLS(role Role, text map[string]string) error {
	switch {
	case role == Client || role == APIClient || role == Alerting:
		return nil
	case (text["redis-cert"] == "") != (text["redis-key"] == ""):
		return errors.New("redis-cert and redis-key belong together: give both, or none")
	case text["redis-ca"]+text["redis-cert"] != "" && !strings.HasPrefix(text["redis"], "rediss://"):
		return errors.New("redis-ca, redis-cert and redis-key are of use only with TLS: give redis an address that begins with rediss://")
	}
	return nil
}
