package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

const twoContexts = "current: prod\ncontexts:\n  prod: {server: https://prod.example, token: webmon_prod}\n  lab:\n    server: http://lab:7700\n"

// clientOf loads the configuration of a client whose home has a file of
// contexts, unless it is empty.
func clientOf(t *testing.T, contexts string, mode os.FileMode, environ []string, args ...string) (Config, error) {
	t.Helper()
	home := t.TempDir()
	if contexts != "" {
		path := filepath.Join(home, ".config", "webmon", "contexts.yaml")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(contexts), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	AddFlags(flags, APIClient)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(Sources{Role: APIClient, Flags: flags, Environ: append(environ, "HOME="+home)})
}

// A token of a context goes to no other server.
func TestContexts(t *testing.T) {
	t.Parallel()
	const none = "http://127.0.0.1:7700"
	for name, c := range map[string]struct {
		contexts      string
		environ, args []string
		server, token string
	}{
		"no file":                       {"", nil, nil, none, ""},
		"the current one":               {twoContexts, nil, nil, "https://prod.example", "webmon_prod"},
		"none is current":               {"contexts: {a: {server: 'http://a'}}", nil, nil, none, ""},
		"an empty file":                 {"# nothing yet", nil, nil, none, ""},
		"by flag":                       {twoContexts, nil, []string{"--context=lab"}, "http://lab:7700", ""},
		"by variable":                   {twoContexts, []string{"WEBMON_CONTEXT=lab"}, nil, "http://lab:7700", ""},
		"a server instead":              {twoContexts, nil, []string{"--server=http://x"}, "http://x", ""},
		"a server of a variable":        {twoContexts, []string{"WEBMON_SERVER=http://x", "WEBMON_TOKEN=webmon_x"}, nil, "http://x", "webmon_x"},
		"a flag over variables":         {twoContexts, []string{"WEBMON_SERVER=http://x", "WEBMON_TOKEN=webmon_x"}, []string{"--context=lab"}, "http://lab:7700", ""},
		"a server over a variable":      {twoContexts, []string{"WEBMON_CONTEXT=prod"}, []string{"--server=http://x"}, "http://x", ""},
		"another token":                 {twoContexts, nil, []string{"--context=prod", "--token=webmon_y"}, "https://prod.example", "webmon_y"},
		"a variable's token, current":   {twoContexts, []string{"WEBMON_TOKEN=webmon_x"}, nil, "https://prod.example", "webmon_x"},
		"a variable's token, named too": {twoContexts, []string{"WEBMON_CONTEXT=lab", "WEBMON_TOKEN=webmon_x"}, nil, "http://lab:7700", "webmon_x"},
	} {
		got, err := clientOf(t, c.contexts, 0o600, c.environ, c.args...)
		if err != nil || got.Server != c.server || got.Token != c.token {
			t.Errorf("%s: %s with token %q, %v; want %s with %q", name, got.Server, got.Token, err, c.server, c.token)
		}
	}
}

func TestContextsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contexts string
		mode     os.FileMode
		args     []string
		want     string
	}{
		"no file":         {"", 0, []string{"--context=lab"}, `context: "lab" from flag --context is refused: there is no file`},
		"no such":         {twoContexts, 0o600, []string{"--context=labs"}, `did you mean "lab"?`},
		"nothing like it": {twoContexts, 0o600, []string{"--context=elsewhere"}, "it has lab, prod"},
		"no such current": {"current: x\ncontexts: {prod: {server: 'http://a'}}", 0o600, nil, `context: "x" from current in`},
		"both":            {twoContexts, 0o600, []string{"--context=lab", "--server=http://x"}, "give one of them"},
		"group may read":  {twoContexts, 0o640, nil, "chmod 600"},
		"others may":      {twoContexts, 0o604, nil, "chmod 600"},
		"unknown key":     {"contexts:\n  a:\n    sever: http://x\n", 0o600, nil, "line 3: field sever is unknown: a context has server and token"},
		"unknown part":    {"context: {}", 0o600, nil, "field context is unknown: give current and contexts"},
		"no server":       {"contexts: {a: {token: webmon_secret}}", 0o600, nil, "the context a has no server"},
		"bad server":      {"current: a\ncontexts: {a: {server: 'ftp://x', token: webmon_secret}}", 0o600, nil, "from context a in"},
		"no YAML":         {"contexts: [", 0o600, nil, "line 1"},
		"two documents":   {"current: a\n---\ncurrent: b", 0o600, nil, "a second document"},
	} {
		_, err := clientOf(t, c.contexts, c.mode, nil, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one that says %s", name, err, c.want)
		}
	}
}

// Roles that serve have nothing to do with contexts.
func TestContextsAreForClients(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, "webmon", "contexts.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("broken: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Sources{Role: All, Environ: []string{"HOME=/home/x", "XDG_CONFIG_HOME=" + home}}); err != nil {
		t.Error(err)
	}
	if _, err := Load(Sources{Role: APIClient, Environ: []string{"HOME=/home/x", "XDG_CONFIG_HOME=" + home}}); err == nil {
		t.Error("a client takes a broken file")
	}
}
