// Package token is what the API's tokens look like, and what they allow.
//
// A token is one word: "webmon_", its id, "_", and 32 random bytes with a
// checksum. So it is found by a search for secrets, and a mistyped one is told
// from a foreign one without asking anybody.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/rs/xid"
)

// Scope is what a token allows. Each scope includes those before it.
type Scope string

// The scopes.
const (
	Read  Scope = "read"  // look at everything but secrets
	Write Scope = "write" // also change assets, run checks, decide
	Admin Scope = "admin" // also tokens, snapshots and the secrets of assets
)

// Scopes lists the scopes, the weakest first.
var Scopes = []Scope{Read, Write, Admin}

// Includes tells whether the scope allows what needs the other. An unknown
// scope allows nothing.
func (s Scope) Includes(other Scope) bool {
	have, need := slices.Index(Scopes, s), slices.Index(Scopes, other)
	return need >= 0 && have >= need
}

const (
	mark        = "webmon_"
	secretBytes = 32
	tailBytes   = secretBytes + crc32.Size
	// A token is as long as this, always.
	length = len(mark) + 20 + 1 + (tailBytes*8+4)/5
)

// letters are those of the ids, which are lower case, too.
var letters = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// Token is a token with its secret, which only its owner keeps.
type Token struct {
	ID     string
	secret [secretBytes]byte
}

// New makes a token.
func New() Token {
	t := Token{ID: xid.New().String()}
	_, _ = rand.Read(t.secret[:]) // never fails: it ends the program instead
	return t
}

// Hash is what is stored of a token: the SHA-256 of its secret. The secret is
// random and as long as the hash, so that nobody finds it by guessing, however
// fast the hash is; a slow one would only cost time.
func (t Token) Hash() [sha256.Size]byte { return sha256.Sum256(t.secret[:]) }

// Reveal is the text of the token. It is the secret: it belongs into no log.
func (t Token) Reveal() string {
	tail := binary.BigEndian.AppendUint32(slices.Clone(t.secret[:]), t.checksum())
	return mark + t.ID + "_" + letters.EncodeToString(tail)
}

// String hides the secret, so that a token that is printed by mistake tells
// nothing.
func (t Token) String() string { return mark + t.ID + "_***" }

// GoString is String, for %#v.
func (t Token) GoString() string { return t.String() }

func (t Token) checksum() uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(t.ID)), crc32.IEEETable, t.secret[:])
}

// Parse reads the text of a token. An error never repeats any of it.
func Parse(text string) (Token, error) {
	rest, found := strings.CutPrefix(text, mark)
	if !found {
		return Token{}, errors.New("it is no token of webmon: one begins with " + mark)
	}
	if len(text) != length {
		return Token{}, fmt.Errorf("the token has %d characters, not %d: was it copied whole?", len(text), length)
	}
	id, tail, _ := strings.Cut(rest, "_")
	var t Token
	if parsed, err := xid.FromString(id); err != nil || parsed.String() != id {
		return Token{}, errors.New("the id of the token is damaged: was it copied right?")
	}
	t.ID = id
	raw, err := letters.DecodeString(tail)
	if err != nil || len(raw) != tailBytes {
		return Token{}, errors.New("the token holds a wrong character: was it copied right?")
	}
	copy(t.secret[:], raw)
	// Writing it again also refuses spare bits, which the checksum does not see.
	if t.Reveal() != text {
		return Token{}, errors.New("the checksum of the token is wrong: was it copied right?")
	}
	return t, nil
}
