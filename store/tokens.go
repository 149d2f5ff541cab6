package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rs/xid"

	"webmon/store/token"
)

const (
	// MaxTokens is how many tokens there may be: the API keeps all of them at hand.
	MaxTokens = 1000
	// MaxTokenName is the most characters of a token's name.
	MaxTokenName = 64
	// UsedEvery is how exact the last use of a token is known.
	UsedEvery = time.Minute
)

// ErrTooManyTokens says that there are [MaxTokens] tokens already.
var ErrTooManyTokens = fmt.Errorf("there are %d tokens, and no more are possible: revoke some first", MaxTokens)

// Token is what is stored of a token of the API: everything but its secret.
type Token struct {
	ID      string
	Name    string
	Scope   token.Scope
	Hash    [sha256.Size]byte // see [token.Token.Hash]
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // zero: never; exact to [UsedEvery]
}

// Expired tells whether the token is good no more.
func (t *Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// tokenRecord is a token as JSON in Redis.
type tokenRecord struct {
	Name    string      `json:"name"`
	Scope   token.Scope `json:"scope"`
	SHA256  string      `json:"sha256"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires,omitzero"`
}

// CheckTokenName says what is wrong with the name of a token.
func CheckTokenName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a token needs a name, to know it by")
	case utf8.RuneCountInString(name) > MaxTokenName:
		return fmt.Errorf("the name of the token is longer than %d characters", MaxTokenName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("the name of the token has a character that cannot be printed inside")
	}
	return nil
}

// CreateToken makes a token that is good for the given time; zero means for
// ever. Its secret is in the first answer only, and is stored nowhere.
func (s *Store) CreateToken(ctx context.Context, name string, scope token.Scope, lifetime time.Duration) (token.Token, Token, error) {
	if err := CheckTokenName(name); err != nil {
		return token.Token{}, Token{}, err
	}
	if !slices.Contains(token.Scopes, scope) {
		return token.Token{}, Token{}, fmt.Errorf("the scope %q does not exist: give one of %v", scope, token.Scopes)
	}
	if lifetime < 0 {
		return token.Token{}, Token{}, errors.New("a token cannot expire before it is made")
	}
	made := token.New()
	kept := Token{ID: made.ID, Name: strings.TrimSpace(name), Scope: scope, Hash: made.Hash(), Created: s.now().UTC().Truncate(time.Millisecond)}
	if lifetime > 0 {
		kept.Expires = kept.Created.Add(lifetime)
	}
	record, err := json.Marshal(tokenRecord{kept.Name, kept.Scope, hex.EncodeToString(kept.Hash[:]), kept.Created, kept.Expires})
	if err != nil {
		return token.Token{}, Token{}, fmt.Errorf("token %s: %w", kept.ID, err)
	}
	existing, err := s.Tokens(ctx)
	if err != nil {
		return token.Token{}, Token{}, err
	}
	if len(existing) >= MaxTokens {
		return token.Token{}, Token{}, ErrTooManyTokens
	}
	c, err := s.conn(ctx)
	if err != nil {
		return token.Token{}, Token{}, err
	}
	stored := c.Do(ctx, c.B().Hset().Key(s.keys.tokens).FieldValue().FieldValue(kept.ID, string(record)).Build())
	return made, kept, s.check(stored.Error())
}

// Tokens lists the tokens in the order of their creation, those that are
// expired, too.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	fields, err := c.Do(ctx, c.B().Hgetall().Key(s.keys.tokens).Build()).AsStrMap()
	if err = s.check(err); err != nil {
		return nil, err
	}
	var tokens []Token
	for id, text := range fields {
		if strings.Contains(id, "/") {
			continue // when another was used
		}
		var r tokenRecord
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return nil, fmt.Errorf("token %s: its record in Redis is damaged: %w", id, err)
		}
		t := Token{ID: id, Name: r.Name, Scope: r.Scope, Created: r.Created, Expires: r.Expires, Used: parseMillis(fields[usedField(id)])}
		hash, err := hex.DecodeString(r.SHA256)
		if err != nil || copy(t.Hash[:], hash) != sha256.Size {
			return nil, fmt.Errorf("token %s: its hash in Redis is damaged", id)
		}
		tokens = append(tokens, t)
	}
	slices.SortFunc(tokens, func(a, b Token) int { return cmp.Compare(a.ID, b.ID) })
	return tokens, nil
}

// RevokeToken ends a token for good, or fails with ErrNotFound.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	if _, err := xid.FromString(id); err != nil {
		return fmt.Errorf("token %q: %w", id, ErrNotFound)
	}
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	gone, err := c.Do(ctx, c.B().Hdel().Key(s.keys.tokens).Field(id, usedField(id)).Build()).AsInt64()
	if err = s.check(err); err != nil {
		return err
	}
	if gone == 0 {
		return fmt.Errorf("token %s: %w", id, ErrNotFound)
	}
	return nil
}

// UseToken notes that a token was used just now. One that was revoked
// meanwhile stays so.
func (s *Store) UseToken(ctx context.Context, id string) error {
	_, err := s.runInt(ctx, scriptUseToken, []string{s.keys.tokens}, s.nowArg(), id, usedField(id))
	return err
}

// usedField is the field with the time of a token's last use, apart from its
// record so that a revocation and a use cannot undo each other.
func usedField(id string) string { return id + "/used" }
