package store_test

import (
	"os"
	"strings"
	"testing"

	"webmon/store"
	"webmon/store/storetest"
)

// TestRightsAreDocumented compares the rights that all tests run under with
// the line that operators copy.
func TestRightsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "ACL SETUSER webmon on >PASSWORD " + strings.Join(store.ACL("webmon"), " ")
	if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("SECURITY.md does not hold: %s", want)
	}
}

// TestRightsEndAtThePrefix proves that the tests do run under those rights.
func TestRightsEndAtThePrefix(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Options{Address: storetest.Address(t), Prefix: "other"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Tokens(t.Context())
	saysWhatIsMissing(t, err, "~other:*")
	saysWhatIsMissing(t, s.CreateAsset(t.Context(), newAsset("http://a/")), "~other:*")
}

func TestRightIsMissing(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	admin, err := store.Open(store.Options{Address: server.Address()})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	for command, try := range map[string]func(*store.Store) error{
		"info":    func(s *store.Store) error { return s.Ping(t.Context()) },
		"hgetall": func(s *store.Store) error { _, err := s.Tokens(t.Context()); return err },
		"hset":    func(s *store.Store) error { return s.Beat(t.Context(), store.Member{Role: "api", Name: "a"}) }, // by a script
		"evalsha": func(s *store.Store) error { return s.CreateAsset(t.Context(), newAsset("http://a/")) },
	} {
		if err := admin.Grant(t.Context(), "no-"+command, "secret", "-"+command); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(store.Options{Address: strings.Replace(server.Address(), "webmon:webmon@", "no-"+command+":secret@", 1)})
		if err != nil {
			t.Fatal(err)
		}
		what := command
		if command == "hset" {
			what = "script" // Redis 7.0 does not name the command to a script
		}
		saysWhatIsMissing(t, try(s), what)
		s.Close()
	}
}

func saysWhatIsMissing(t *testing.T, err error, want string) {
	t.Helper()
	for _, part := range []string{want, "ACL SETUSER", "SECURITY.md"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want one that says %s", err, part)
		}
	}
}
