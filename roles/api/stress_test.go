package api_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"webmon/roles/api"
	"webmon/roles/rolestest"
	"webmon/store/storetest"
)

// Not parallel: it counts the goroutines and files of the process.
func TestStartStopStress(t *testing.T) {
	s := storetest.Open(t)
	rolestest.Stress(t, func() rolestest.Service {
		server, err := api.New(api.Options{
			Listen: "127.0.0.1:0", Store: s, Plugins: onlyHTMLStats(), Push: func([]string) {}, Snapshot: func() {},
		})
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{}}
		return rolestest.Service{
			Run: func(ctx context.Context) error {
				defer client.CloseIdleConnections()
				return server.Run(ctx)
			},
			Work: func(ctx context.Context) {
				defer client.CloseIdleConnections()
				for ctx.Err() == nil {
					for path, body := range map[string]string{"/v1/assets": `{"url":"http://a/"}`, "/v1/jobs": `{"all":true}`} {
						// It fails when the stop comes first.
						if resp, err := client.Post("http://"+server.Addr()+path, "application/json", strings.NewReader(body)); err == nil {
							_, _ = io.Copy(io.Discard, resp.Body)
							resp.Body.Close()
						}
					}
				}
			},
		}
	})
}
