package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/asseturl"
)

// definition is what a file may say of an asset.
type definition struct {
	URL       *string        `yaml:"url" json:"url,omitempty"`
	Name      *string        `yaml:"name" json:"name,omitempty"`
	Tags      []string       `yaml:"tags" json:"tags,omitempty"`
	Interval  *string        `yaml:"interval" json:"interval,omitempty"`
	Timeout   *string        `yaml:"timeout" json:"timeout,omitempty"`
	Enabled   *bool          `yaml:"enabled" json:"enabled,omitempty"`
	Request   *request       `yaml:"request" json:"request,omitempty"`
	Plugins   map[string]any `yaml:"plugins" json:"plugins,omitempty"`
	Retention *retention     `yaml:"retention" json:"retention,omitempty"`
	Alerts    *alerts        `yaml:"alerts" json:"alerts,omitempty"`

	Assertions []asserted `yaml:"assertions" json:"assertions,omitempty"`
}

// asserted is an assertion: an object, or nothing but its expression.
type asserted plugins.Assertion

// UnmarshalYAML implements yaml's Unmarshaler.
func (a *asserted) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&a.Expr)
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: an assertion is an expression, or an object with one as expr", node.Line)
	}
	for pair := range slices.Chunk(node.Content, 2) {
		into, known := map[string]any{"expr": &a.Expr, "message": &a.Message, "severity": &a.Severity, "verdict": &a.Verdict}[pair[0].Value]
		if !known {
			return fmt.Errorf("line %d: field %s is unknown: an assertion has expr, message, severity and verdict", pair[0].Line, pair[0].Value)
		}
		if err := pair[1].Decode(into); err != nil {
			return err
		}
	}
	return nil
}

type request struct {
	Method       string            `yaml:"method" json:"method,omitempty"`
	Headers      map[string]string `yaml:"headers" json:"headers,omitempty"`
	Body         string            `yaml:"body" json:"body,omitempty"`
	BasicAuth    *basicAuth        `yaml:"basic_auth" json:"basic_auth,omitempty"`
	BearerToken  string            `yaml:"bearer_token" json:"bearer_token,omitempty"`
	MaxRedirects *int              `yaml:"max_redirects" json:"max_redirects,omitempty"`
	InsecureTLS  bool              `yaml:"insecure_tls" json:"insecure_tls,omitempty"`
	UserAgent    string            `yaml:"user_agent" json:"user_agent,omitempty"`
}

type basicAuth struct {
	Username string `yaml:"username" json:"username"`
	Password string `yaml:"password" json:"password"`
}

type retention struct {
	Count int    `yaml:"count" json:"count,omitempty"`
	Age   string `yaml:"age" json:"age,omitempty"`
}

type alerts struct {
	Bad     int               `yaml:"bad" json:"bad,omitempty"`
	Of      int               `yaml:"of" json:"of,omitempty"`
	Good    int               `yaml:"good" json:"good,omitempty"`
	On      []plugins.Verdict `yaml:"on" json:"on,omitempty"`
	Confirm *bool             `yaml:"confirm" json:"confirm,omitempty"`
	Mute    bool              `yaml:"mute" json:"mute,omitempty"`
	Remind  string            `yaml:"remind" json:"remind,omitempty"`
}

// wanted is the asset that d says, in the form in which the API would give it,
// so that the two can be compared.
func (d *definition) wanted(defaults *definition, tag string) (Wanted, error) {
	d.fill(defaults)
	if d.URL == nil {
		return Wanted{}, errors.New("url is missing")
	}
	address, err := asseturl.Normalize(*d.URL)
	if err != nil {
		return Wanted{}, fmt.Errorf("url: %w", err)
	}
	fields := map[string]any{"url": address, "name": ""}
	key := address
	if d.Name != nil {
		if name := strings.TrimSpace(*d.Name); name != "" {
			fields["name"], key = name, name
		}
	}
	for i, given := range d.Tags {
		if strings.HasPrefix(given, TagPrefix) {
			return Wanted{}, fmt.Errorf("tags: %s is refused: tags that begin with %s are made by apply", given, TagPrefix)
		}
		d.Tags[i] = strings.TrimSpace(given)
	}
	tags := slices.Compact(slices.Sorted(slices.Values(append(d.Tags, tag))))
	fields["tags"] = tags
	for _, field := range []struct {
		name      string
		given     *string
		otherwise store.Duration
	}{{"interval", d.Interval, store.Duration(store.DefaultPeriod)}, {"timeout", d.Timeout, store.Duration(store.DefaultTimeout)}} {
		if fields[field.name], err = duration(field.given, field.otherwise); err != nil {
			return Wanted{}, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	fields["enabled"] = d.Enabled == nil || *d.Enabled
	for _, group := range []string{"request", "plugins", "retention", "alerts"} {
		fields[group] = map[string]any{}
	}
	if d.Request != nil {
		d.Request.Method = strings.ToUpper(strings.TrimSpace(d.Request.Method))
		d.Request.UserAgent = strings.TrimSpace(d.Request.UserAgent)
		fields["request"] = d.Request
	}
	if d.Retention != nil {
		if d.Retention.Age, err = orNothing(d.Retention.Age); err != nil {
			return Wanted{}, fmt.Errorf("retention.age: %w", err)
		}
		fields["retention"] = d.Retention
	}
	if d.Alerts != nil {
		d.Alerts.On = store.SortVerdicts(d.Alerts.On)
		if d.Alerts.Remind, err = orNothing(d.Alerts.Remind); err != nil {
			return Wanted{}, fmt.Errorf("alerts.remind: %w", err)
		}
		fields["alerts"] = d.Alerts
	}
	if d.Plugins != nil {
		fields["plugins"] = withoutNulls(d.Plugins)
	}
	assertions := make([]plugins.Assertion, len(d.Assertions))
	for i, a := range d.Assertions {
		a.Expr, a.Message = strings.TrimSpace(a.Expr), strings.TrimSpace(a.Message)
		assertions[i] = plugins.Assertion(a).WithDefaults()
	}
	fields["assertions"] = assertions
	loose, err := asJSON(fields)
	if err != nil {
		// What YAML can hold and JSON cannot; only options may hold anything.
		return Wanted{}, errors.New("plugins: options can hold only what JSON can: names that are text (put them into quotes), no .inf and no .nan")
	}
	return Wanted{Key: key, Fields: loose}, nil
}

// fill takes over what d does not say. Tags add up.
func (d *definition) fill(defaults *definition) {
	d.Tags = append(slices.Clone(defaults.Tags), d.Tags...)
	d.Interval = or(d.Interval, defaults.Interval)
	d.Timeout = or(d.Timeout, defaults.Timeout)
	d.Enabled = or(d.Enabled, defaults.Enabled)
	d.Request = or(d.Request, defaults.Request)
	d.Retention = or(d.Retention, defaults.Retention)
	d.Alerts = or(d.Alerts, defaults.Alerts)
	if d.Plugins == nil {
		d.Plugins = defaults.Plugins
	}
	if d.Assertions == nil {
		d.Assertions = defaults.Assertions
	}
}

// or is a copy of the first that is set.
func or[T any](given, otherwise *T) *T {
	if given == nil {
		given = otherwise
	}
	if given == nil {
		return nil
	}
	value := *given
	return &value
}

func duration(given *string, otherwise store.Duration) (string, error) {
	if given == nil {
		return otherwise.String(), nil
	}
	var d store.Duration
	if err := d.UnmarshalText([]byte(*given)); err != nil {
		return "", err
	}
	return d.String(), nil
}

// orNothing is a duration that is left out when it is none: the API says no more of
// it then.
func orNothing(given string) (string, error) {
	if given == "" {
		return "", nil
	}
	text, err := duration(&given, 0)
	if text == "0s" {
		text = ""
	}
	return text, err
}

// withoutNulls leaves out what is null: it means the default.
func withoutNulls(object map[string]any) map[string]any {
	kept := map[string]any{}
	for name, value := range object {
		if inner, nested := value.(map[string]any); nested {
			value = withoutNulls(inner)
		}
		if value != nil {
			kept[name] = value
		}
	}
	return kept
}

// asJSON is what is left of fields after a trip over the wire.
func asJSON(fields any) (map[string]any, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var loose map[string]any
	err = json.Unmarshal(text, &loose)
	return loose, err
}
