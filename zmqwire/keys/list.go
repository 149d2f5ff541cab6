package keys

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Right is what a key may do at a dispatcher.
type Right string

// The rights.
const (
	Push    Right = "push"    // send job ids: the api
	Pull    Right = "pull"    // fetch job ids: an executor
	Control Right = "control" // give commands: status, snapshot
)

var rights = []Right{Push, Pull, Control}

// settled is the age at which a file can no longer change without a new time
// of change: file systems count in steps, some of two seconds.
const settled = 3 * time.Second

// List is the file of the keys that are allowed. A line holds a name, a public
// key and, if the key may not do everything, its rights:
//
//	# name       public key                  rights
//	api          9f0c…  (64 digits)          push
//	executor-1   77ab…                       pull
//	ada          1c2d…
//
// The file is read again when it has changed. It is safe for concurrent use.
type List struct {
	path string

	mu      sync.Mutex
	entries map[Public]entry
	read    fs.FileInfo // of the file that entries are of
	at      time.Time   // when it was read
}

type entry struct {
	name   string
	rights []Right // all of them when empty
}

// ReadList reads the file at path, which must be good to begin with.
func ReadList(path string) (*List, error) {
	l := &List{path: path}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l, l.refresh()
}

// Allows says why a key is refused; nil means that it has the right. When the
// file cannot be read every key is refused: it may have been changed to shut
// one out. temporary tells that case.
func (l *List) Allows(key Public, right Right) (temporary bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(); err != nil {
		return true, err
	}
	e, known := l.entries[key]
	switch {
	case !known:
		return false, fmt.Errorf("the key is not in %s", l.path)
	case len(e.rights) > 0 && !slices.Contains(e.rights, right):
		return false, fmt.Errorf("the key of %s may %s only, as %s says", e.name, join(e.rights), l.path)
	}
	return false, nil
}

// refresh reads the file if it has changed since it was read.
func (l *List) refresh() error {
	if l.read != nil && l.at.Sub(l.read.ModTime()) > settled {
		now, err := os.Stat(l.path)
		if err == nil && os.SameFile(now, l.read) && now.ModTime().Equal(l.read.ModTime()) && now.Size() == l.read.Size() {
			return nil
		}
	}
	l.entries, l.read = nil, nil
	at := time.Now()
	content, info, err := readFile(l.path)
	if err != nil {
		return fmt.Errorf("list of allowed keys: %w", err)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("list of allowed keys %q: every user of this machine can change it: chmod o-w %s", l.path, l.path)
	}
	entries, err := parseList(content)
	if err != nil {
		return fmt.Errorf("list of allowed keys %q, %w", l.path, err)
	}
	l.entries, l.read, l.at = entries, info, at
	return nil
}

func parseList(content []byte) (map[Public]entry, error) {
	entries := map[Public]entry{}
	for n, line := range lines(content) {
		fields := strings.Fields(string(bytes.ToValidUTF8(line, []byte("?"))))
		if len(fields) < 2 {
			return nil, fmt.Errorf("line %d: write a name, a public key and, if you like, some of %s", n, join(rights))
		}
		key, err := ParsePublic(fields[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w; it comes after the name", n, err)
		}
		if other, twice := entries[key]; twice {
			return nil, fmt.Errorf("line %d: the key of %s once more; one line says all that a key may do", n, other.name)
		}
		e := entry{name: fields[0]}
		for _, word := range fields[2:] {
			right := Right(strings.TrimSuffix(word, ","))
			if !slices.Contains(rights, right) {
				return nil, fmt.Errorf("line %d: %q is no right: the rights are %s", n, word, join(rights))
			}
			e.rights = append(e.rights, right)
		}
		entries[key] = e
	}
	return entries, nil
}

func join(rights []Right) string {
	words := make([]string, len(rights))
	for i, r := range rights {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}
