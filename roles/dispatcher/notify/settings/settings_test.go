package settings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/settings"
)

// full has every setting once.
const full = `
base-url: https://webmon.example.org/
give-up: 6h
channels:
  mail:
    url: "smtp://user:${MAIL_PASSWORD}@mail.example.org:587/?from=a@example.org&to=b@example.org"
    timeout: 20s
    rate: 5/1m
    closed: false
    unsure: repeat
  hook:
    webhook:
      url: https://hook.example.org/in
      secret: file:hook-secret
      headers: {x-team: "web-${TEAM}", Authorization: "$${kept}"}
  am:
    alertmanager:
      url: http://am:9093/
      username: webmon
      password: ${AM_PASSWORD}
      labels: {team: web}
      refresh: 30s
routes:
  - name: night
    tags: {all: [prod], any: [shop, api], not: [lab]}
    severity: critical
    verdicts: [down, changed]
    channels: [mail, hook]
    continue: true
    group-wait: 5s
    group-at: 3
    remind: 4h
  - channels: [am]
maintenance:
  - name: patches
    tags: {any: [prod]}
    cron: "0 2 * * SUN"
    duration: 2h
    time-zone: Europe/Berlin
  - name: move
    all: true
    from: 2026-12-01T20:00:00+01:00
    until: 2026-12-01T22:00:00+01:00
`

func environ(name string) string {
	return map[string]string{"MAIL_PASSWORD": "hunter2", "TEAM": "7", "AM_PASSWORD": "geheim"}[name]
}

// parse parses a text as alerts.yaml, beside a file hook-secret.
func parse(t *testing.T, text string) (*settings.Settings, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "hook-secret"), []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return settings.Parse("alerts.yaml", []byte(text), folder, environ, map[string][]byte{})
}

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := parse(t, full)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Windows) != 2 || s.Windows[0].Name != "patches" || !s.Windows[1].All || !reflect.DeepEqual(s.Windows[0].Tags, settings.Tags{Any: []string{"prod"}}) {
		t.Errorf("windows: %+v", s.Windows)
	}
	s.Windows = nil
	want := &settings.Settings{
		BaseURL: "https://webmon.example.org", GiveUp: 6 * time.Hour,
		Channels: []settings.Channel{
			{Name: "mail", Where: "alerts.yaml:6: channels.mail", Timeout: 20 * time.Second, Rate: settings.Rate{Count: 5, Per: time.Minute}, Unsure: true,
				Service: "smtp://user:hunter2@mail.example.org:587/?from=a@example.org&to=b@example.org"},
			{Name: "hook", Where: "alerts.yaml:12: channels.hook", Timeout: 15 * time.Second, Rate: settings.Rate{Count: 30, Per: time.Minute}, Closed: true, Unsure: true,
				Webhook: &settings.Webhook{URL: "https://hook.example.org/in", Secret: "sesame", Headers: map[string]string{"X-Team": "web-7", "Authorization": "${kept}"}}},
			{Name: "am", Where: "alerts.yaml:17: channels.am", Timeout: 15 * time.Second, Rate: settings.Rate{Count: 30, Per: time.Minute}, Closed: true, Unsure: true,
				Alertmanager: &settings.Alertmanager{URL: "http://am:9093", Username: "webmon", Password: "geheim", Labels: map[string]string{"team": "web"}, Refresh: 30 * time.Second}},
		},
		Routes: []settings.Route{
			{Name: "night", Tags: settings.Tags{All: []string{"prod"}, Any: []string{"shop", "api"}, Not: []string{"lab"}}, Severity: plugins.Critical,
				Verdicts: []plugins.Verdict{plugins.Down, plugins.Changed}, Channels: []string{"mail", "hook"}, Continue: true,
				GroupWait: 5 * time.Second, GroupAt: 3, Remind: 4 * time.Hour},
			{Name: "route 2", Channels: []string{"am"}, GroupWait: 10 * time.Second, GroupAt: 4},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v\nnot\n%+v", s, want)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const channels = "channels: {a: {url: 'ntfy://h/t'}}\n"
	const routes = "routes: [{channels: [a]}]\n"
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"empty":                  {"# nothing\n", []string{"alerts.yaml", "empty"}},
		"no YAML":                {"channels: [\n", []string{"alerts.yaml", "line"}},
		"two documents":          {channels + routes + "---\n" + routes, []string{"second document"}},
		"a list":                 {"- a\n", []string{"alerts.yaml:1", "key: value"}},
		"unknown key":            {channels + routes + "chanels: {}\n", []string{"alerts.yaml:3: chanels", "base-url, channels"}},
		"unknown key below":      {"channels:\n  a:\n    ur: x\n" + routes, []string{"alerts.yaml:3: channels.a.ur", "alertmanager, closed"}},
		"a key twice":            {channels + routes + routes, []string{"alerts.yaml:3: routes", "second time"}},
		"a channel twice":        {"channels:\n  a: {url: x}\n  a: {url: y}\n" + routes, []string{"alerts.yaml:3: channels.a", "second time"}},
		"a channel's name":       {"channels: {A B: {url: x}}\n" + routes, []string{"alerts.yaml:1: channels.A B", "a-z"}},
		"nothing leads to it":    {"channels:\n  a: {url: x}\n  b: {url: y}\n" + routes, []string{"alerts.yaml:3: channels.b", "no route"}},
		"no such channel":        {channels + "routes:\n  - channels: [a, c]\n", []string{"alerts.yaml:3: routes[0].channels[1]", `"c"`}},
		"no channels":            {"base-url: http://x\n", []string{"no channels"}},
		"no routes":              {channels, []string{"no routes"}},
		"a route to nowhere":     {channels + "routes: [{severity: critical}]\n", []string{"routes[0]", "channels is missing"}},
		"an empty route":         {channels + "routes: [{channels: []}]\n", []string{"routes[0].channels", "not empty"}},
		"two routes of a name":   {channels + "routes:\n  - {name: x, channels: [a]}\n  - {name: x, channels: [a]}\n", []string{"alerts.yaml:4", "of this name"}},
		"a channel of no kind":   {"channels: {a: {timeout: 5s}}\n" + routes, []string{"channels.a", "one of url, webhook and alertmanager"}},
		"a channel of two kinds": {"channels: {a: {url: x, webhook: {url: 'http://h/'}}}\n" + routes, []string{"channels.a", "one of"}},
		"severity":               {channels + "routes: [{channels: [a], severity: info}]\n", []string{"severity", "warning or critical"}},
		"verdict":                {channels + "routes: [{channels: [a], verdicts: [up]}]\n", []string{"verdicts[0]", "degraded"}},
		"timeout":                {"channels: {a: {url: x, timeout: 0s}}\n" + routes, []string{"channels.a.timeout", "from 1s"}},
		"rate":                   {"channels: {a: {url: x, rate: fast}}\n" + routes, []string{"channels.a.rate", "20/1m"}},
		"unsure webhook":         {"channels: {a: {webhook: {url: 'http://h/'}, unsure: stop}}\n" + routes, []string{"unsure"}},
		"no all-clear":           {"channels: {a: {alertmanager: {url: 'http://h/'}, closed: false}}\n" + routes, []string{"closed"}},
		"webhook without url":    {"channels: {a: {webhook: {secret: x}}}\n" + routes, []string{"channels.a.webhook", "url is missing"}},
		"webhook's url":          {"channels: {a: {webhook: {url: 'ftp://h/'}}}\n" + routes, []string{"channels.a.webhook.url", "http://HOST"}},
		"webhook's header":       {"channels: {a: {webhook: {url: 'http://h/', headers: {Webmon-Signature: x}}}}\n" + routes, []string{"headers.Webmon-Signature"}},
		"a header's value":       {"channels: {a: {webhook: {url: 'http://h/', headers: {X: \"a\\nb\"}}}}\n" + routes, []string{"headers.X", "value of a header"}},
		"own label":              {"channels: {a: {alertmanager: {url: 'http://h/', labels: {asset: x}}}}\n" + routes, []string{"labels.asset"}},
		"half a pair":            {"channels: {a: {alertmanager: {url: 'http://h/', username: x}}}\n" + routes, []string{"belong together"}},
		"no variable":            {"channels: {a: {url: 'ntfy://${NOBODY}@h/t'}}\n" + routes, []string{"channels.a.url", "NOBODY is not set"}},
		"no file":                {"channels: {a: {url: 'file:nowhere'}}\n" + routes, []string{"channels.a.url", "nowhere"}},
		"null":                   {"channels: {a: {url: ~}}\n" + routes, []string{"channels.a.url", "not empty"}},
		"give-up":                {channels + routes + "give-up: never\n", []string{"alerts.yaml:3: give-up"}},
		"base-url":               {channels + routes + "base-url: webmon\n", []string{"alerts.yaml:3: base-url"}},
		"group-at":               {channels + "routes: [{channels: [a], group-at: 1}]\n", []string{"group-at", "from 2"}},
		"window of nobody":       {channels + routes + "maintenance: [{name: x, cron: '@daily', duration: 1h, time-zone: UTC}]\n", []string{"maintenance[0]", "all: true"}},
		"window of both":         {channels + routes + "maintenance: [{name: x, all: true, cron: '@daily', until: 2026-12-01T20:00:00Z}]\n", []string{"maintenance[0]", "either"}},
		"window's cron":          {channels + routes + "maintenance: [{name: x, all: true, cron: 'x', duration: 1h, time-zone: UTC}]\n", []string{"maintenance[0]", "no cron"}},
		"window without a name":  {channels + routes + "maintenance: [{all: true, cron: '@daily', duration: 1h, time-zone: UTC}]\n", []string{"maintenance[0]", "name"}},
		"window's time":          {channels + routes + "maintenance: [{name: x, all: true, from: tomorrow, until: later}]\n", []string{"maintenance[0].from", "offset"}},
		"merge key":              {"x: &x {url: y}\nchannels: {a: {<<: *x}}\n" + routes, []string{"unknown key"}},
		"merge key in a channel": {"channels: {a: {<<: {url: y}}}\n" + routes, []string{"plain word"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(t, tt.text)
			if err == nil {
				t.Fatal("it is accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

// No error may repeat a value, which may hold a secret.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"channels: {a: {webhook: {url: 'http://user:hunter2@ h/'}}}\nroutes: [{channels: [a]}]\n",
		"channels: {a: {alertmanager: {url: 'http://h/', bearer-token: \"hunter2\\n\"}}}\nroutes: [{channels: [a]}]\n",
		"channels: {a: {url: 'smtp://user:hunter2@h/${NOBODY}'}}\nroutes: [{channels: [a]}]\n",
		"channels: {a: {url: 'smtp://user:hunter2@h/'}}\n",
	} {
		if _, err := parse(t, text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	s, err := parse(t, `
channels: {a: {url: x}, b: {url: y}, c: {url: z}}
routes:
  - {name: lab, tags: {any: [lab]}, channels: [c]}
  - {name: critical shop, tags: {all: [shop, prod], not: [quiet]}, severity: critical, channels: [a], continue: true}
  - {name: changed, verdicts: [changed], channels: [b, a], continue: true}
  - {name: rest, severity: warning, tags: {not: [quiet]}, channels: [b]}
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		tags     string
		severity plugins.Severity
		verdict  plugins.Verdict
		want     string
	}{
		{"lab shop prod", plugins.Critical, plugins.Down, "c by lab"},
		{"shop prod", plugins.Critical, plugins.Down, "a by critical shop, b by rest"},
		{"shop prod", plugins.Warning, plugins.Degraded, "b by rest"},
		{"shop", plugins.Critical, plugins.Down, "b by rest"},
		{"shop prod", plugins.Critical, plugins.Changed, "a by critical shop, b by changed"},
		{"shop prod quiet", plugins.Critical, plugins.Changed, "b by changed, a by changed"},
		{"quiet", plugins.Critical, plugins.Down, ""},
		{"", plugins.Warning, plugins.Inconclusive, "b by rest"},
	} {
		var got []string
		for _, r := range s.Route(strings.Fields(tt.tags), tt.severity, tt.verdict) {
			got = append(got, r.Channel.Name+" by "+r.Route.Name)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%q %s %s: %q, not %q", tt.tags, tt.severity, tt.verdict, got, tt.want)
		}
	}
}

func TestMaintained(t *testing.T) {
	t.Parallel()
	s, err := parse(t, full)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, tags, want string }{
		{"2026-11-29T01:30:00Z", "prod", "patches until 2026-11-29T03:00:00Z"},
		{"2026-11-29T01:30:00Z", "lab", ""},
		{"2026-11-29T03:00:00Z", "prod", ""},
		{"2026-12-01T20:00:00Z", "lab", "move until 2026-12-01T21:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if w, until := s.Maintained(strings.Fields(tt.tags), at); w != nil {
			got = w.Name + " until " + until.UTC().Format(time.RFC3339)
		}
		if got != tt.want {
			t.Errorf("%s %s: %q, not %q", tt.at, tt.tags, got, tt.want)
		}
	}
}

// The file is read again when it or a file with a secret changes, and only then.
func TestChanged(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const text = "channels: {a: {url: 'file:secret'}}\nroutes: [{channels: [a]}]\n"
	write("secret", "ntfy://h/one\n")
	write("alerts.yaml", text)
	f := settings.NewFile(filepath.Join(folder, "alerts.yaml"), nil)
	s, err := f.Load()
	if err != nil || s.Channels[0].Service != "ntfy://h/one" {
		t.Fatalf("%+v, %v", s, err)
	}
	unchanged := func() {
		t.Helper()
		if s, err := f.Changed(); s != nil || err != nil {
			t.Fatalf("read again though nothing changed: %+v, %v", s, err)
		}
	}
	changed := func(url string) {
		t.Helper()
		if s, err := f.Changed(); err != nil || s == nil || s.Channels[0].Service != url {
			t.Fatalf("%+v, %v", s, err)
		}
		unchanged()
	}
	unchanged()
	write("secret", "ntfy://h/two\n")
	changed("ntfy://h/two")
	write("alerts.yaml", strings.Replace(text, "'file:secret'", "'ntfy://h/three'", 1))
	changed("ntfy://h/three")
	write("alerts.yaml", "channels: {}\n")
	if _, err := f.Changed(); err == nil {
		t.Fatal("a broken file is accepted")
	}
	unchanged() // the error is said once
	write("alerts.yaml", text)
	changed("ntfy://h/two")
	if err := os.Remove(filepath.Join(folder, "secret")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Changed(); err == nil {
		t.Fatal("a missing secret is accepted")
	}
	unchanged()
	write("secret", "ntfy://h/four\n")
	changed("ntfy://h/four")
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("channels: &a {a: *a}\nroutes: [*a]\n")
	f.Add("maintenance: [{name: x, all: true, cron: '*/1 * * * *', duration: 744h, time-zone: UTC}]\n")
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := settings.Parse("alerts.yaml", []byte(text), folder, environ, map[string][]byte{})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "alerts.yaml") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("an error that does not begin with the file, or tells a secret: %v", err)
			}
			return
		}
		if len(s.Channels) == 0 || len(s.Routes) == 0 {
			t.Errorf("accepted without channels or routes: %q", text)
		}
		for _, r := range s.Route(nil, plugins.Critical, plugins.Down) {
			if r.Channel == nil || r.Route == nil {
				t.Errorf("a route to nowhere: %q", text)
			}
		}
		s.Maintained(nil, time.Now())
	})
}
