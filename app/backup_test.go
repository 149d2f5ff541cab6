package app_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/localredis"
	"webmon/store/storetest"
)

// tool runs a command of webmon to its end.
func tool(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1 exitcode=66")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	_ = cmd.Run() // the exit code says more
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// does runs a command that must succeed and gives what it prints.
func does(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := tool(t, "", args...)
	if code != 0 || errs != "" {
		t.Fatalf("webmon %s: exit code %d, %s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// refuses runs a command that must fail in one line that says all of parts.
func refuses(t *testing.T, args []string, parts ...string) {
	t.Helper()
	code, out, errs := tool(t, "", args...)
	if code != 2 || out != "" || strings.Count(errs, "\n") != 1 {
		t.Errorf("webmon %s: exit code %d, %q, %q", strings.Join(args, " "), code, out, errs)
	}
	for _, part := range parts {
		if !strings.Contains(errs, part) {
			t.Errorf("webmon %s does not say %q: %s", strings.Join(args, " "), part, errs)
		}
	}
}

func allOn(data string) []string {
	return []string{"all", "--data", data, "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*"}
}

// told is what the API tells that must be the same after a restore, and does
// not change with time alone.
func told(c client, ids ...string) map[string]any {
	c.t.Helper()
	all := map[string]any{}
	paths := []string{"/v1/assets", "/v1/assets?tag=shop", "/v1/assets?verdict=changed", "/v1/assets/export?format=json", "/v1/summary"}
	for _, id := range ids {
		paths = append(paths, "/v1/assets/"+id, "/v1/assets/"+id+"/results?limit=1000", "/v1/assets/"+id+"/decisions")
	}
	for _, path := range paths {
		var answer any
		c.must(http.StatusOK, "GET", path, nil, &answer)
		if object, is := answer.(map[string]any); is {
			delete(object, "checks_per_minute")
			delete(object, "changes_since")
		}
		all[path] = answer
	}
	return all
}

func same(t *testing.T, want, got map[string]any) {
	t.Helper()
	for path := range want {
		if !reflect.DeepEqual(want[path], got[path]) {
			t.Errorf("%s:\n%v, want\n%v", path, got[path], want[path])
		}
	}
}

// metrics gives the values that the latest result of an asset has of one plugin.
func (d *decided) metrics(plugin string) map[string]float64 {
	d.t.Helper()
	for _, report := range d.results(d.asset.ID)[0].Reports {
		if report.Plugin == plugin {
			return report.Metrics
		}
	}
	d.t.Fatalf("no report of %s", plugin)
	return nil
}

// Everything dies, its disk too, but for a backup. What was learned, decided
// and measured is there again, and nothing alarms that did not before.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	d := startDecided(t)
	one := strings.Replace(usualPage, "</body>", scriptFrom("one.example"), 1)
	d.show(one)
	d.wantVerdict("changed")
	d.say("accept")
	for range 4 {
		d.wantVerdict("up")
	}
	alarmed := d.create(site(t)+"/missing", map[string]any{"tags": []string{"shop"}, "request": map[string]any{"bearer_token": "secret"}})
	d.finish(d.run(map[string]any{"assets": []string{alarmed.ID}}))
	want, learned := told(d.client, d.asset.ID, alarmed.ID), d.metrics("htmlstats")

	file := filepath.Join(t.TempDir(), "webmon.backup")
	if out := does(t, "backup", file, "--data", d.data); !strings.Contains(out, "2 assets, 1 decisions") || strings.Count(out, "\n") != 1 {
		t.Errorf("backup says %q", out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	refuses(t, []string{"restore", file, "--data", d.data, "--replace"}, "in use", "stop it")
	d.process.Kill()

	data := filepath.Join(t.TempDir(), "new")
	does(t, "restore", file, "--data", data)
	p := start(t, 3, allOn(data)...)
	d.base = p.Address("api")
	same(t, want, told(d.client, d.asset.ID, alarmed.ID))
	d.wantVerdict("up")
	relearned := d.metrics("htmlstats")
	for _, name := range []string{"scripts_count", "tag_script_count"} {
		if relearned[name] != learned[name] {
			t.Errorf("htmlstats.%s is %v, was %v", name, relearned[name], learned[name])
		}
	}
	// It did not learn anew, or it would take this for normal.
	d.show(strings.Replace(one, "</body>", scriptFrom("two.example"), 1))
	d.wantVerdict("changed")
	scheduled := d.create(site(t)+"/scheduled", map[string]any{"interval": "1s"})
	p.stop()

	// A backup of what does not run, by a pipe, over what is there.
	_, stream, errs := tool(t, "", "backup", "-", "--data", data)
	if !strings.Contains(errs, "wrote -: 3 assets") {
		t.Errorf("backup says %q", errs)
	}
	code, out, errs := tool(t, stream, "restore", "-", "--data", data, "--replace", "--json")
	var summary struct{ Assets, Bytes int }
	if err := json.Unmarshal([]byte(out), &summary); code != 0 || err != nil || summary.Assets != 3 || summary.Bytes != len(stream) {
		t.Errorf("restore: %d, %s%s", code, out, errs)
	}
	d.base = start(t, 3, allOn(data)...).Address("api")
	before := len(d.results(scheduled.ID))
	eventually(t, "the schedule goes on", func() error {
		if n := len(d.results(scheduled.ID)); n < before+2 {
			return fmt.Errorf("%d results after %d", n, before)
		}
		return nil
	})
}

func TestBackupRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, empty := filepath.Join(dir, "data"), filepath.Join(dir, "empty")
	p := start(t, 3, allOn(data)...)
	client{t, p.Address("api")}.create("http://127.0.0.1:1/", nil)
	redis, err := localredis.Running(data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "file")
	does(t, "backup", file, "--redis", redis)
	refuses(t, []string{"restore", file, "--redis", redis, "--replace"}, "webmon is running", "dispatcher", "executor")
	p.stop()

	refuses(t, []string{"backup"}, "name of one file")
	refuses(t, []string{"backup", file, "--data", empty}, empty, "no data")
	refuses(t, []string{"backup", dir, "--data", data}, "no ordinary file")
	refuses(t, []string{"backup", filepath.Join(empty, "x"), "--data", data}, "no such file")
	refuses(t, []string{"backup", file, "--redis", "redis://127.0.0.1:1"}, "refused")
	refuses(t, []string{"restore", filepath.Join(dir, "missing")}, "no such file")
	refuses(t, []string{"restore", dir}, "is a folder")
	refuses(t, []string{"restore", file, "--data", data}, "holds assets", "--replace")
	bytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bytes[len(bytes)/2]++
	damaged := filepath.Join(dir, "damaged")
	if err := os.WriteFile(damaged, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, []string{"restore", damaged, "--data", data, "--replace"}, damaged, "damaged", "use another copy")
	if names, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
	if out := does(t, "backup", file, "--data", data); !strings.Contains(out, ": 1 assets") {
		t.Errorf("after all refusals: %s", out)
	}
}

// Where a restore was interrupted no role starts, until it was run again.
func TestNoRoleOnHalfARestore(t *testing.T) {
	t.Parallel()
	redis := storetest.Server(t).Address()
	s, err := store.Open(store.Options{Address: redis})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "file")
	does(t, "backup", file, "--redis", redis)
	r, err := s.BeginRestore(t.Context(), store.RestoreOptions{Name: "killed"})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	for _, role := range []string{"all", "api", "executor", "dispatcher", "backup -"} {
		refuses(t, append(strings.Fields(role), "--redis", redis), "restore", "interrupted", "again")
	}
	does(t, "restore", file, "--redis", redis)
	start(t, 1, "api", "--redis", redis, "--listen", "127.0.0.1:0").stop()
}

// What was acknowledged before a snapshot began that covers it survives a
// kill -9 of webmon and of its Redis at once.
func TestSnapshotRestores(t *testing.T) {
	t.Parallel()
	d := startDecided(t)
	d.show(strings.Replace(usualPage, "</body>", scriptFrom("one.example"), 1))
	d.wantVerdict("changed")
	d.say("never")
	for i := range 20 {
		d.create(fmt.Sprintf("http://127.0.0.1:1/%d", i), map[string]any{"tags": []string{"shop"}})
	}
	d.finish(d.run(map[string]any{"tag": "shop"}))
	want := told(d.client, d.asset.ID)
	if out := does(t, "snapshot", "--control", d.process.Address("dispatcher")); out != "saved\n" {
		t.Fatalf("snapshot says %q", out)
	}
	redis := redisOf(t, d.data)
	d.process.Signal(syscall.SIGSTOP) // it must not start Redis again
	if err := syscall.Kill(redis, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.process.Kill()

	d.base = start(t, 3, allOn(d.data)...).Address("api")
	same(t, want, told(d.client, d.asset.ID))
	d.wantVerdict("changed")
}

// redisOf is the process id of the Redis of a data folder.
func redisOf(t *testing.T, data string) int {
	t.Helper()
	address, err := localredis.Running(data)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", strings.TrimPrefix(address, "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	answer := make([]byte, 4096)
	if _, err := fmt.Fprint(conn, "INFO server\r\n"); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Read(answer)
	found := regexp.MustCompile(`process_id:(\d+)`).FindSubmatch(answer[:n])
	if found == nil {
		t.Fatalf("Redis answers %q, %v", answer[:n], err)
	}
	pid, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
