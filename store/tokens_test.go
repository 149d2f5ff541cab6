package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
	"webmon/store/token"
)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	ctx := t.Context()
	if tokens, err := s.Tokens(ctx); err != nil || len(tokens) != 0 {
		t.Fatalf("%v, %v", tokens, err)
	}
	made, kept, err := s.CreateToken(ctx, " grafana ", token.Read, 0)
	if err != nil || kept.Name != "grafana" || kept.ID != made.ID || kept.Hash != made.Hash() {
		t.Fatalf("%+v, %v", kept, err)
	}
	c.add(time.Second)
	_, short, err := s.CreateToken(ctx, "deploy", token.Admin, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.UseToken(ctx, kept.ID); err != nil {
		t.Fatal(err)
	}
	kept.Used = c.now()
	tokens, err := s.Tokens(ctx)
	if err != nil || len(tokens) != 2 || tokens[0] != kept || tokens[1] != short {
		t.Fatalf("%+v, %v, want %+v and %+v", tokens, err, kept, short)
	}
	if now := c.now(); short.Expired(now) || kept.Expired(now.Add(1e6*time.Hour)) || !short.Expired(now.Add(time.Hour)) {
		t.Errorf("expired at the wrong time: %+v", short)
	}
	for range 2 {
		if err := s.RevokeToken(ctx, kept.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
	}
	for _, id := range []string{kept.ID, kept.ID + "/used", "", "*"} {
		if err := s.RevokeToken(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("revoke %q: %v", id, err)
		}
	}
}

// TestOnlyHashesAreStored looks into Redis for the secret.
func TestOnlyHashesAreStored(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	made, _, err := s.CreateToken(t.Context(), "a", token.Read, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := s.TokenFields(t.Context())
	if err != nil || len(fields) != 1 {
		t.Fatalf("%v, %v", fields, err)
	}
	secret := made.Reveal()[len("webmon_")+len(made.ID)+1:]
	if record := fields[made.ID]; strings.Contains(record, secret[:12]) || !strings.Contains(record, `"sha256"`) {
		t.Errorf("stored: %s", record)
	}
}

// TestRevokedTokenStaysRevoked has a use come after the revocation.
func TestRevokedTokenStaysRevoked(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	made, _, err := s.CreateToken(t.Context(), "a", token.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.UseToken(t.Context(), made.ID), s.RevokeToken(t.Context(), made.ID), s.UseToken(t.Context(), made.ID)); err != nil {
		t.Fatal(err)
	}
	if fields, err := s.TokenFields(t.Context()); err != nil || len(fields) != 0 {
		t.Errorf("%v, %v", fields, err)
	}
}

func TestTokensRefused(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for name, try := range map[string]struct {
		name     string
		scope    token.Scope
		lifetime time.Duration
	}{
		"no name":        {" ", token.Read, 0},
		"a long name":    {strings.Repeat("a", store.MaxTokenName+1), token.Read, 0},
		"a line break":   {"a\nb", token.Read, 0},
		"a scope":        {"a", "root", 0},
		"no scope":       {"a", "", 0},
		"a negative end": {"a", token.Read, -time.Second},
	} {
		if _, _, err := s.CreateToken(t.Context(), try.name, try.scope, try.lifetime); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := s.FillTokens(t.Context(), store.MaxTokens-1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateToken(t.Context(), "the last", token.Read, 0); err != nil {
		t.Error(err)
	}
	if _, _, err := s.CreateToken(t.Context(), "one more", token.Read, 0); !errors.Is(err, store.ErrTooManyTokens) {
		t.Errorf("one more than possible: %v", err)
	}
}
