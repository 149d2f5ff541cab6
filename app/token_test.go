package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// privateAll are the arguments of all with its own Redis in a folder.
func privateAll(data string, more ...string) []string {
	return append([]string{"all", "--data", data, "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*"}, more...)
}

type madeToken struct{ ID, Name, Scope, Token string }

func makeToken(t *testing.T, data, scope string, more ...string) (made madeToken) {
	t.Helper()
	out, code := webmon(t, append([]string{"token", "create", "-o", "json", "--data", data, "--name", "the " + scope + " one", "--scope", scope}, more...)...)
	if err := json.Unmarshal([]byte(out), &made); code != 0 || err != nil || made.Token == "" {
		t.Fatalf("token create: exit code %d: %s", code, out)
	}
	return made
}

// statusWith asks an API with a token, or with none.
func statusWith(t *testing.T, method, url, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestTokens makes the first token before anything runs, the next ones beside
// a running webmon, and revokes them.
func TestTokens(t *testing.T) {
	t.Parallel()
	// The second folder's path is too long for a socket.
	for _, data := range []string{filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), strings.Repeat("long", 30))} {
		first := makeToken(t, data, "admin")
		p := start(t, 3, privateAll(data)...)
		assets := p.Address("api") + "/v1/assets"
		if got := statusWith(t, "GET", assets, ""); got != http.StatusUnauthorized {
			t.Errorf("without a token: %d", got)
		}
		if got := statusWith(t, "GET", assets, first.Token); got != http.StatusOK {
			t.Errorf("with the first token: %d", got)
		}
		second := makeToken(t, data, "read", "--expires", "90d")
		eventually(t, "the second token is good", func() error {
			if got := statusWith(t, "GET", assets, second.Token); got != http.StatusOK {
				return fmt.Errorf("%d", got)
			}
			return nil
		})
		if got := statusWith(t, "POST", assets, second.Token); got != http.StatusForbidden {
			t.Errorf("a change with scope read: %d", got)
		}
		out, code := webmon(t, "token", "list", "--data", data)
		if code != 0 || !strings.Contains(out, first.ID) || !strings.Contains(out, "the read one") || strings.Contains(out, first.Token[30:]) {
			t.Errorf("token list: exit code %d: %s", code, out)
		}
		for _, id := range []string{first.ID, second.ID} {
			if out, code := webmon(t, "token", "revoke", "--data", data, id); code != 0 || !strings.HasPrefix(out, "revoked") {
				t.Errorf("token revoke: exit code %d: %s", code, out)
			}
			if out, code := webmon(t, "token", "revoke", "--data", data, id); code != 2 || !strings.Contains(out, "no token with the id") {
				t.Errorf("token revoke, again: exit code %d: %s", code, out)
			}
		}
		eventually(t, "the tokens are no longer good", func() error {
			if got := statusWith(t, "GET", assets, ""); got != http.StatusOK { // none is left, and this is loopback
				return fmt.Errorf("%d", got)
			}
			return nil
		})
		if strings.Contains(p.Log(), first.Token[30:]) || strings.Contains(p.Log(), second.Token[30:]) {
			t.Errorf("the log has a token:\n%s", p.Log())
		}
		p.stop()
	}
}

func TestTokenOfTheCommands(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	made := makeToken(t, data, "write")
	p := start(t, 3, privateAll(data)...)
	ask := []string{"asset", "decisions", "d0000000000000000000", "--server", p.Address("api")}
	if out, code := webmon(t, ask...); code != 2 || !strings.Contains(out, "WEBMON_TOKEN") {
		t.Errorf("without a token: exit code %d: %s", code, out)
	}
	if out, code := webmon(t, append(ask, "--token", made.Token)...); code != 2 || !strings.Contains(out, "no asset with the id") {
		t.Errorf("with a token: exit code %d: %s", code, out)
	}
	for _, bad := range [][]string{
		{"create", "--scope", "read"}, {"create", "--name", "a"}, {"create", "--name", "a", "--scope", "root"},
		{"create", "--name", "a", "--scope", "read", "--expires", "never"}, {"create", "--name", "a", "--scope", "read", "--expires", "0s"},
		{"revoke"}, {"lisst"},
	} {
		if out, code := webmon(t, append(append([]string{"token"}, bad...), "--data", data)...); code != 2 || strings.Count(out, "\n") != 1 {
			t.Errorf("%v: exit code %d: %s", bad, code, out)
		}
	}
}

// TestFolderOfAnotherUser must not be written to: its owner could not read what
// Redis saves there.
func TestFolderOfAnotherUser(t *testing.T) {
	t.Parallel()
	data := "/usr" // root's
	if os.Geteuid() == 0 {
		data = t.TempDir()
		if err := os.Chown(data, 12345, -1); err != nil {
			t.Fatal(err)
		}
	}
	if out, code := webmon(t, "token", "list", "--data", data); code != 2 || !strings.Contains(out, "belongs to another user") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// TestOpenToOthersNeedsToken listens on all addresses.
func TestOpenToOthersNeedsToken(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	out, code := webmon(t, privateAll(data, "--listen", "0.0.0.0:0")...)
	if code != 2 || !strings.Contains(out, "webmon token create") || !strings.Contains(out, "--insecure") {
		t.Errorf("exit code %d: %s", code, out)
	}
	makeToken(t, data, "admin")
	start(t, 3, privateAll(data, "--listen", "0.0.0.0:0")...).stop()
}

// TestSecretsAreNotLogged runs everything with all that is logged, lets checks
// succeed and fail with secrets, and looks for them.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	const basic, bearer, custom, body, query = "basicsecret", "bearersecret", "customsecret", "bodysecret", "querysecret"
	var mu sync.Mutex
	arrived := map[string]bool{}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, password, _ := r.BasicAuth()
		arrived[password], arrived[r.Header.Get("Authorization")], arrived[r.Header.Get("X-Custom")] = true, true, true
		arrived[r.URL.Query().Get("token")] = true
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/gone?token="+r.URL.Query().Get("token"), http.StatusFound)
		case "/broken":
			panic(http.ErrAbortHandler)
		}
		fmt.Fprintf(w, "<title>%s</title>", r.Header.Get("X-Custom"))
	}))
	defer page.Close()
	closed := httptest.NewServer(nil)
	closed.Close()

	data := filepath.Join(t.TempDir(), "data")
	p := start(t, 3, privateAll(data, "--log-level", "debug")...)
	c := client{t, p.Address("api")}
	for _, base := range []string{page.URL + "/", page.URL + "/redirect", page.URL + "/broken", closed.URL + "/", "http://none.invalid/"} {
		for _, request := range []map[string]any{
			{"basic_auth": map[string]any{"username": "u", "password": basic}},
			{"bearer_token": bearer},
			{"method": "POST", "body": body, "headers": map[string]any{"X-Custom": custom}},
		} {
			a := c.create(base+"?token="+query, map[string]any{"request": request})
			c.must(http.StatusAccepted, "POST", "/v1/assets/"+a.ID+"/reset", nil, nil)
			c.must(http.StatusOK, "GET", "/v1/assets/"+a.ID+"/results?limit=1", nil, nil)
		}
	}
	c.must(http.StatusUnprocessableEntity, "POST", "/v1/assets", map[string]any{"url": "http://u:" + basic + "@a/", "request": map[string]any{"bearer_token": bearer + " "}}, nil)
	c.finish(c.run(map[string]any{"all": true}))
	made := makeToken(t, data, "read")
	statusWith(t, "GET", p.Address("api")+"/v1/assets", made.Token)
	p.stop()
	mu.Lock()
	defer mu.Unlock()
	for _, secret := range []string{basic, "Bearer " + bearer, custom, query} {
		if !arrived[secret] {
			t.Errorf("%s did not reach the page: nothing is proved", secret)
		}
	}
	redis, err := os.ReadFile(filepath.Join(data, "redis.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{basic, bearer, custom, body, query, made.Token[30:]} {
		if strings.Contains(p.Log(), secret) || strings.Contains(string(redis), secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
	if !strings.Contains(p.Log(), `"level":"DEBUG"`) {
		t.Error("nothing was logged at debug level")
	}
}
