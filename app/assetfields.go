package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"webmon/store"
)

// fieldFlags are the flags that say what an asset should be. Only those that
// were given count.
type fieldFlags struct {
	set *pflag.FlagSet

	name, interval, timeout string
	method, userAgent       string
	tags, headers, settings []string
	asserts                 []string
	redirects               int
	insecure, disable       bool
}

func (flags *fieldFlags) add(f *pflag.FlagSet) {
	flags.set = f
	f.StringVar(&flags.name, "name", "", "a name for people")
	f.StringArrayVar(&flags.tags, "tag", nil, "add this tag; may be given several times")
	f.StringVar(&flags.interval, "interval", "", "time from one check to the next, such as 30s or 5m; 0s is only on demand")
	f.StringVar(&flags.timeout, "timeout", "", "time for the whole fetch, such as 10s")
	f.BoolVar(&flags.disable, "disable", false, "have the schedule leave it out; --disable=false takes it back")
	f.StringArrayVar(&flags.settings, "set", nil, "set a plugin's option, as PLUGIN.OPTION=VALUE; the value is JSON or plain text; may be given several times")
	addAssertFlag(f, &flags.asserts, "add a condition that must hold at each check")
	f.StringVar(&flags.method, "method", "", "HTTP method")
	f.StringArrayVar(&flags.headers, "header", nil, `send this header, as "Name: value"; may be given several times`)
	f.StringVar(&flags.userAgent, "user-agent", "", "User-Agent of requests")
	f.IntVar(&flags.redirects, "max-redirects", 0, "how many redirects are followed; 0 reports the redirect itself")
	f.BoolVar(&flags.insecure, "insecure-tls", false, "accept any TLS certificate")
}

// names are the flags that add made.
func (flags *fieldFlags) names() []string {
	return []string{"name", "tag", "interval", "timeout", "disable", "set", "assert", "method", "header", "user-agent", "max-redirects", "insecure-tls"}
}

// given tells whether any of the flags was given.
func (flags *fieldFlags) given() bool {
	return slices.ContainsFunc(flags.names(), flags.set.Changed)
}

// merge writes what the flags say, but for tags and assertions, of which there are
// others, as a merge patch. The API
// checks the values.
func (flags *fieldFlags) merge() (map[string]any, error) {
	patch, request := map[string]any{}, map[string]any{}
	for _, field := range []struct {
		flag, name string
		into       map[string]any
		value      any
	}{
		{"name", "name", patch, flags.name},
		{"interval", "interval", patch, plainDuration(flags.interval)},
		{"timeout", "timeout", patch, plainDuration(flags.timeout)},
		{"disable", "enabled", patch, !flags.disable},
		{"method", "method", request, flags.method},
		{"user-agent", "user_agent", request, flags.userAgent},
		{"max-redirects", "max_redirects", request, flags.redirects},
		{"insecure-tls", "insecure_tls", request, flags.insecure},
	} {
		if flags.set.Changed(field.flag) {
			field.into[field.name] = field.value
		}
	}
	headers, err := parseHeaders(flags.headers)
	if err != nil {
		return nil, err
	}
	if len(headers) > 0 {
		request["headers"] = headers
	}
	if len(request) > 0 {
		patch["request"] = request
	}
	options, err := parseSettings(flags.settings)
	if err != nil {
		return nil, err
	}
	if len(options) > 0 {
		patch["plugins"] = options
	}
	return patch, nil
}

// plainDuration writes a duration as the API does, so that it can be told whether
// it is another. What is none is left to the API.
func plainDuration(text string) string {
	var d store.Duration
	if d.UnmarshalText([]byte(text)) != nil {
		return text
	}
	return d.String()
}

// unset adds to a merge patch that plugins' options go back to their defaults:
// each name is PLUGIN or PLUGIN.OPTION.
func unset(patch map[string]any, names []string) error {
	options, _ := patch["plugins"].(map[string]json.RawMessage)
	merged := map[string]any{}
	for plugin, object := range options {
		merged[plugin] = object
	}
	for _, name := range names {
		plugin, option, dotted := strings.Cut(name, ".")
		if plugin == "" || dotted && option == "" {
			return fmt.Errorf("--unset: %q is not PLUGIN or PLUGIN.OPTION, such as htmlstats.k", name)
		}
		if !dotted {
			merged[plugin] = nil
			continue
		}
		object := map[string]any{}
		if raw, isSet := merged[plugin].(json.RawMessage); isSet {
			if err := json.Unmarshal(raw, &object); err != nil {
				return fmt.Errorf("--set: options of %s: %w", plugin, err)
			}
		} else if before, again := merged[plugin].(map[string]any); again {
			object = before
		}
		object[option] = nil
		merged[plugin] = object
	}
	if len(merged) > 0 {
		patch["plugins"] = merged
	}
	return nil
}
