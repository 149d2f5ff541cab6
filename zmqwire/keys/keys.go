// Package keys holds the keys of the wire: what they look like in text, the
// files they are kept in, and the list of those that are allowed.
//
// A key is 32 bytes of Curve25519, as CurveZMQ has it. In text it is 64
// hexadecimal digits, which mean the same in a shell, in YAML and in a unit
// file; ZeroMQ's own Z85 holds signs that each of these reads in its own way.
package keys

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
)

// Size is the length of a key, in bytes.
const Size = 32

// Public is the key of a process that others may know.
type Public [Size]byte

// ParsePublic reads a key of 64 hexadecimal digits, in any case. The error does
// not repeat the text: it may be a secret in the wrong place.
func ParsePublic(text string) (Public, error) {
	var p Public
	return p, parse(text, p[:])
}

// String writes the key as [ParsePublic] reads it.
func (p Public) String() string { return hex.EncodeToString(p[:]) }

// IsZero tells whether there is no key.
func (p Public) IsZero() bool { return p == Public{} }

// Pair is the identity of a process: its public key and the secret that
// proves it. The zero value is none. Printing one shows the public key only.
type Pair struct {
	public Public
	secret *ecdh.PrivateKey // a pointer, which fmt does not follow
}

// Generate makes a new pair.
func Generate() (Pair, error) {
	secret, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("make a key: %w", err)
	}
	return pairOf(secret), nil
}

func pairOf(secret *ecdh.PrivateKey) Pair {
	return Pair{public: Public(secret.PublicKey().Bytes()), secret: secret}
}

// Public is the part to hand to others.
func (p Pair) Public() Public { return p.public }

// Secret is the part to keep, 32 bytes.
func (p Pair) Secret() []byte { return p.secret.Bytes() }

// IsZero tells whether there is no key.
func (p Pair) IsZero() bool { return p.secret == nil }

// String writes the public key.
func (p Pair) String() string { return p.public.String() }

const (
	publicLabel = "public: "
	secretLabel = "secret: "
)

// marshal writes the pair as a key file holds it.
func (p Pair) marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "# A key of webmon. Keep this file to yourself; hand out the public key only.")
	fmt.Fprintf(&b, "%s%s\n", publicLabel, p.public)
	fmt.Fprintf(&b, "%s%s\n", secretLabel, hex.EncodeToString(p.Secret()))
	return b.Bytes()
}

// unmarshal reads what marshal writes. Errors never show a value.
func unmarshal(content []byte) (Pair, error) {
	var public, secret [Size]byte
	var seen [2]bool
	for n, line := range lines(content) {
		for i, field := range []struct {
			label string
			into  []byte
		}{{publicLabel, public[:]}, {secretLabel, secret[:]}} {
			value, is := bytes.CutPrefix(line, []byte(field.label))
			if !is {
				continue
			}
			if seen[i] {
				return Pair{}, fmt.Errorf("line %d: a second line %q", n, field.label)
			}
			if err := parse(string(bytes.TrimSpace(value)), field.into); err != nil {
				return Pair{}, fmt.Errorf("line %d: %w", n, err)
			}
			seen[i], line = true, nil
		}
		if line != nil {
			return Pair{}, fmt.Errorf("line %d is neither %q nor %q and 64 digits", n, publicLabel, secretLabel)
		}
	}
	if seen != [2]bool{true, true} {
		return Pair{}, fmt.Errorf("it needs a line %q and a line %q", publicLabel, secretLabel)
	}
	private, err := ecdh.X25519().NewPrivateKey(secret[:])
	if err != nil {
		return Pair{}, fmt.Errorf("the secret is no key: %w", err)
	}
	p := pairOf(private)
	if p.public != public {
		return Pair{}, errors.New("the public key does not belong to the secret: the file is damaged")
	}
	return p, nil
}

// parse reads 64 hexadecimal digits.
func parse(text string, into []byte) error {
	if len(text) != 2*Size {
		return fmt.Errorf("a key has %d hexadecimal digits, not %d characters", 2*Size, len(text))
	}
	if _, err := hex.Decode(into, []byte(text)); err != nil {
		return fmt.Errorf("a key has %d hexadecimal digits and nothing else", 2*Size)
	}
	return nil
}

// lines gives what is on each line, without white space around it, by its
// number, the first being 1. Comments and empty lines are left out.
func lines(content []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		n := 0
		for line := range bytes.Lines(content) {
			n++
			if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && !yield(n, line) {
				return
			}
		}
	}
}
