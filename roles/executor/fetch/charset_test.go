package fetch

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestCharset(t *testing.T) {
	t.Parallel()
	const russian = "<title>Привет, мир</title>"
	cp1251, _ := charmap.Windows1251.NewEncoder().String(russian)
	le, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(russian)
	be, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(russian)
	const japaneseText = `<meta charset="iso-2022-jp"><p>日本`
	jis, _ := japanese.ISO2022JP.NewEncoder().String(japaneseText)
	sjis, _ := japanese.ShiftJIS.NewEncoder().String("日本")
	meta := `<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">`

	for _, tt := range []struct{ name, contentType, body, want string }{
		{"UTF-8", "text/html; charset=utf-8", russian, russian},
		{"UTF-8, not said", "text/html", russian, russian},
		{"UTF-8, wrong meta", "text/html", meta + russian, meta + russian},
		{"UTF-8 with a mark", "text/html", "\xef\xbb\xbf" + russian, russian},
		{"windows-1251 by header", "text/html; charset=windows-1251", cp1251, russian},
		{"windows-1251, quoted and upper case", `Text/HTML;Charset="WINDOWS-1251"; x`, cp1251, russian},
		{"windows-1251 by meta", "text/html", meta + cp1251, meta + russian},
		{"header before meta", "text/html; charset=windows-1251", `<meta charset="koi8-r">` + cp1251, `<meta charset="koi8-r">` + russian},
		{"unknown header, then meta", "text/html; charset=klingon", meta + cp1251, meta + russian},
		{"mark before header", "text/html; charset=windows-1251", "\xef\xbb\xbf" + russian, russian},
		{"UTF-16LE by mark", "text/html", "\xff\xfe" + le, russian},
		{"UTF-16BE by mark", "text/html; charset=utf-8", "\xfe\xff" + be, russian},
		{"UTF-16 by header", "text/html; charset=utf-16be", be, russian},
		{"UTF-16, half a character", "text/html; charset=utf-16le", "a\x00b", "a\uFFFD"},
		{"ISO-2022-JP by meta", "text/html", jis, japaneseText},
		{"ISO-2022-JP by header", "text/html; charset=iso-2022-jp", jis, japaneseText},
		{"Shift JIS", "text/plain; charset=shift_jis", sjis, "日本"},
		{"terminal colours are no ISO-2022-JP", "text/plain", "\x1b[31mпривет", "\x1b[31mпривет"},
		{"Latin 1, not said", "text/plain", "caf\xe9", "café"},
		{"ASCII, whatever is said", "text/html; charset=iso-8859-1", "abc", "abc"},
		{"wrong label", "text/html; charset=utf-8", "caf\xe9!", "caf\uFFFD!"},
		{"invalid bytes", "text/html; charset=utf-8", "a\xff\xfeb\xc3", "a\uFFFDb\uFFFD"},
		{"JSON is UTF-8", "application/json", "\"caf\xe9\"", "\"caf\uFFFD\""},
		{"problem JSON", "application/problem+json", `"é"`, `"é"`},
		{"XML declaration", "application/xml", `<?xml version="1.0" encoding='windows-1251'?>` + cp1251, `<?xml version="1.0" encoding='windows-1251'?>` + russian},
		{"XML without one", "image/svg+xml", "<a>\xff", "<a>\uFFFD"},
		{"XML with half of one", "text/xml", `<?xml encoding=` + "\xff", `<?xml encoding=` + "\uFFFD"},
		{"script", "application/javascript", "\"\xe9\"", `"é"`},
		{"no type, HTML", "", "<!doctype html><p>caf\xe9", "<!doctype html><p>café"},
		{"no type, binary", "", "\x89PNG\r\n\x1a\n\xff", "\x89PNG\r\n\x1a\n\xff"},
		{"image", "image/png", "\xff\xfe\xe9", "\xff\xfe\xe9"},
		{"octets", "application/octet-stream", "\xef\xbb\xbf\xff", "\xef\xbb\xbf\xff"},
		{"no body", "text/html", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = nil
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				io.WriteString(w, tt.body)
			})
			p := mustFetch(t, newTestFetcher(t, Options{}), asset(s.URL))
			if string(p.Body) != tt.want {
				t.Errorf("got %q, want %q", p.Body, tt.want)
			}
			if p.WireBytes != int64(len(tt.body)) {
				t.Errorf("%d wire bytes of %d", p.WireBytes, len(tt.body))
			}
		})
	}
}

// The limit holds after conversion, too, which can make text longer.
func TestConvertedTextIsTruncated(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=windows-1251")
		io.WriteString(w, strings.Repeat("\xcf", 900))
	})
	p := mustFetch(t, newTestFetcher(t, Options{MaxBody: 1001}), asset(s.URL))
	if len(p.Body) != 1000 || !p.Truncated || !utf8.Valid(p.Body) {
		t.Errorf("%d bytes, truncated %t", len(p.Body), p.Truncated)
	}
}

func TestUTF8IsNotCopied(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"text/html; charset=utf-8", "text/html", "application/json"} {
		if text, converted := ToUTF8(pageText, contentType, false); converted || &text[0] != &pageText[0] {
			t.Errorf("%s: copied", contentType)
		}
	}
}
