package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// webmon runs the program to its end.
func webmon(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	text, _ := cmd.CombinedOutput()
	return string(text), cmd.ProcessState.ExitCode()
}

func TestKeygen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.key")
	public, code := webmon(t, "keygen", "--out", path)
	if code != 0 || len(public) != 65 {
		t.Fatalf("keygen: exit code %d: %s", code, public)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, code := webmon(t, "keygen", "--public", path); code != 0 || again != public {
		t.Errorf("--public: exit code %d: %s", code, again)
	}
	if said, code := webmon(t, "keygen", "--out", path); code != 2 || !strings.Contains(said, "never overwritten") {
		t.Errorf("a second time: exit code %d: %s", code, said)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
		t.Error("the key was overwritten")
	}
}

// What would be open to strangers does not start, and neither does what has
// keys that are none. The check of the configuration says the same.
func TestKeysAreCheckedFirst(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	key, open, list := filepath.Join(folder, "a.key"), filepath.Join(folder, "open.key"), filepath.Join(folder, "list")
	for _, path := range []string{key, open} {
		if out, code := webmon(t, "keygen", "--out", path); code != 0 {
			t.Fatal(out)
		}
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte("ada nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const redis = " --redis redis://127.0.0.1:1"
	for _, test := range []struct{ role, args, says string }{
		{"dispatcher", "--jobs-in tcp://*:7701", "webmon keygen"},
		{"dispatcher", "--jobs-out tcp://0.0.0.0:7702", "webmon keygen"},
		{"dispatcher", "--control tcp://[::]:7703", "webmon keygen"},
		{"api", "--jobs-in tcp://dispatcher:7701", "webmon keygen"},
		{"executor", "--jobs-out tcp://10.0.0.1:7702", "webmon keygen"},
		{"all", "--control tcp://*:7703", "webmon keygen"},
		{"all", "--jobs-out tcp://*:7703", "--insecure"},
		{"executor", "--key " + open, "chmod 600"},
		{"executor", "--key " + filepath.Join(folder, "none"), "no such file"},
		{"executor", "--key " + list, "webmon keygen makes such files"},
		{"executor", "--key " + key + " --server-key " + key, "secret key"},
		{"executor", "--server-key " + key, "--key"},
		{"dispatcher", "--key " + key + " --allowed-keys " + list, "line 1"},
		{"dispatcher", "--allowed-keys " + list, "--key"},
	} {
		args := strings.Fields(test.args + redis)
		for _, command := range [][]string{{test.role}, {"config", "--check", "--role", test.role}} {
			out, code := webmon(t, append(command, args...)...)
			if code != 2 || !strings.Contains(out, test.says) || strings.Count(out, "\n") != 1 {
				t.Errorf("%v %s: exit code %d: %s", command, test.args, code, out)
			}
		}
	}
	if out, code := webmon(t, "status", "--control", "tcp://dispatcher:7703"); code != 2 || !strings.Contains(out, "webmon keygen") {
		t.Errorf("status: exit code %d: %s", code, out)
	}
	for _, args := range []string{
		"--role dispatcher --jobs-in tcp://*:7701 --insecure", "--role dispatcher --jobs-in tcp://*:7701 --key " + key,
		"--role executor --jobs-in tcp://*:7701", "--role all",
	} {
		if out, code := webmon(t, append([]string{"config", "--check"}, strings.Fields(args+redis)...)...); code != 0 {
			t.Errorf("%s: exit code %d: %s", args, code, out)
		}
	}
}
