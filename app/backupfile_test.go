package app

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A file is there as a whole, for its owner only, or as it was.
func TestWriteWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(filepath.Join(dir, "nowhere", "file"), nil, nil); err == nil || !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), filepath.Join(dir, "nowhere")+":") || strings.Contains(err.Error(), ".file-") {
		t.Errorf("in a folder that does not exist: %v", err)
	}
	full := errors.New("full")
	err := writeWhole(path, nil, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return full
	})
	if text, _ := os.ReadFile(path); !errors.Is(err, full) || string(text) != "old" {
		t.Errorf("after a failure: %q, %v", text, err)
	}
	if err := writeWhole(path, nil, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "new" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, mode %v", text, info.Mode())
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(link, nil, func(io.Writer) error { return nil }); err == nil {
		t.Error("a link was replaced")
	}
	if names := list(t, dir); !slices.Equal(names, []string{"file", "link"}) {
		t.Errorf("left behind: %v", names)
	}
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// What can be read only once can be read twice.
func TestOpenSource(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		w, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer w.Close()
		if _, err := io.WriteString(w, "text"); err != nil {
			t.Error(err)
		}
	}()
	for _, path := range []string{fifo, "-"} {
		source, err := openSource(path, strings.NewReader("text"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			text, err := io.ReadAll(io.NewSectionReader(source, 0, source.size))
			if err != nil || string(text) != "text" {
				t.Errorf("%s: %q, %v", path, text, err)
			}
		}
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	}
}
