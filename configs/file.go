package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// strictYAML is koanf's parser of the configuration file. koanf's own YAML
// parser knows neither lines nor the text of a value, and the errors of this
// package name the first and show the second.
type strictYAML struct {
	path   string
	origin map[string]string // filled in: key → file and line
}

// Unmarshal reads a flat mapping of known keys to plain values, as text.
func (p *strictYAML) Unmarshal(content []byte) (map[string]any, error) {
	values := map[string]any{}
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return values, nil // empty, or comments only
	} else if err != nil {
		return nil, fmt.Errorf("%s: %s", p.path, oneLine(err))
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: a second document follows the first (a line ---); put all keys into one", p.path)
	}
	if len(document.Content) == 0 || document.Content[0].Tag == "!!null" {
		return values, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: the file must be a list of lines \"key: value\"", p.path, root.Line)
	}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		at := fmt.Sprintf("%s:%d", p.path, key.Line)
		if err := checkFileKey(key.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if _, twice := values[key.Value]; twice {
			return nil, fmt.Errorf("%s: %s is set a second time", at, key.Value)
		}
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if value.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("%s: %s takes one plain value, not a list or a group of keys", at, key.Value)
		}
		if value.Tag == "!!null" {
			return nil, fmt.Errorf("%s: %s has no value; remove the line for the default, or write \"\" for an empty text", at, key.Value)
		}
		values[key.Value] = value.Value
		p.origin[key.Value] = at
	}
	return values, nil
}

// Marshal completes koanf.Parser; see [Config.YAML] for how a configuration is
// written.
func (p *strictYAML) Marshal(map[string]any) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

func checkFileKey(name string) error {
	if name == "config" {
		return errors.New("config cannot be set in the file itself")
	}
	if _, known := lookup(name); known {
		return nil
	}
	if near := nearestKey(strings.ToLower(strings.ReplaceAll(name, "_", "-"))); near != "" {
		return fmt.Errorf("unknown key %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown key %q; see webmon config --help for the keys", name)
}

// oneLine makes a single line of yaml's errors, which may hold several.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
