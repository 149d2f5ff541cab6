package notify

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that cannot be read is said once, not every time it is looked at.
func TestBrokenFileIsSaidOnce(t *testing.T) {
	t.Parallel()
	const good = "channels: {hook: {webhook: {url: 'http://127.0.0.1/'}}}\nroutes: [{channels: [hook]}]\n"
	path := filepath.Join(t.TempDir(), "alerts.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(good)
	var log bytes.Buffer
	n, err := New(Options{File: path, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	said := func(what string, times int) {
		t.Helper()
		for range 3 {
			n.reload()
		}
		if got := strings.Count(log.String(), "level=ERROR"); got != times {
			t.Errorf("%s: said %d times, not %d:\n%s", what, got, times, &log)
		}
		log.Reset()
	}
	said("as it was", 0)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	said("it is gone", 1)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	said("it is a folder", 1)
	write("channels: 1\n")
	said("it is wrong", 1)
	write("channels: 2\n")
	said("it is wrong in another version", 1)
	write(good + "\n")
	said("it is good", 0)
	if n.broken {
		t.Error("it still counts as broken")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	said("it is gone again", 1)
	write(good + "\n")
	said("it is back", 0)
	if n.broken {
		t.Error("that it is back as it was is not seen")
	}
}
