package htmlscan

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"
)

// References decodes character references such as "&amp;". It remembers the
// named ones it met, so it must not be used by two goroutines at once. The
// zero value is ready.
type References struct {
	named map[string]string // by name, with the ";" if it has one
}

// maxName is the length of the longest name, CounterClockwiseContourIntegral;
// with some to spare.
const maxName = 40

// Append appends text to dst with its character references decoded. Those in
// the value of an attribute have rules of their own, which keep addresses with
// "&copy=1" whole.
func (r *References) Append(dst, text []byte, attribute bool) []byte {
	for {
		amp := bytes.IndexByte(text, '&')
		if amp < 0 {
			return append(dst, text...)
		}
		dst, text = append(dst, text[:amp]...), text[amp:]
		var size int
		if len(text) > 1 && text[1] == '#' {
			dst, size = appendNumeric(dst, text)
		} else {
			dst, size = r.appendNamed(dst, text, attribute)
		}
		text = text[size:]
	}
}

// appendNumeric decodes the reference that text, beginning with "&#", begins
// with, and returns how long it is. If it is none, the "&" stands for itself.
func appendNumeric(dst, text []byte) ([]byte, int) {
	i, base := 2, rune(10)
	if i < len(text) && text[i]|0x20 == 'x' {
		i, base = 3, 16
	}
	start, code := i, rune(0)
	for ; i < len(text); i++ {
		digit := digitOf(text[i])
		if digit >= base {
			break
		}
		if code <= utf8.MaxRune {
			code = code*base + digit
		}
	}
	if i == start {
		return append(dst, '&'), 1
	}
	if i < len(text) && text[i] == ';' {
		i++
	}
	switch {
	case 0x80 <= code && code <= 0x9F: // of Windows-1252, as old pages have it
		return append(dst, html.UnescapeString(string(text[:i]))...), i
	case code == 0 || code > utf8.MaxRune:
		code = utf8.RuneError
	}
	return utf8.AppendRune(dst, code), i
}

func digitOf(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return 16
}

// appendNamed decodes the reference that text, beginning with "&", may begin
// with, and returns how long it is. If it is none, the "&" stands for itself.
func (r *References) appendNamed(dst, text []byte, attribute bool) ([]byte, int) {
	end := 1
	for end < len(text) && end < maxName && isAlphanumeric(text[end]) {
		end++
	}
	if end == 1 || end == maxName && attribute {
		return append(dst, '&'), 1
	}
	closed := end < len(text) && text[end] == ';'
	if closed {
		end++
	} else if attribute && end < len(text) && text[end] == '=' {
		return append(dst, '&'), 1
	}
	if decoded, ok := r.named[string(text[:end])]; ok {
		return append(dst, decoded...), end
	}
	reference := string(text[:end])
	decoded := html.UnescapeString(reference)
	switch {
	case isWhole(reference, decoded):
		if r.named == nil {
			r.named = make(map[string]string)
		}
		r.named[reference] = decoded
	case attribute:
		return append(dst, '&'), 1
	}
	return append(dst, decoded...), end
}

// isWhole tells whether all of reference was decoded, not only its beginning,
// as in "&notit;". Then what is left over follows one character of Latin-1. A
// whole one becomes one character, or two of which the second combines with
// the first.
func isWhole(reference, decoded string) bool {
	if reference == decoded {
		return false
	}
	_, size := utf8.DecodeRuneInString(decoded)
	return len(decoded) == size || !strings.HasSuffix(reference, decoded[size:])
}

func isAlphanumeric(c byte) bool { return class[c]&letter != 0 || '0' <= c && c <= '9' }
