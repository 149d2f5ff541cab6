package app

import (
	"encoding/json"
	"testing"
)

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	got := webmon(t, nil, "openapi", "--server", "https://webmon.example/")
	var doc struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]any
	}
	if err := json.Unmarshal([]byte(got.stdout), &doc); err != nil || got.code != 0 || got.stderr != "" {
		t.Fatalf("exit code %d, %v: %s", got.code, err, got.stderr)
	}
	if len(doc.Servers) != 1 || doc.Servers[0].URL != "https://webmon.example" || doc.Paths["/v1/assets"] == nil {
		t.Errorf("servers %v, %d paths", doc.Servers, len(doc.Paths))
	}
	for _, address := range []string{"webmon.example", "ftp://webmon.example", "https://ada:secret@webmon.example", ""} {
		webmon(t, nil, "openapi", "--server", address).refused(t, "--server", "https://webmon.example")
	}
}
