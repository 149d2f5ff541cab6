package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"webmon/store"
)

const (
	// tokensFresh is how long a list of tokens is believed: so soon a revoked
	// token ends, wherever it was revoked.
	tokensFresh = 2 * time.Second
	// tokensBudget bounds one reading of them.
	tokensBudget = 3 * time.Second
)

// tokenCache keeps all tokens at hand, so that looking one up asks Redis
// nothing and takes as long for an id that does not exist.
type tokenCache struct {
	store *store.Store
	log   *slog.Logger

	reading singleflight.Group
	mu      sync.Mutex
	known   map[string]store.Token // nil: never read; replaced, never changed
	read    time.Time              // when
	round   int                    // counts what makes known out of date
	noted   map[string]time.Time   // when a use was stored, by id
}

func newTokenCache(s *store.Store, log *slog.Logger) *tokenCache {
	return &tokenCache{store: s, log: log, noted: map[string]time.Time{}}
}

// all gives the tokens by id. With Redis away the last list stays good: nothing
// that is stored can be had then, and no token can have been revoked.
func (c *tokenCache) all(ctx context.Context) (map[string]store.Token, error) {
	if known, fresh := c.current(); fresh {
		return known, nil
	}
	done := c.reading.DoChan("", func() (any, error) {
		if known, fresh := c.current(); fresh {
			return known, nil
		}
		return c.fetch()
	})
	select {
	case r := <-done:
		if r.Err == nil {
			return r.Val.(map[string]store.Token), nil
		}
		if known, _ := c.current(); known != nil {
			return known, nil
		}
		return nil, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *tokenCache) current() (known map[string]store.Token, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known, c.known != nil && time.Since(c.read) < tokensFresh
}

func (c *tokenCache) fetch() (map[string]store.Token, error) {
	ctx, cancel := context.WithTimeout(context.Background(), tokensBudget)
	defer cancel()
	c.mu.Lock()
	round := c.round
	c.mu.Unlock()
	began := time.Now()
	list, err := c.store.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]store.Token, len(list))
	for _, t := range list {
		known[t.ID] = t
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.round == round { // else something changed while it was read
		c.known, c.read = known, began
	}
	return known, nil
}

// changed makes the next look read the tokens again.
func (c *tokenCache) changed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round++
	c.read = time.Time{}
}

// used stores that a token was used, at most once in a while.
func (c *tokenCache) used(ctx context.Context, id string) {
	c.mu.Lock()
	due := time.Since(c.noted[id]) >= store.UsedEvery
	if due {
		if len(c.noted) >= store.MaxTokens {
			clear(c.noted)
		}
		c.noted[id] = time.Now()
	}
	c.mu.Unlock()
	if !due {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tokensBudget)
	defer cancel()
	if err := c.store.UseToken(ctx, id); err != nil {
		c.log.Debug("the use of a token was not noted", "token", id, "err", err)
	}
}
