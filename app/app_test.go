package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"webmon/plugins/builtin"

	"github.com/spf13/cobra"
)

// ran is what a command did.
type ran struct {
	code           int
	stdout, stderr string
}

func webmon(t *testing.T, environ []string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(args, append([]string{"HOME=/home/ada"}, environ...), &stdout, &stderr)
	return ran{code, stdout.String(), stderr.String()}
}

// refused checks that a command failed as commands must: exit code 2, nothing
// on stdout, and one line on stderr that says all of parts.
func (r ran) refused(t *testing.T, parts ...string) {
	t.Helper()
	if r.code != 2 || r.stdout != "" {
		t.Errorf("exit code %d, stdout %q; want 2 and nothing", r.code, r.stdout)
	}
	if !strings.HasPrefix(r.stderr, "webmon: ") || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("stderr is not one line of webmon: %q", r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(r.stderr, part) {
			t.Errorf("stderr does not say %q: %q", part, r.stderr)
		}
	}
}

// printed checks that a command succeeded and that stdout has all of parts.
func (r ran) printed(t *testing.T, parts ...string) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Errorf("exit code %d, stderr %q", r.code, r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("stdout does not say %q:\n%s", part, r.stdout)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want []string
	}{
		"unknown command":      {[]string{"chek"}, []string{`"chek"`, "did you mean check?", "webmon --help"}},
		"far from any command": {[]string{"bananas"}, []string{`"bananas"`, "webmon --help"}},
		"unknown flag":         {[]string{"version", "--x"}, []string{"--x", "webmon version --help"}},
		"flag of no command":   {[]string{"--x"}, []string{"--x", "webmon --help"}},
		"argument too many":    {[]string{"version", "now"}, []string{`"now"`, "webmon version --help"}},
		"no URL":               {[]string{"check"}, []string{"URL", "webmon check --help"}},
		"no plugin named":      {[]string{"plugins", "show"}, []string{"name of one plugin"}},
		"unknown plugin":       {[]string{"plugins", "show", "x"}, []string{`"x"`, "availability"}},
		"unknown role":         {[]string{"config", "--role", "x"}, []string{`"x"`, "dispatcher"}},
		"no asset":             {[]string{"asset", "accept"}, []string{"id of one asset", "webmon asset accept --help"}},
		"unknown decision":     {[]string{"asset", "accpet", "x"}, []string{`"accpet"`, "did you mean accept?"}},
		"reset of one finding": {[]string{"asset", "reset", "x", "--code", "y"}, []string{"--code", "webmon asset reset --help"}},
		"bad server":           {[]string{"asset", "decisions", "x", "--server", "localhost:7700"}, []string{"server", "http://HOST:PORT"}},
		"metadata allowed":     {[]string{"config", "--check", "--data=/x", "--targets-allow=169.254.169.254"}, []string{"targets-allow", "169.254.169.254/32 cannot be allowed", "link-local"}},
		"bad setting":          {[]string{"config", "--in-flight=0"}, []string{"in-flight", "from 1 to"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			webmon(t, nil, test.args...).refused(t, test.want...)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	webmon(t, nil).printed(t, "Usage:", "Roles:", "Tools:", "check")
	webmon(t, nil, "help", "check").printed(t, "Exit code")
}

// TestEveryCommandIsDescribed walks the whole tree of commands.
func TestEveryCommandIsDescribed(t *testing.T) {
	t.Parallel()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s has no Short or no Example", cmd.CommandPath())
		}
		if cmd.HasParent() && !cmd.Parent().HasParent() && cmd.GroupID == "" {
			t.Errorf("%s is in no group", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(newRoot(nil))
}

func TestVersion(t *testing.T) {
	t.Parallel()
	webmon(t, nil, "version").printed(t, "webmon ", "commit ", "go     go1.", "libzmq 4.")
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	webmon(t, nil, "completion", "bash").printed(t, "complete")
	webmon(t, nil, "__complete", "plugins", "show", "").printedDespiteLog(t, "tlscert")
}

// printedDespiteLog is printed for cobra's hidden completion command, which
// logs to stderr.
func (r ran) printedDespiteLog(t *testing.T, part string) {
	t.Helper()
	if r.code != 0 || !strings.Contains(r.stdout, part) {
		t.Errorf("exit code %d, stdout %q", r.code, r.stdout)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.yaml")
	if err := os.WriteFile(path, []byte("per-host: 7\nredis: redis://u:secret@h\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"WEBMON_IN_FLIGHT=9", "WEBMON_CONFIG=" + path}
	webmon(t, environ, "config", "--log-level=debug").printed(t,
		"per-host: 7\n", "in-flight: 9\n", "log-level: debug\n", "redis: redis://u:***@h\n", "jobs-in: inproc://")
	webmon(t, environ, "config", "--role=dispatcher").printed(t, "jobs-in: tcp://127.0.0.1:7701\n")
	webmon(t, environ, "config", "--check").printed(t, "ok: "+path)
	webmon(t, nil, "config", "--check", "--role=executor").refused(t, "--redis")
	webmon(t, nil, "config", "--check").printed(t, "ok: no file")
	webmon(t, []string{"WEBMON_INFLIGHT=9"}, "config", "--check").refused(t, "WEBMON_INFLIGHT", "WEBMON_IN_FLIGHT")
}

func TestPlugins(t *testing.T) {
	t.Parallel()
	list := webmon(t, nil, "plugins")
	list.printed(t, "NAME", "availability", "timing", "htmlstats", "tlscert", "content")
	if lines, want := strings.Count(list.stdout, "\n"), 1+len(builtin.Registry().Definitions()); lines != want {
		t.Errorf("%d lines, want a head and one for each plugin, %d:\n%s", lines, want, list.stdout)
	}
	if written, err := os.ReadFile("../docs/plugins.md"); err != nil || webmon(t, nil, "plugins", "--markdown").stdout != string(written) {
		t.Errorf("docs/plugins.md is not what the plugins say of themselves: run make docs; %v", err)
	}
	webmon(t, nil, "plugins", "show", "htmlstats").printed(t, "METRIC", "UNIT", "tag_<name>_count", "OPTION", "DEFAULT")
}
