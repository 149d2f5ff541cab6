package zmqwire

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxCommand is the greatest length of a control request, in bytes.
const MaxCommand = 1 << 10

// ParseCommand brings the text of a control request into its one form: no white
// space around it, one space between words, upper case. Text that is empty, longer
// than [MaxCommand], not UTF-8, or holds characters that cannot be printed (other than
// white space) is malformed.
func ParseCommand(text string) (string, error) {
	if len(text) > MaxCommand {
		return "", fmt.Errorf("malformed command: %d bytes, at most %d are allowed", len(text), MaxCommand)
	}
	if !utf8.ValidString(text) {
		return "", errors.New("malformed command: not UTF-8")
	}
	for _, r := range text {
		if !unicode.IsSpace(r) && !unicode.IsPrint(r) {
			return "", fmt.Errorf("malformed command: it holds the character %U, which cannot be printed", r)
		}
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return "", errors.New("malformed command: empty")
	}
	return strings.ToUpper(strings.Join(words, " ")), nil
}
