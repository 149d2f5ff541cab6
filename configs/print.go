package configs

import (
	"regexp"

	"go.yaml.in/yaml/v3"
)

// YAML writes the configuration as a file that Load reads again. With mask,
// passwords are replaced by ***.
func (c Config) YAML(mask bool) ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range Keys() {
		if k.Name == "config" { // the file cannot name itself
			continue
		}
		text := c.text[k.Name]
		if mask {
			text = k.shown(text)
		}
		value := &yaml.Node{}
		value.SetString(text)
		if plain := k.kind.name; plain == "int" || plain == truth.name {
			value.Tag = "" // else the emitter would quote what is a number
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: k.Name}, value)
	}
	return yaml.Marshal(root)
}

var (
	password  = regexp.MustCompile(`://([^:@]*):.*@`)
	parameter = regexp.MustCompile(`(?i)\b(pass(?:word)?|auth|secret|token)=[^&#]*`)
)

// shown is the value as people may see it. It works on text that is no valid
// URL too, because errors show that.
func (k Key) shown(text string) string {
	if !k.Secret {
		return text
	}
	if k.kind.name == tokenText.name {
		if text == "" {
			return ""
		}
		return "***"
	}
	return parameter.ReplaceAllString(password.ReplaceAllString(text, "://$1:***@"), "$1=***")
}
