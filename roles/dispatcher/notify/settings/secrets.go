package settings

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// secrets fills in what a file does not hold itself, and keeps which other
// files were read for that.
type secrets struct {
	folder  string // that paths are relative to
	environ func(name string) string
	files   map[string][]byte
}

// maxFile bounds the alerts file and each file of a secret.
const maxFile = 1 << 20

var variable = regexp.MustCompile(`\$\$?\{[^}]*\}`)

// secret makes a reader of a value that may be a secret: "file:PATH" stands for
// what the file holds, and ${NAME} for a variable of the environment.
func (r *reader) secret(to *string, check func(string) error) func(*yaml.Node, string) error {
	return func(n *yaml.Node, path string) error {
		text, err := r.text(n, path)
		if err != nil {
			return err
		}
		if text, err = r.secrets.resolve(text); err == nil && text == "" {
			err = errors.New("it is empty")
		}
		if err == nil && check != nil {
			err = check(text)
		}
		if err != nil {
			return r.errorf(n, path, "%v", err)
		}
		*to = text
		return nil
	}
}

func (s *secrets) resolve(text string) (string, error) {
	if name, found := strings.CutPrefix(text, "file:"); found {
		return s.read(name)
	}
	var failure error
	text = variable.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "$$") { // as it is
			return found[1:]
		}
		name := found[2 : len(found)-1]
		value := s.environ(name)
		if value == "" && failure == nil {
			failure = fmt.Errorf("the environment variable %s is not set, or empty", name)
		}
		return value
	})
	return text, failure
}

func (s *secrets) read(name string) (string, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.folder, path)
	}
	content, err := readFile(path)
	if err != nil {
		return "", err
	}
	s.files[path] = content
	return string(bytes.TrimRight(content, "\r\n")), nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s is no file of at most %d bytes", path, maxFile)
	}
	return os.ReadFile(path)
}
