package dashboard

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"webmon/roles/api/client"
)

// Definition is what people wrote of an asset, as texts to be shown and edited.
type Definition struct {
	Options string // of the plugins, as JSON
	Rest    string // what has no field of its own, as JSON
}

// ownFields are the properties that the form has a field for.
var ownFields = []string{"url", "name", "tags", "interval", "timeout", "enabled", "plugins"}

// definitionOf takes an asset apart. What the API has learned to take since has
// its place in the rest.
func definitionOf(a *client.Asset) Definition {
	rest := writable(a)
	maps.DeleteFunc(rest, func(name string, _ json.RawMessage) bool { return slices.Contains(ownFields, name) })
	return Definition{Options: pretty(a.Plugins), Rest: pretty(rest)}
}

// writable is all that people write of an asset, by property.
func writable(a *client.Asset) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(a.JSON, &all); err != nil {
		return map[string]json.RawMessage{} // it was read as JSON before
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return slices.Contains(client.ReadOnly, name) })
	return all
}

// pretty writes JSON for people.
func pretty(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(v) != nil {
		return ""
	}
	return string(bytes.TrimSpace(out.Bytes()))
}
