package configs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const variablePrefix = "WEBMON_"

// Variable is the key's environment variable.
func (k Key) Variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(k.Name, "-", "_"))
}

func keyOfVariable(name string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, variablePrefix), "_", "-"))
}

func cutVariable(variable string) (name, value string, found bool) {
	return strings.Cut(variable, "=")
}

// Kubernetes gives every pod variables about each service, named after the
// service: a service "webmon-api" makes WEBMON_API_SERVICE_HOST and
// WEBMON_API_PORT_7700_TCP. They are no settings.
var kubernetes = regexp.MustCompile(
	`^WEBMON(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|PORT=(tcp|udp|sctp)://.*)$`)

// checkEnviron returns webmon's variables. An empty one counts as not set, so
// that a compose file can pass on a variable that may be missing.
func checkEnviron(environ []string) ([]string, error) {
	var ours []string
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := cutVariable(variable)
		if !strings.HasPrefix(name, variablePrefix) || value == "" {
			continue
		}
		if kubernetes.MatchString(name) || kubernetes.MatchString(variable) {
			continue
		}
		key, known := lookup(keyOfVariable(name))
		if !known || key.Variable() != name {
			return nil, fmt.Errorf("environment variable %s is no setting of webmon%s", name, suggestVariable(name))
		}
		ours = append(ours, variable)
	}
	return ours, nil
}

func suggestVariable(name string) string {
	if near := nearestKey(keyOfVariable(name)); near != "" {
		key, _ := lookup(near)
		return fmt.Sprintf("; did you mean %s?", key.Variable())
	}
	return "; see webmon config --help for the settings"
}
