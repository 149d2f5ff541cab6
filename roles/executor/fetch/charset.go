package fetch

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// ToUTF8 converts text to UTF-8 and leaves everything else alone. Text comes
// out as valid UTF-8, whatever went in: bytes without a meaning become U+FFFD,
// and a byte order mark is dropped. cut says that the end of body is missing,
// perhaps in the middle of a character. The result is part of body unless
// converted says that it was made anew.
//
// As in browsers, a byte order mark counts first, then the charset of the
// Content-Type, then what the document says of itself. Text that is UTF-8
// anyway is taken as it is when only the document says otherwise: such labels
// are wrong, and the test costs less than reading them.
func ToUTF8(body []byte, contentType string, cut bool) (text []byte, converted bool) {
	if len(body) == 0 {
		return body, false
	}
	if contentType == "" {
		// Only what it is: the charset that comes with it is a mere default.
		contentType, _, _ = strings.Cut(http.DetectContentType(body), ";")
	}
	mediaType, label := parseContentType(contentType)
	kind := kindOf(mediaType)
	if kind == notText {
		return body, false
	}
	if rest, name := byteOrderMark(body); name != "" {
		return decodeText(rest, name, cut)
	}
	if e, name := charset.Lookup(label); e != nil {
		return decodeText(body, name, cut)
	}

	whole := body
	if cut {
		whole = trimPartialRune(body)
	}
	valid := utf8.Valid(whole)
	if valid && !hasEscape(whole) {
		return whole, false
	}
	name := declared(body, kind)
	if valid && name != "iso-2022-jp" {
		return whole, false
	}
	return decodeText(body, name, cut)
}

// declared is the encoding a document names for itself, or the one to suppose.
func declared(body []byte, kind textKind) string {
	switch kind {
	case jsonText:
		return "utf-8" // JSON knows no other
	case xmlText:
		if e, name := charset.Lookup(xmlEncoding(body)); e != nil {
			return name
		}
		return "utf-8"
	}
	_, name, _ := charset.DetermineEncoding(body, "")
	return name
}

// decodeText converts body from the named encoding.
func decodeText(body []byte, name string, cut bool) (text []byte, converted bool) {
	switch name {
	case "utf-8":
		if cut {
			body = trimPartialRune(body)
		}
		if utf8.Valid(body) {
			return body, false
		}
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), true
	case "utf-16le", "utf-16be", "iso-2022-jp", "replacement":
		// The encodings that do not contain ASCII as it is.
	default:
		if isASCII(body) {
			return body, false
		}
	}
	e, _ := charset.Lookup(name)
	text, err := e.NewDecoder().Bytes(body)
	if err != nil {
		text = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return text, true
}

// textKind is how a media type tells its encoding.
type textKind int

const (
	notText   textKind = iota
	plainText          // HTML and all other text
	xmlText
	jsonText
)

func kindOf(mediaType string) textKind {
	switch {
	case mediaType == "application/json", mediaType == "text/json", strings.HasSuffix(mediaType, "+json"):
		return jsonText
	case mediaType == "application/xml", mediaType == "text/xml", strings.HasSuffix(mediaType, "+xml"):
		return xmlText
	case strings.HasPrefix(mediaType, "text/"), strings.HasSuffix(mediaType, "javascript"):
		return plainText
	}
	return notText
}

// parseContentType reads a Content-Type as leniently as browsers do, where
// mime.ParseMediaType refuses a header with one stray character.
func parseContentType(s string) (mediaType, charset string) {
	mediaType, params, _ := strings.Cut(s, ";")
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			charset = strings.Trim(strings.TrimSpace(value), `"'`)
			break
		}
	}
	return strings.ToLower(strings.TrimSpace(mediaType)), charset
}

// byteOrderMark returns what follows the mark and the encoding it stands for,
// or "" when there is none.
func byteOrderMark(body []byte) (rest []byte, encoding string) {
	for _, mark := range []struct{ bytes, encoding string }{
		{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"},
	} {
		if len(body) >= len(mark.bytes) && string(body[:len(mark.bytes)]) == mark.bytes {
			return body[len(mark.bytes):], mark.encoding
		}
	}
	return body, ""
}

// xmlEncoding returns the encoding named in an XML declaration, or "".
func xmlEncoding(body []byte) string {
	head, ok := bytes.CutPrefix(body[:min(len(body), 256)], []byte("<?xml"))
	if !ok {
		return ""
	}
	head, _, _ = bytes.Cut(head, []byte("?>"))
	_, value, _ := bytes.Cut(head, []byte("encoding"))
	value = bytes.TrimLeft(value, "= \t\r\n")
	if len(value) == 0 {
		return ""
	}
	name, _, _ := bytes.Cut(value[1:], value[:1]) // value begins with its quote
	return string(name)
}

// trimPartialRune takes off a character whose end is missing.
func trimPartialRune(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// hasEscape finds the byte with which ISO-2022-JP, which is all ASCII bytes,
// begins its other characters.
func hasEscape(b []byte) bool { return bytes.IndexByte(b, 0x1b) >= 0 }

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
