package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/v2"
	"go.yaml.in/yaml/v3"

	"webmon/nearest"
)

// contextsFile is what a file of contexts says: the webmons that somebody is a
// client of.
type contextsFile struct {
	Current  string             `yaml:"current"` // the one that is meant when none is named
	Contexts map[string]Context `yaml:"contexts"`
}

// Context is a webmon that a client speaks to.
type Context struct {
	Server string `yaml:"server"`
	Token  string `yaml:"token"` // a secret
}

// contextsPath is where the contexts of a user are; "" without a home folder.
func contextsPath(environ []string) string {
	return userPath(environ, "XDG_CONFIG_HOME", ".config", "webmon", "contexts.yaml")
}

// readContexts reads a file of contexts. Others must not be able to read it, or
// to write it: it says where tokens go.
func readContexts(path string) (contextsFile, error) {
	var contexts contextsFile
	file, err := os.Open(path)
	if err != nil {
		return contexts, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return contexts, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return contexts, fmt.Errorf("%s: others have access to it (%v), and it may hold tokens: chmod 600 %[1]s", path, mode)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return contexts, fmt.Errorf("%s: %w", path, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&contexts); err != nil && !errors.Is(err, io.EOF) {
		text := strings.NewReplacer(" not found in type configs.contextsFile", " is unknown: give current and contexts",
			" not found in type configs.Context", " is unknown: a context has server and token").Replace(oneLine(err))
		return contexts, fmt.Errorf("%s: %s", path, text)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return contexts, fmt.Errorf("%s: a second document follows the first (a line ---)", path)
	}
	for _, name := range slices.Sorted(maps.Keys(contexts.Contexts)) {
		if contexts.Contexts[name].Server == "" {
			return contexts, fmt.Errorf("%s: the context %s has no server", path, name)
		}
	}
	return contexts, nil
}

// The places that a setting can come from, the weaker first.
const (
	fromDefaults = iota
	fromFile
	fromEnviron
	fromFlag
)

func rank(origin string) int {
	switch {
	case origin == builtIn:
		return fromDefaults
	case strings.HasPrefix(origin, "environment variable "):
		return fromEnviron
	case strings.HasPrefix(origin, "flag "):
		return fromFlag
	}
	return fromFile
}

// applyContext takes the server and the token from a context: from the one that
// is named, or, when nothing says where the server is, from the current one. A
// token of a context goes to its own server only.
func applyContext(merged *koanf.Koanf, origin map[string]string, environ []string) error {
	name, strength := merged.String("context"), rank(origin["context"])
	switch {
	case name == "" && rank(origin["server"]) > fromDefaults:
		return nil // somebody said where it is
	case name != "" && rank(origin["server"]) > strength:
		return nil
	case name != "" && rank(origin["server"]) == strength:
		return fmt.Errorf("context and server both say where webmon is (%s, %s): give one of them", origin["context"], origin["server"])
	}
	path := contextsPath(environ)
	contexts, err := readContexts(path)
	switch {
	case name == "" && (path == "" || errors.Is(err, fs.ErrNotExist)):
		return nil
	case path == "":
		return errors.New("context: there is no home folder, so no file of contexts")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("context: %q from %s is refused: there is no file %s", name, origin["context"], path)
	case err != nil:
		return fmt.Errorf("contexts: %w", err)
	case name == "" && contexts.Current == "":
		return nil
	}
	says := origin["context"]
	if name == "" {
		name, says, strength = contexts.Current, "current in "+path, fromFile
	}
	chosen, known := contexts.Contexts[name]
	if !known {
		hint := "it has " + strings.Join(slices.Sorted(maps.Keys(contexts.Contexts)), ", ")
		if near := nearest.Word(name, slices.Values(slices.Sorted(maps.Keys(contexts.Contexts)))); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return fmt.Errorf("context: %q from %s is refused: %s has no such context; %s", name, says, path, hint)
	}
	if err := take(merged, origin, "server", chosen.Server, "context "+name+" in "+path); err != nil {
		return err
	}
	if rank(origin["token"]) > fromDefaults && rank(origin["token"]) >= strength {
		return nil
	}
	return take(merged, origin, "token", chosen.Token, "context "+name+" in "+path)
}

func take(merged *koanf.Koanf, origin map[string]string, key, value, from string) error {
	origin[key] = from
	return merged.Set(key, value)
}

// userPath is a path below one of the user's folders, by its variable of the XDG
// rules or its place in the home folder.
func userPath(environ []string, variable, inHome string, below ...string) string {
	value := func(name string) string {
		for _, variable := range environ {
			if v, ok := strings.CutPrefix(variable, name+"="); ok {
				return v
			}
		}
		return ""
	}
	// The XDG rules say that a relative path counts as not set.
	if folder := value(variable); filepath.IsAbs(folder) {
		return filepath.Join(append([]string{folder}, below...)...)
	}
	if home := value("HOME"); home != "" {
		return filepath.Join(append([]string{home, inHome}, below...)...)
	}
	return ""
}
