package zmqwire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxIDs is the most ids a message may hold.
	MaxIDs = 100
	// MaxIDLength is the greatest length of an id, in bytes.
	MaxIDLength = 64

	separator = '\n'
)

var errNoIDs = errors.New("malformed message: it holds no id")

// FormatIDs makes a message of 1 to [MaxIDs] ids. [ParseIDs] reads it.
func FormatIDs(ids []string) ([]byte, error) {
	if len(ids) == 0 {
		return nil, errors.New("a message needs at least one id")
	}
	if len(ids) > MaxIDs {
		return nil, fmt.Errorf("%d ids are too many for a message, which holds at most %d", len(ids), MaxIDs)
	}
	size := len(ids) - 1
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return nil, err
		}
		size += len(id)
	}
	message := make([]byte, 0, size)
	for i, id := range ids {
		if i > 0 {
			message = append(message, separator)
		}
		message = append(message, id...)
	}
	return message, nil
}

// ParseIDs reads the ids of a message: one frame, ids separated by one newline,
// none at the end. Anything else is an error.
func ParseIDs(message []byte) ([]string, error) {
	if _, err := countIDs(message); err != nil {
		return nil, err
	}
	return strings.Split(string(message), string(separator)), nil
}

// countIDs checks a message as ParseIDs does, without allocating.
func countIDs(message []byte) (int, error) {
	if len(message) == 0 {
		return 0, errNoIDs
	}
	n := 0
	for rest, more := message, true; more; n++ {
		if n == MaxIDs {
			return 0, fmt.Errorf("malformed message: it holds more than %d ids", MaxIDs)
		}
		var id []byte
		id, rest, more = bytes.Cut(rest, []byte{separator})
		if err := checkID(id); err != nil {
			return 0, fmt.Errorf("malformed message: %w", err)
		}
	}
	return n, nil
}

func checkID[T string | []byte](id T) error {
	if len(id) == 0 {
		return errors.New("an id is empty")
	}
	if len(id) > MaxIDLength {
		return fmt.Errorf("an id has %d bytes, at most %d are allowed", len(id), MaxIDLength)
	}
	for i := range len(id) {
		switch b := id[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '.', b == '_', b == '-':
		default:
			return fmt.Errorf("the id %q has a character other than A-Z, a-z, 0-9, '.', '_' and '-'", id)
		}
	}
	return nil
}
