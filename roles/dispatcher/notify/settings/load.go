package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// DefaultGiveUp is how long a message is tried to be sent, unless the file says
// otherwise.
const DefaultGiveUp = 24 * time.Hour

// File is an alerts file that is read again when it changes.
type File struct {
	path    string
	environ func(string) string
	seen    []byte            // its content when it was last read
	others  map[string][]byte // those of the files with secrets
	failed  string            // why it could not be read the last time; empty when it could
}

// NewFile names a file. environ gives the value of an environment variable;
// nil means that of this process.
func NewFile(path string, environ func(string) string) *File {
	if environ == nil {
		environ = os.Getenv
	}
	return &File{path: path, environ: environ}
}

// Path is the file's path.
func (f *File) Path() string { return f.path }

// Load reads the file.
func (f *File) Load() (*Settings, error) {
	content, err := readFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("alerts file: %w", err)
	}
	return f.parse(content)
}

// Changed reads the file again when it, or a file with one of its secrets, is
// not what it was at the last call of Load or Changed; else it gives nil. That it
// cannot be read is an error once.
func (f *File) Changed() (*Settings, error) {
	content, err := readFile(f.path)
	before := f.failed
	f.failed = ""
	switch {
	case err != nil:
		if f.failed = err.Error(); f.failed == before {
			return nil, nil
		}
		return nil, fmt.Errorf("alerts file: %w", err)
	case before == "" && bytes.Equal(content, f.seen) && !f.otherChanged():
		return nil, nil
	}
	return f.parse(content)
}

func (f *File) otherChanged() bool {
	for path, before := range f.others {
		// One that cannot be read now counts as gone: that is said once.
		if now, _ := readFile(path); !bytes.Equal(now, before) {
			return true
		}
	}
	return false
}

func (f *File) parse(content []byte) (*Settings, error) {
	read := map[string][]byte{}
	settings, err := Parse(filepath.Base(f.path), content, filepath.Dir(f.path), f.environ, read)
	for path := range f.others {
		if _, again := read[path]; !again && err != nil {
			read[path], _ = readFile(path)
		}
	}
	f.seen, f.others = content, read
	if err != nil {
		return nil, fmt.Errorf("alerts file: %w", err)
	}
	return settings, nil
}

// Parse reads the content of an alerts file of that name. Paths of secrets are
// relative to folder; what these files hold is noted in files.
func Parse(name string, content []byte, folder string, environ func(string) string, files map[string][]byte) (*Settings, error) {
	r := &reader{file: name, secrets: &secrets{folder: folder, environ: environ, files: files}}
	s := &Settings{GiveUp: DefaultGiveUp}
	root, err := r.document(content)
	if err != nil {
		return nil, err
	}
	var users []user
	err = r.mapping(root, "", fields{
		"base-url":    into(r, &s.BaseURL, baseURL),
		"give-up":     into(r, &s.GiveUp, between(time.Minute, 31*24*time.Hour)),
		"channels":    func(n *yaml.Node, path string) error { return r.channels(n, path, s) },
		"routes":      func(n *yaml.Node, path string) error { return r.routes(n, path, s, &users) },
		"maintenance": func(n *yaml.Node, path string) error { return r.windows(n, path, s) },
	})
	if err != nil {
		return nil, err
	}
	return s, r.checkUse(s, users)
}

// document gives the one mapping that a file consists of.
func (r *reader) document(content []byte) (*yaml.Node, error) {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, fmt.Errorf("%s: it is empty: give channels and routes", r.file)
	case err != nil:
		return nil, fmt.Errorf("%s: %s", r.file, strings.Join(strings.Fields(err.Error()), " "))
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: a second document follows the first (a line ---); put all into one", r.file)
	}
	return document.Content[0], nil
}

// user is a place where a channel is named.
type user struct {
	channel string
	node    *yaml.Node
	path    string
}

// checkUse refuses channels that do not exist, and those that nothing leads to.
func (r *reader) checkUse(s *Settings, users []user) error {
	used := map[string]bool{}
	for _, u := range users {
		if s.Channel(u.channel) == nil {
			return r.errorf(u.node, u.path, "there is no channel %q", u.channel)
		}
		used[u.channel] = true
	}
	switch {
	case len(s.Channels) == 0:
		return fmt.Errorf("%s: it has no channels", r.file)
	case len(s.Routes) == 0:
		return fmt.Errorf("%s: it has no routes, so nothing would ever be sent", r.file)
	}
	for _, c := range s.Channels {
		if !used[c.Name] {
			return fmt.Errorf("%s: no route leads to it", c.Where)
		}
	}
	return nil
}
