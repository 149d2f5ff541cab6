package configs

import (
	"path/filepath"
	"slices"
	"time"

	"webmon/nearest"
)

// Role is what a command is; it decides which flags the command has and some
// defaults.
type Role string

// The roles.
const (
	API        Role = "api"
	Dispatcher Role = "dispatcher"
	Executor   Role = "executor"
	All        Role = "all"        // the three above in one process
	Client     Role = "client"     // a command that asks a running webmon on its control channel
	APIClient  Role = "api-client" // a command that asks it over HTTP
	Alerting   Role = "alerting"   // a command that sends alerts by itself
	Storage    Role = "storage"    // a command that works on what is stored, and runs a Redis as all does
)

// Roles lists the roles that serve.
var Roles = []Role{API, Dispatcher, Executor, All}

// Key describes one setting.
type Key struct {
	Name    string // the flag, and the key in the file
	Default string
	Doc     string
	Roles   []Role // who uses it, beside All, which has every key of a role that serves
	Secret  bool   // an address that may hold a password, or nothing but a secret

	kind kind
}

// Keys is the single list of settings, in the order in which they are shown.
func Keys() []Key {
	var (
		every    = []Role{API, Dispatcher, Executor}
		anyone   = []Role{API, Dispatcher, Executor, Client, APIClient, Alerting, Storage}
		wired    = []Role{API, Dispatcher, Executor, Client} // speak ZeroMQ
		sends    = []Role{API, Dispatcher}
		receives = []Role{Dispatcher, Executor}
		stores   = []Role{API, Dispatcher, Executor, Storage}
	)
	return []Key{
		{Name: "config", Roles: anyone, kind: anyText("file"),
			Doc: "read settings from this YAML file"},
		{Name: "redis", Roles: stores, kind: redisAddress, Secret: true,
			Doc: "Redis: redis://, rediss:// or unix:// address; all runs its own when empty, the other roles need one"},
		{Name: "redis-ca", Roles: stores, kind: anyText("file"),
			Doc: "certificates that a Redis with rediss:// is trusted by; default those of the system"},
		{Name: "redis-cert", Roles: stores, kind: anyText("file"),
			Doc: "certificate to show to a Redis with rediss://, when it asks for one"},
		{Name: "redis-key", Roles: stores, kind: anyText("file"),
			Doc: "key of redis-cert"},
		{Name: "prefix", Default: "webmon", Roles: stores, kind: keyPrefix,
			Doc: "first part of every Redis key"},
		{Name: "data", Roles: []Role{Storage}, kind: anyText("folder"),
			Doc: "folder of the Redis that all runs; default $XDG_STATE_HOME/webmon or ~/.local/state/webmon"},
		{Name: "listen", Default: "127.0.0.1:7700", Roles: []Role{API}, kind: listenAddress,
			Doc: "address of the HTTP API; others than this machine need a token"},
		{Name: "tls-cert", Roles: []Role{API}, kind: anyText("file"),
			Doc: "certificate of the HTTP API, with those between; it is read again when it changes"},
		{Name: "tls-key", Roles: []Role{API}, kind: anyText("file"),
			Doc: "key of tls-cert"},
		{Name: "rate-limit", Default: "1000", Roles: []Role{API}, kind: whole(0, 1_000_000),
			Doc: "requests a second for each token, or each address without one; 0 for no limit"},
		{Name: "status-tags", Roles: []Role{API}, kind: tagList,
			Doc: "tags of the assets that everybody may see at /status without a token, such as shop, mail; without any there is no such page"},
		{Name: "status-title", Default: "Status", Roles: []Role{API}, kind: headerText,
			Doc: "heading of that page"},
		{Name: "status-urls", Default: "false", Roles: []Role{API}, kind: truth,
			Doc: "show URLs there beside the names"},
		{Name: "status-reasons", Default: "false", Roles: []Role{API}, kind: truth,
			Doc: "show there what was found, with incidents"},
		{Name: "jobs-in", Default: "tcp://127.0.0.1:7701", Roles: sends, kind: endpoint,
			Doc: "dispatcher's front: job ids come in here; all uses inproc:// unless told"},
		{Name: "jobs-out", Default: "tcp://127.0.0.1:7702", Roles: receives, kind: endpoint,
			Doc: "dispatcher's back: executors fetch job ids here; all uses inproc:// unless told"},
		{Name: "control", Default: "tcp://127.0.0.1:7703", Roles: []Role{Dispatcher, Client}, kind: endpoint,
			Doc: "dispatcher's control channel"},
		{Name: "server", Default: "http://127.0.0.1:7700", Roles: []Role{APIClient}, Secret: true, kind: serverAddress,
			Doc: "the HTTP API of a running webmon"},
		{Name: "context", Roles: []Role{APIClient}, kind: anyText("name"),
			Doc: "take server and token from the context of this name in $XDG_CONFIG_HOME/webmon/contexts.yaml or ~/.config/webmon/contexts.yaml"},
		{Name: "token", Roles: []Role{APIClient}, Secret: true, kind: tokenText,
			Doc: "token for the HTTP API, of webmon token create; better given as a variable"},
		{Name: "key", Roles: wired, kind: anyText("file"),
			Doc: "this process' key, a file of webmon keygen; with it all tcp:// between the roles is encrypted"},
		{Name: "server-key", Roles: wired, kind: anyText("key"),
			Doc: "dispatcher's public key, as it is or in a file; when empty, the same as that of --key"},
		{Name: "allowed-keys", Roles: []Role{Dispatcher}, kind: anyText("file"),
			Doc: "list of the keys that may connect to the dispatcher; when empty, only its own"},
		{Name: "insecure", Default: "false", Roles: wired, kind: truth,
			Doc: "allow addresses that others can reach without keys, and an API for all as long as there is no token"},
		{Name: "log-level", Default: "info", Roles: stores, kind: oneOf("debug", "info", "warn", "error"),
			Doc: "least serious message that is logged: debug, info, warn or error"},
		{Name: "log-format", Default: "text", Roles: stores, kind: oneOf("text", "json"),
			Doc: "text or json"},
		{Name: "stop-timeout", Default: "8s", Roles: every, kind: duration(0, time.Hour),
			Doc: "how long a stop waits for work to end"},
		{Name: "in-flight", Default: "256", Roles: []Role{Executor}, kind: whole(1, 100_000),
			Doc: "checks at once"},
		{Name: "per-host", Default: "4", Roles: []Role{Executor}, kind: whole(1, 100_000),
			Doc: "checks at once to one host"},
		{Name: "keep-alive", Default: "false", Roles: []Role{Executor}, kind: truth,
			Doc: "use connections again; saves CPU, but hides the time to connect"},
		{Name: "max-body", Default: "4MiB", Roles: []Role{Executor}, kind: size(1<<10, 1<<30),
			Doc: "most of a page that is read, after decompression"},
		{Name: "user-agent", Roles: []Role{Executor}, kind: headerText,
			Doc: "User-Agent of requests; default webmon/VERSION"},
		{Name: "targets-private", Roles: []Role{Executor}, kind: oneOf("allow", "refuse"), // after jobs-out, which it follows
			Doc: "checks of private networks and of this machine: allow or refuse; default allow, and refuse for an executor whose jobs-out is on another machine"},
		{Name: "targets-allow", Roles: []Role{Executor}, kind: networks,
			Doc: "networks that are checked though targets-private refuses them, such as 10.1.0.0/16, 127.0.0.1"},
		{Name: "targets-deny", Roles: []Role{Dispatcher, Executor, Alerting}, kind: networks,
			Doc: "networks that are never connected to, be it by checks or by alerts; wins over the other two"},
		{Name: "lease", Default: "30s", Roles: []Role{Executor}, kind: duration(100*time.Millisecond, time.Hour),
			Doc: "how long an executor may be silent before its jobs go to others"},
		{Name: "alerts", Roles: []Role{Dispatcher, Alerting}, kind: anyText("file"),
			Doc: "who is told of incidents, and how: a file such as configs/alerts.example.yaml; when empty, nobody"},
		{Name: "redeliver", Default: "10s", Roles: sends, kind: duration(10*time.Millisecond, time.Hour),
			Doc: "how long a job may wait unseen before its id is sent again"},
		{Name: "max-attempts", Default: "5", Roles: []Role{Dispatcher}, kind: whole(1, 1000),
			Doc: "how often a job is tried before it has failed"},
		{Name: "retention-count", Default: "10000", Roles: every, kind: whole(1, 10_000_000),
			Doc: "results kept per asset, unless the asset says otherwise"},
		{Name: "retention-age", Default: "720h", Roles: every, kind: duration(time.Minute, 10*365*24*time.Hour),
			Doc: "how long results are kept, unless the asset says otherwise"},
	}
}

func lookup(name string) (Key, bool) {
	keys := Keys()
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}

// servesIn tells whether the role uses the key.
func (k Key) servesIn(role Role) bool {
	return role == All && !slices.Equal(k.Roles, []Role{APIClient}) || slices.Contains(k.Roles, role)
}

// defaultFor is the key's default where it depends on more than the key.
func (k Key) defaultFor(role Role, version string, environ []string) string {
	switch {
	case k.Name == "data":
		return stateFolder(environ)
	case k.Name == "user-agent":
		return "webmon/" + version
	case role == All && (k.Name == "jobs-in" || k.Name == "jobs-out"):
		return "inproc://webmon-" + k.Name
	}
	return k.Default
}

// stateFolder is the user's folder for webmon's data, or "" when there is no
// home folder.
func stateFolder(environ []string) string {
	return userPath(environ, "XDG_STATE_HOME", filepath.Join(".local", "state"), "webmon")
}

// nearestKey is the key that a mistyped word most likely means, or "".
func nearestKey(word string) string {
	keys := Keys()
	return nearest.Word(word, func(yield func(string) bool) {
		for i := range keys {
			if !yield(keys[i].Name) {
				return
			}
		}
	})
}
