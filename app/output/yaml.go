package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// yamlWriter writes a list. Each thing is a list of one, and such lists one
// after the other are one list.
type yamlWriter struct {
	out   io.Writer
	begun bool
}

func (w *yamlWriter) Write(thing any) error {
	w.begun = true
	text, err := ToYAML([]any{thing})
	if err != nil {
		return err
	}
	_, err = w.out.Write(text)
	return err
}

func (w *yamlWriter) End() error {
	if w.begun {
		return nil
	}
	_, err := io.WriteString(w.out, "[]\n")
	return err
}

// ToYAML writes a thing as YAML, with the names and in the order that it has
// as JSON.
func ToYAML(thing any) ([]byte, error) {
	text, err := compact(thing)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	node, err := yamlNode(decoder)
	if err != nil {
		return nil, fmt.Errorf("write as YAML: %w", err)
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(node), encoder.Close()); err != nil {
		return nil, fmt.Errorf("write as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// yamlNode reads the next JSON value. encoding/json bounds how deep it nests.
func yamlNode(in *json.Decoder) (*yaml.Node, error) {
	token, err := in.Token()
	if err != nil {
		return nil, err
	}
	switch value := token.(type) {
	case json.Delim:
		node := &yaml.Node{Kind: yaml.MappingNode}
		if value == '[' {
			node.Kind = yaml.SequenceNode
		}
		for in.More() { // names and values take turns
			child, err := yamlNode(in)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, child)
		}
		_, err := in.Token() // the end
		return node, err
	case string:
		node := new(yaml.Node)
		node.SetString(value)
		return node, nil
	case json.Number:
		tag := "!!int"
		if bytes.ContainsAny([]byte(value), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(value)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
}
