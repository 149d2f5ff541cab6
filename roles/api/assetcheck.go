package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/asseturl"
)

const (
	maxPluginOptions = 64 << 10 // bytes of JSON, all plugins together
	maxRetentionAge  = 10 * 366 * 24 * time.Hour
)

// refusals collects what is wrong with a request body.
type refusals []error

func (r *refusals) add(field string, value any, message string) {
	*r = append(*r, &huma.ErrorDetail{Location: "body." + field, Message: message, Value: value})
}

// duration reads a field, given or not, that is 0 when zero allows it or from
// low to high.
func (r *refusals) duration(field string, given *string, otherwise, low, high time.Duration, zero bool) store.Duration {
	if given == nil {
		return store.Duration(otherwise)
	}
	var d store.Duration
	if err := d.UnmarshalText([]byte(*given)); err != nil {
		r.add(field, shorten(*given), "write a duration: a number with a unit, such as 30s, 5m or 1h30m")
		return 0
	}
	if v := time.Duration(d); (v != 0 || !zero) && (v < low || v > high) {
		message := fmt.Sprintf("must be from %s to %s", store.Duration(low), store.Duration(high))
		if zero {
			message += ", or 0s"
		}
		r.add(field, *given, message)
	}
	return d
}

// check turns what a client sent into an asset, with defaults for what was left
// out, or says everything that is wrong with it. The shape has been checked
// against the schema already. stored is what a is to replace, and gives the
// secrets that are masked in a; nil for a new asset.
func (a *asset) check(registry *plugins.Registry, stored *store.Asset) (*store.Asset, []error) {
	var r refusals
	kept := r.restore(a, stored)
	out := &store.Asset{
		Name:     strings.TrimSpace(a.Name),
		Tags:     r.tags(a.Tags),
		Interval: r.duration("interval", a.Interval, store.DefaultPeriod, store.MinInterval, store.MaxInterval, true),
		Timeout:  r.duration("timeout", a.Timeout, store.DefaultTimeout, store.MinTimeout, store.MaxTimeout, false),
		Enabled:  a.Enabled == nil || *a.Enabled,
		Request:  r.request(&a.Request),
	}
	before := len(r)
	out.Plugins = r.plugins(a.Plugins, registry)
	var suite *plugins.Suite // of options that are refused nobody knows what they name
	if len(r) == before {
		suite, _ = registry.Suite(out.Plugins) // each was checked by itself
	}
	out.Assertions = r.assertions(a.Assertions, registry, suite)
	url, err := asseturl.Normalize(a.URL)
	if err != nil {
		r.add("url", shorten(redactURL(a.URL)), err.Error())
	} else if len(url) > store.MaxURL {
		r.add("url", shorten(url), fmt.Sprintf("is longer than %d characters", store.MaxURL))
	}
	if kept && err == nil {
		r.keepAtHome(stored, url)
	}
	out.URL = url
	if utf8.RuneCountInString(out.Name) > store.MaxName {
		r.add("name", shorten(out.Name), fmt.Sprintf("is longer than %d characters", store.MaxName))
	}
	if strings.ContainsFunc(out.Name, unicode.IsControl) {
		r.add("name", shorten(out.Name), "has a control character inside")
	}
	out.Retention.Count = a.Retention.Count
	if a.Retention.Age != "" {
		out.Retention.Age = r.duration("retention.age", &a.Retention.Age, 0, time.Second, maxRetentionAge, true)
	}
	out.Alerts = r.alerts(&a.Alerts)
	return out, r
}

func (r *refusals) alerts(given *alerts) store.Alerts {
	out := store.Alerts{
		Bad: given.Bad, Of: given.Of, Good: given.Good, On: store.SortVerdicts(given.On), Confirm: given.Confirm, Mute: given.Mute,
	}
	if given.Remind != "" {
		out.Remind = r.duration("alerts.remind", &given.Remind, 0, store.MinRemind, store.MaxRemind, true)
	}
	out.Check(func(field string, value any, message string) { r.add("alerts."+field, value, message) })
	return out
}

// redactURL takes out what may be a password before the URL is repeated.
func redactURL(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		scheme, rest = "", raw
	}
	authority := rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = rest[:end]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return raw
	}
	if scheme != "" {
		scheme += "://"
	}
	return scheme + "…" + rest[at:]
}

func (r *refusals) tags(given []string) []string {
	var tags []string
	for i, tag := range given {
		field := fmt.Sprintf("tags[%d]", i)
		tag = strings.TrimSpace(tag)
		switch {
		case tag == "":
			r.add(field, tag, "is empty")
		case utf8.RuneCountInString(tag) > store.MaxTag:
			r.add(field, shorten(tag), fmt.Sprintf("is longer than %d characters", store.MaxTag))
		case strings.ContainsFunc(tag, notInTag):
			r.add(field, tag, "has white space, a comma, a semicolon or a character that cannot be printed inside")
		default:
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	if len(tags) > store.MaxTags {
		r.add("tags", nil, fmt.Sprintf("there are %d tags, at most %d are possible", len(tags), store.MaxTags))
	}
	return tags
}

func notInTag(c rune) bool {
	return c == ',' || c == ';' || unicode.IsSpace(c) || !unicode.IsPrint(c)
}

// plugins checks each plugin's options by themselves, so that the refusal
// names the plugin.
func (r *refusals) plugins(given map[string]json.RawMessage, registry *plugins.Registry) map[string]json.RawMessage {
	var options map[string]json.RawMessage
	size := 0
	for _, name := range slices.Sorted(maps.Keys(given)) {
		raw := given[name]
		if string(raw) == "null" { // as if it were not there
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			r.add("plugins."+shorten(name), nil, err.Error())
			continue
		}
		raw = compact.Bytes()
		if _, err := registry.Suite(map[string]json.RawMessage{name: raw}); err != nil {
			r.add("plugins."+shorten(name), nil, err.Error())
			continue
		}
		if options == nil {
			options = map[string]json.RawMessage{}
		}
		options[name] = raw
		size += len(raw)
	}
	if size > maxPluginOptions {
		r.add("plugins", nil, fmt.Sprintf("all options together are longer than %d bytes", maxPluginOptions))
	}
	return options
}
