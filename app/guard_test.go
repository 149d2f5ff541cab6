package app_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"webmon/store/storetest"
)

// An executor that was told to refuse private targets says so in the result, and
// what to do about it; the rest goes on.
func TestRefusedTargets(t *testing.T) {
	t.Parallel()
	page := site(t)
	for _, tt := range []struct {
		settings []string
		verdict  string
	}{
		{[]string{"--targets-private=refuse"}, "down"},
		{[]string{"--targets-private=refuse", "--targets-allow=127.0.0.1"}, "up"},
		{[]string{"--targets-deny=127.0.0.0/8"}, "down"},
	} {
		args := append([]string{"all", "--redis", storetest.Server(t).Address(), "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*"}, tt.settings...)
		p := start(t, 3, args...)
		c := client{t, p.Address("api")}
		a := c.create(page+"/x", once)
		c.finish(c.run(map[string]any{"assets": []string{a.ID}}))
		var answer struct {
			Results []struct {
				Verdict string
				Reports []struct {
					Findings []struct{ Code, Message string }
				}
			}
		}
		c.must(http.StatusOK, "GET", "/v1/assets/"+a.ID+"/results", nil, &answer)
		if len(answer.Results) != 1 || answer.Results[0].Verdict != tt.verdict {
			t.Errorf("%v: %+v", tt.settings, answer)
			continue
		}
		if tt.verdict == "up" {
			continue
		}
		finding := answer.Results[0].Reports[0].Findings[0]
		if finding.Code != "unreachable_forbidden" || !strings.Contains(finding.Message, "127.0.0.1 is") || !strings.Contains(finding.Message, "targets-") {
			t.Errorf("%v: %+v", tt.settings, finding)
		}
	}
}

// What a target sends must not become lines on webmon's standard error: net/http
// logs each of these frames.
func TestTargetsCannotFillLogs(t *testing.T) {
	t.Parallel()
	const frames = 1000
	s := httptest.NewUnstartedServer(nil)
	s.TLS = &tls.Config{NextProtos: []string{"h2"}}
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
			framer := http2.NewFramer(conn, conn)
			framer.WriteSettings()
			for range frames {
				framer.WriteRawFrame(0xee, 0, 0, nil)
			}
			framer.WriteGoAway(0, http2.ErrCodeNo, nil)
			io.Copy(io.Discard, conn)
		},
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "check", "--insecure", s.URL)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if cmd.Run(); stderr.Len() > 0 || !strings.Contains(stdout.String(), "down") {
		t.Errorf("%d bytes on stderr: %.300s\nstdout: %s", stderr.Len(), stderr.String(), stdout.String())
	}
}
