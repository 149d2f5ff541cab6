package plugins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// DecodeOptions reads a plugin's options strictly into the struct that into
// points to, which holds the defaults. Nothing and null change nothing. An
// unknown option, a value of the wrong type and anything but one JSON object
// are errors that name the option.
func DecodeOptions(raw json.RawMessage, into any) error {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if raw[0] != '{' {
		return errors.New(`options are a JSON object, such as {"name": value}`)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return optionError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("options are one JSON object, but something follows it")
	}
	return nil
}

// NoOptions is the [Definition.New] of a plugin that takes no options.
func NoOptions(plugin Plugin) func(json.RawMessage) (Plugin, error) {
	return func(raw json.RawMessage) (Plugin, error) {
		if err := DecodeOptions(raw, &struct{}{}); err != nil {
			return nil, err
		}
		return plugin, nil
	}
}

// optionError says in the user's words what package json says in Go's.
func optionError(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return fmt.Errorf("option %q: give %s, not JSON %s", wrongType.Field, kindName(wrongType.Type.Kind()), wrongType.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown option %s", name)
	}
	return fmt.Errorf("options are not valid JSON: %w", err)
}

// kindName names a Go type to somebody who writes JSON.
func kindName(kind reflect.Kind) string {
	switch kind {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
