package configs

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load reads a configuration of the role "all" from a file's content (none
// when empty), an environment and command line arguments.
func load(t *testing.T, content string, environ []string, args ...string) (Config, error) {
	t.Helper()
	return loadAs(t, All, content, environ, args...)
}

func loadAs(t *testing.T, role Role, content string, environ []string, args ...string) (Config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	AddFlags(flags, role)
	if content != "" {
		path := filepath.Join(t.TempDir(), "webmon.yaml")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	environ = append([]string{"HOME=/home/ada", "PATH=/bin"}, environ...)
	return Load(Sources{Role: role, Version: "1.2", Flags: flags, Environ: environ})
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	got.text = nil
	want := Config{
		Prefix: "webmon", Data: "/home/ada/.local/state/webmon", Listen: "127.0.0.1:7700", RateLimit: 1000, StatusTitle: "Status",
		JobsIn: "inproc://webmon-jobs-in", JobsOut: "inproc://webmon-jobs-out", Control: "tcp://127.0.0.1:7703", Server: "http://127.0.0.1:7700",
		LogLevel: slog.LevelInfo, LogFormat: "text", StopTimeout: 8 * time.Second,
		InFlight: 256, PerHost: 4, MaxBody: 4 << 20, UserAgent: "webmon/1.2",
		TargetsPrivate: "allow",
		Lease:          30 * time.Second, Redeliver: 10 * time.Second, MaxAttempts: 5,
		RetentionCount: 10_000, RetentionAge: 720 * time.Hour,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("defaults:\n got %+v\nwant %+v", got, want)
	}

	apart, err := loadAs(t, Dispatcher, "", []string{"XDG_STATE_HOME=/state", "WEBMON_REDIS=redis://a"})
	if err != nil {
		t.Fatal(err)
	}
	if apart.JobsIn != "tcp://127.0.0.1:7701" || apart.JobsOut != "tcp://127.0.0.1:7702" || apart.Data != "/state/webmon" {
		t.Errorf("defaults of a dispatcher: %+v", apart)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := "per-host: 7\nin-flight: 70\nlog-level: debug\nkeep-alive: true\nmax-body: 512KiB\n"
	environ := []string{"WEBMON_IN_FLIGHT=80", "WEBMON_LOG_LEVEL=warn", "WEBMON_LISTEN="}
	c, err := load(t, file, environ, "--log-level=error")
	if err != nil {
		t.Fatal(err)
	}
	if c.PerHost != 7 || !c.KeepAlive || c.MaxBody != 512<<10 {
		t.Errorf("the file does not win over the defaults: %+v", c)
	}
	if c.InFlight != 80 {
		t.Errorf("in-flight is %d: the environment does not win over the file", c.InFlight)
	}
	if c.LogLevel != slog.LevelError {
		t.Errorf("log-level is %v: flags do not win over the environment", c.LogLevel)
	}
	if c.Listen != "127.0.0.1:7700" {
		t.Errorf("listen is %q: an empty variable does not count as unset", c.Listen)
	}
}

func TestFlagsOverrideWithTheirDefault(t *testing.T) {
	t.Parallel()
	c, err := load(t, "keep-alive: true\nredis: redis://other\n", nil, "--keep-alive=false", "--redis=")
	if err != nil {
		t.Fatal(err)
	}
	if c.KeepAlive || c.Redis != "" {
		t.Errorf("a flag given with its default value does not win: %+v", c)
	}
}

func TestConfigFileFromEnvironment(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, []byte("prefix: mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, "", []string{"WEBMON_CONFIG=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if c.Prefix != "mine" || c.File != path {
		t.Errorf("prefix %q from file %q", c.Prefix, c.File)
	}
}

// TestRefused has one bad setting a case, and what the error must say of it.
func TestRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file    string
		environ []string
		args    []string
		want    []string
	}{
		"unknown key":        {file: "prefix: a\nin-flihgt: 3\n", want: []string{"webmon.yaml:2", `"in-flihgt"`, `"in-flight"`}},
		"underscores":        {file: "in_flight: 3\n", want: []string{":1", `"in_flight"`, `"in-flight"`}},
		"far from any key":   {file: "bananas: 3\n", want: []string{`"bananas"`, "webmon config --help"}},
		"nested key":         {file: "redis:\n  url: redis://x\n", want: []string{":1", "redis", "one plain value"}},
		"list":               {file: "listen: [a, b]\n", want: []string{"listen", "one plain value"}},
		"no value":           {file: "listen:\n", want: []string{":1", "listen", "no value"}},
		"key twice":          {file: "listen: a:1\nlisten: b:2\n", want: []string{"listen", "2"}},
		"not YAML":           {file: "listen: [\n", want: []string{"webmon.yaml", "line"}},
		"two documents":      {file: "prefix: a\n---\nprefix: b\n", want: []string{"second document"}},
		"not a mapping":      {file: "- a\n", want: []string{":1", "key: value"}},
		"config in file":     {file: "config: x\n", want: []string{"config", "file itself"}},
		"no such file":       {args: []string{"--config", "/nonexistent.yaml"}, want: []string{"/nonexistent.yaml", "no such file"}},
		"unknown variable":   {environ: []string{"WEBMON_PERHOST=1"}, want: []string{"WEBMON_PERHOST", "WEBMON_PER_HOST"}},
		"lower-case name":    {environ: []string{"WEBMON_per_host=1"}, want: []string{"WEBMON_per_host", "WEBMON_PER_HOST"}},
		"port, no service":   {environ: []string{"WEBMON_PORT=7700"}, want: []string{"WEBMON_PORT"}},
		"word for a number":  {environ: []string{"WEBMON_IN_FLIGHT=many"}, want: []string{"in-flight", `"many"`, "WEBMON_IN_FLIGHT", "from 1 to 100000"}},
		"fraction":           {file: "in-flight: 2.5\n", want: []string{"in-flight", `"2.5"`, ":1", "whole number"}},
		"too few":            {args: []string{"--in-flight=0"}, want: []string{"in-flight", `"0"`, "--in-flight", "from 1"}},
		"too many":           {file: "in-flight: 100001\n", want: []string{"in-flight", "100000"}},
		"bool for a number":  {file: "in-flight: true\n", want: []string{"in-flight", "whole number"}},
		"number for a bool":  {file: "keep-alive: 1\n", want: []string{"keep-alive", "true or false"}},
		"no unit":            {file: "lease: 30\n", want: []string{"lease", "unit", "30s"}},
		"days":               {args: []string{"--retention-age=30d"}, want: []string{"retention-age", "720h", "from 1m to 87600h"}},
		"negative duration":  {args: []string{"--stop-timeout=-1s"}, want: []string{"stop-timeout", "0s"}},
		"decimal megabytes":  {args: []string{"--max-body=4MB"}, want: []string{"max-body", "4MiB"}},
		"overflow":           {args: []string{"--max-body=99999999999GiB"}, want: []string{"max-body", "1GiB"}},
		"log level":          {args: []string{"--log-level=loud"}, want: []string{"log-level", "debug, info, warn, error"}},
		"log format":         {args: []string{"--log-format=xml"}, want: []string{"log-format", "text, json"}},
		"braces in prefix":   {args: []string{"--prefix={a}"}, want: []string{"prefix", "letters"}},
		"no transport":       {args: []string{"--jobs-in=127.0.0.1:7701"}, want: []string{"jobs-in", "tcp://127.0.0.1:7701"}},
		"http endpoint":      {args: []string{"--control=http://a:1"}, want: []string{"control", "tcp://"}},
		"endpoint, no port":  {args: []string{"--jobs-out=tcp://a"}, want: []string{"jobs-out", "missing port"}},
		"endpoint, bad port": {args: []string{"--jobs-out=tcp://a:99999"}, want: []string{"jobs-out", "65535"}},
		"half of a pair":     {args: []string{"--tls-cert=a"}, want: []string{"tls-cert", "tls-key", "both"}},
		"half of another":    {args: []string{"--redis=rediss://a", "--redis-key=a"}, want: []string{"redis-cert", "redis-key", "both"}},
		"CA without TLS":     {args: []string{"--redis=redis://a", "--redis-ca=a"}, want: []string{"redis-ca", "rediss://"}},
		"no rate":            {args: []string{"--rate-limit=-1"}, want: []string{"rate-limit", "from 0"}},
		"listen a URL":       {args: []string{"--listen=http://a:1"}, want: []string{"listen", "without a scheme"}},
		"listen, no port":    {args: []string{"--listen=localhost"}, want: []string{"listen", "missing port"}},
		"redis without URL":  {args: []string{"--redis=localhost:6379"}, want: []string{"redis", "redis://HOST:6379"}},
		"redis, no host":     {args: []string{"--redis=redis:///1"}, want: []string{"redis", "host"}},
		"redis, no path":     {args: []string{"--redis=unix://"}, want: []string{"redis", "path"}},
		"server, no scheme":  {environ: []string{"WEBMON_SERVER=localhost:7700"}, want: []string{"server", "WEBMON_SERVER", "http://HOST:PORT"}},
		"private, yes":       {args: []string{"--targets-private=yes"}, want: []string{"targets-private", `"yes"`, "allow, refuse"}},
		"private, empty":     {file: "targets-private: \"\"\n", want: []string{"targets-private", ":1", "allow, refuse"}},
		"network, a name":    {environ: []string{"WEBMON_TARGETS_ALLOW=10.0.0.0/8,intranet"}, want: []string{"WEBMON_TARGETS_ALLOW", `"intranet" is no network`, "10.0.0.0/8"}},
		"network, too wide":  {file: "targets-deny: 10.0.0.0/33\n", want: []string{":1", "targets-deny", `"10.0.0.0/33" is no network`}},
		"network, loose":     {args: []string{"--targets-allow=10.1.2.3/8"}, want: []string{"targets-allow", "did you mean 10.0.0.0/8?"}},
		"network, a zone":    {args: []string{"--targets-deny=fe80::1%eth0"}, want: []string{"targets-deny", "no network"}},
		"network, mapped":    {args: []string{"--targets-deny=::ffff:10.0.0.0/104"}, want: []string{"targets-deny", "write the IPv4 network"}},
		"network, mapped 1":  {args: []string{"--targets-deny=::ffff:10.0.0.1"}, want: []string{"targets-deny", "write the IPv4 network"}},
		"networks, a gap":    {args: []string{"--targets-deny=10.0.0.0/8,,::1"}, want: []string{"targets-deny", `"" is no network`, "commas"}},
		"networks, YAML":     {file: "targets-allow: [10.0.0.0/8]\n", want: []string{"targets-allow", "one plain value"}},
		"user agent, lines":  {args: []string{"--user-agent=a\r\nX: y"}, want: []string{"user-agent", "one line"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, test.file, test.environ, test.args...)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q: %v", part, err)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %q", err)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--redis=rediss://u:p@[::1]:6380/2"}, {"--redis=unix:///run/redis.sock"},
		{"--listen=:0"}, {"--listen=[::1]:80"}, {"--jobs-in=tcp://*:7701"}, {"--jobs-out=ipc:///tmp/x"},
		{"--targets-private=refuse"}, {"--targets-allow="}, {"--targets-deny=10.0.0.0/8"},
		{"--max-body=4194304"}, {"--max-body=4 MiB"}, {"--keep-alive"}, {"--in-flight=100000"}, {"--stop-timeout=0s"},
	} {
		if _, err := load(t, "", nil, args...); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestKubernetesVariablesAreIgnored(t *testing.T) {
	t.Parallel()
	_, err := load(t, "", []string{
		"WEBMON_SERVICE_HOST=10.0.0.1", "WEBMON_SERVICE_PORT=7700", "WEBMON_SERVICE_PORT_HTTP=7700",
		"WEBMON_PORT=tcp://10.0.0.1:7700", "WEBMON_PORT_7700_TCP=tcp://10.0.0.1:7700",
		"WEBMON_PORT_7700_TCP_ADDR=10.0.0.1", "WEBMON_API_SERVICE_HOST=10.0.0.1", "WEBMON_API_PORT=tcp://10.0.0.1:7700",
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInprocIsForAllOnly(t *testing.T) {
	t.Parallel()
	_, err := loadAs(t, Executor, "", nil, "--redis=redis://a", "--jobs-out=inproc://x")
	if err == nil || !strings.Contains(err.Error(), "jobs-out") {
		t.Errorf("an executor of its own was given an inproc endpoint: %v", err)
	}
	// A file shared with all may hold an endpoint that the executor never uses.
	if _, err := loadAs(t, Executor, "redis: redis://a\njobs-in: inproc://x\n", nil); err != nil {
		t.Error(err)
	}
}

func TestNowhereToKeepData(t *testing.T) {
	t.Parallel()
	load := func(role Role, environ ...string) error {
		_, err := Load(Sources{Role: role, Version: "1.2", Environ: environ})
		return err
	}
	if err := load(All); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("all without a home folder: %v", err)
	}
	if err := load(All, "WEBMON_REDIS=redis://a"); err != nil {
		t.Errorf("all with a Redis needs no folder: %v", err)
	}
	for _, role := range []Role{API, Dispatcher, Executor} {
		if err := load(role, "HOME=/home/ada"); err == nil || !strings.Contains(err.Error(), "--redis") {
			t.Errorf("%s without a Redis: %v", role, err)
		}
	}
	for _, role := range []Role{Client, APIClient} {
		if err := load(role); err != nil {
			t.Errorf("%s needs no storage: %v", role, err)
		}
	}
}

func TestFlagsOfARole(t *testing.T) {
	t.Parallel()
	names := func(role Role) []string {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		AddFlags(flags, role)
		var all []string
		flags.VisitAll(func(f *pflag.Flag) { all = append(all, f.Name) })
		return all
	}
	if got := names(Client); !slices.Equal(got, []string{"config", "control", "insecure", "key", "server-key"}) {
		t.Errorf("a client has the flags %v", got)
	}
	if got := names(Executor); slices.Contains(got, "listen") || !slices.Contains(got, "in-flight") {
		t.Errorf("an executor has the flags %v", got)
	}
	if got := names(APIClient); !slices.Equal(got, []string{"config", "context", "server", "token"}) {
		t.Errorf("a client of the API has the flags %v", got)
	}
	if got := names(Storage); !slices.Equal(got, []string{"config", "data", "log-format", "log-level", "prefix", "redis", "redis-ca", "redis-cert", "redis-key"}) {
		t.Errorf("a command for what is stored has the flags %v", got)
	}
	if got, want := len(names(All)), len(Keys())-3; got != want || slices.Contains(names(All), "server") || slices.Contains(names(All), "token") {
		t.Errorf("all has %d flags, want %d, without those of the API's clients", got, want)
	}
}

// TestTokenIsNeverShown looks for it in what is printed, and in refusals.
func TestTokenIsNeverShown(t *testing.T) {
	t.Parallel()
	c, err := loadAs(t, APIClient, "", []string{"WEBMON_TOKEN=webmon_a_secret"})
	if err != nil || c.Token != "webmon_a_secret" {
		t.Fatalf("%q, %v", c.Token, err)
	}
	if text, err := c.YAML(true); err != nil || strings.Contains(string(text), "secret") || !strings.Contains(string(text), "token: '***'") {
		t.Errorf("%v: %s", err, text)
	}
	if _, err := loadAs(t, APIClient, "", []string{"WEBMON_TOKEN=webmon_a secret"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("refused: %v", err)
	}
}

// TestDefaultFile proves that webmon.yaml names every key with its default.
func TestDefaultFile(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("webmon.yaml")
	if err != nil {
		t.Fatal(err)
	}
	setting := regexp.MustCompile(`(?m)^#([a-z-]+): (.*)$`)
	written := map[string]bool{}
	for _, match := range setting.FindAllSubmatch(content, -1) {
		written[string(match[1])] = true
	}
	for _, k := range Keys() {
		if !written[k.Name] && k.Name != "config" {
			t.Errorf("%s is missing", k.Name)
		}
	}

	active := setting.ReplaceAllString(string(content), "$1: $2")
	active = strings.ReplaceAll(active, "~", "/home/ada")
	active = strings.ReplaceAll(active, "user-agent: webmon/VERSION", "user-agent: webmon/1.2")
	got, err := loadAs(t, Client, active, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := loadAs(t, Client, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	got.File, got.text, want.text = "", nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("webmon.yaml with every line active:\n got %+v\nwant %+v", got, want)
	}
}

// TestDeploymentFiles proves that the files for containers and systemd set only
// variables that exist.
func TestDeploymentFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("systemd/*.service")
	if err != nil || len(files) != len(Roles) {
		t.Fatalf("units %v, %v; want one for each of %v", files, err, Roles)
	}
	for _, path := range append(files, "compose.yaml", "../Dockerfile") {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`WEBMON_[A-Z_]*[A-Z]`).FindAllString(string(content), -1) {
			if _, known := lookup(keyOfVariable(name)); !known {
				t.Errorf("%s sets %s, which is no setting", path, name)
			}
		}
	}
}

func TestYAMLReadsBack(t *testing.T) {
	t.Parallel()
	want, err := load(t, "", nil, "--redis=redis://u:secret@h:1/2", "--keep-alive", "--user-agent=true: # x", "--prefix=12")
	if err != nil {
		t.Fatal(err)
	}
	content, err := want.YAML(false)
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(t, string(content), nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	got.File, got.text["config"] = "", ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back:\n got %+v\nwant %+v", got, want)
	}
	if !strings.Contains(string(content), "\nin-flight: 256\n") {
		t.Errorf("a number is quoted:\n%s", content)
	}
}

func TestPasswordsAreMasked(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"redis://user:s3cret@host:6379", "redis://:s3cret@host", "unix://u:s3cret@/run/x", "rediss://u:p@s3cret@host",
	} {
		c, err := load(t, "", nil, "--redis="+address)
		if err != nil {
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows the password: %v", err)
			}
			continue
		}
		content, err := c.YAML(true)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "s3cret") || !strings.Contains(string(content), ":***@") {
			t.Errorf("%s: not masked in\n%s", address, content)
		}
	}
	// Errors show values too.
	for _, address := range []string{"http://u:s3cret@h", "redis://u:s3cret@h:port", "redis://u:%zzs3cret@h", "redis://u:a/s3cret@h"} {
		if _, err := load(t, "", nil, "--redis="+address); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add("in-flight: 3\n")
	f.Add("redis: &a redis://x\nprefix: *a\n")
	f.Add("a: {b: [c]}\n---\nd: e")
	f.Add("<<: {in-flight: 3}\n? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, content string) {
		values, err := (&strictYAML{path: "f", origin: map[string]string{}}).Unmarshal([]byte(content))
		if err != nil {
			return
		}
		for name := range values {
			if _, known := lookup(name); !known {
				t.Errorf("accepted the unknown key %q", name)
			}
		}
	})
}
