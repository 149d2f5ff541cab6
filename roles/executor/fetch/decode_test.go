package fetch

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"webmon/plugins"
)

// encode applies one coding to data.
func encode(t testing.TB, coding string, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&buf)
	case "br":
		w = brotli.NewWriterLevel(&buf, 2)
	case "zstd":
		z, err := zstd.NewWriter(&buf, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		w = z
	case "deflate":
		w = zlib.NewWriter(&buf)
	case "bare deflate":
		w, _ = flate.NewWriter(&buf, 5)
	default:
		t.Fatalf("no encoder for %q", coding)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// encoded starts a server that sends body under the given Content-Encoding.
func encoded(t testing.TB, coding string, body []byte) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Encoding"] = strings.Split(coding, "|")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(body)
	}).URL
}

var pageText = []byte(strings.Repeat("<p>some text, as pages have it: grüße</p>\n", 700))

func TestEncodings(t *testing.T) {
	t.Parallel()
	all := func(data []byte, codings ...string) []byte {
		for _, c := range codings {
			data = encode(t, c, data)
		}
		return data
	}
	for _, tt := range []struct {
		name, header string
		wire         []byte
	}{
		{"none", "", pageText},
		{"identity", "identity", pageText},
		{"gzip", "gzip", all(pageText, "gzip")},
		{"x-gzip", "X-GZip", all(pageText, "gzip")},
		{"br", "br", all(pageText, "br")},
		{"zstd", "zstd", all(pageText, "zstd")},
		{"deflate", "deflate", all(pageText, "deflate")},
		{"bare deflate", "deflate", all(pageText, "bare deflate")},
		{"two", "gzip, br", all(pageText, "gzip", "br")},
		{"three in two headers", "zstd, identity|gzip,br", all(pageText, "zstd", "gzip", "br")},
		{"gzip of two members", "gzip", append(all(pageText[:1000], "gzip"), all(pageText[1000:], "gzip")...)},
		{"gzip with a tail", "gzip", append(all(pageText, "gzip"), "\x00\x00\x00tail"...)},
		{"zstd of two frames", "zstd", append(all(pageText[:1000], "zstd"), all(pageText[1000:], "zstd")...)},
	} {
		url := encoded(t, tt.header, tt.wire)
		f := newTestFetcher(t, Options{})
		for range 2 { // the second time with a used decoder
			p := mustFetch(t, f, asset(url))
			if !bytes.Equal(p.Body, pageText) || p.Truncated || p.WireBytes != int64(len(tt.wire)) {
				t.Errorf("%s: %d bytes of %d, truncated %t, %d on the wire of %d",
					tt.name, len(p.Body), len(pageText), p.Truncated, p.WireBytes, len(tt.wire))
			}
		}
	}
}

func TestDamagedEncodings(t *testing.T) {
	t.Parallel()
	f := newTestFetcher(t, Options{})
	for _, coding := range []string{"gzip", "br", "zstd", "deflate"} {
		good := encode(t, coding, pageText)
		for name, wire := range map[string][]byte{
			"not at all":  []byte("<html>plain text under a wrong header</html>"),
			"one byte":    good[:1],
			"half of it":  good[:len(good)/2],
			"end missing": good[:len(good)-1],
		} {
			p := f.Fetch(t.Context(), asset(encoded(t, coding, wire)))
			if p.ErrClass != plugins.ErrDecode || p.Err == nil || !strings.Contains(p.Err.Error(), "not valid "+coding) {
				t.Errorf("%s, %s: %s: %v", coding, name, p.ErrClass, p.Err)
			}
			if p.Status != 200 || !bytes.HasPrefix(pageText, p.Body) {
				t.Errorf("%s, %s: status %d, body %q", coding, name, p.Status, p.Body)
			}
		}
		// Damage must not stay behind in the decoder.
		if p := mustFetch(t, f, asset(encoded(t, coding, good))); !bytes.Equal(p.Body, pageText) {
			t.Errorf("%s: %d bytes after damaged pages", coding, len(p.Body))
		}
	}
	flipped := encode(t, "gzip", pageText)
	flipped[len(flipped)-8] ^= 1 // in the checksum
	p := f.Fetch(t.Context(), asset(encoded(t, "gzip", flipped)))
	if p.ErrClass != plugins.ErrDecode || !bytes.Equal(p.Body, pageText) {
		t.Errorf("checksum: %q, %d bytes", p.ErrClass, len(p.Body))
	}
	for header, message := range map[string]string{
		"rot13":                        "not known",
		"gzip, rot13":                  "not known",
		"gzip, gzip, gzip, gzip, gzip": "5 times",
	} {
		p := f.Fetch(t.Context(), asset(encoded(t, header, pageText)))
		if p.ErrClass != plugins.ErrDecode || !strings.Contains(p.Err.Error(), message) {
			t.Errorf("%s: %s: %v", header, p.ErrClass, p.Err)
		}
	}
}

// A small body that decodes to far more than the limit ends at the limit,
// however often it was compressed. Not parallel: it measures the whole process.
func TestBombs(t *testing.T) {
	const limit = 100_000
	zeros := make([]byte, 16<<20)
	type bomb struct {
		codings string
		wire    []byte
		full    bool // decodes to the limit
	}
	var bombs []bomb
	for _, codings := range []string{
		"gzip", "br", "zstd", "deflate", "gzip, gzip", "zstd, br", "br, gzip", "gzip, zstd, br", "zstd, zstd, zstd, zstd",
	} {
		wire := zeros
		for coding := range strings.SplitSeq(codings, ", ") {
			wire = encode(t, coding, wire)
		}
		// One that is itself over the limit is cut, and its rest is missing.
		bombs = append(bombs, bomb{codings, wire, len(wire) < limit && !strings.Contains(codings, ",")})
	}
	bombs = append(bombs,
		bomb{"gzip", bytes.Repeat(encode(t, "gzip", nil), 4000), false}, // nothing, very often
		bomb{"zstd", bytes.Repeat([]byte{0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}, 12_000), false},
	)
	var wires []string
	for _, b := range bombs {
		wires = append(wires, encoded(t, b.codings, b.wire))
	}
	f := newTestFetcher(t, Options{MaxBody: limit})
	peak := memoryPeak(func() {
		for i, b := range bombs {
			p := f.Fetch(t.Context(), asset(wires[i]))
			if len(p.Body) > limit || b.full && (len(p.Body) != limit || !p.Truncated || p.Err != nil) {
				t.Errorf("%s of %d bytes: %d bytes, truncated %t, %v", b.codings, len(b.wire), len(p.Body), p.Truncated, p.Err)
			}
		}
	})
	if peak > 64<<20 {
		t.Errorf("%d MiB of memory", peak>>20)
	}
}

// A compressed body over the limit is cut on the wire; that is no damage.
func TestTruncatedOnTheWire(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 100_000)
	for i, state := 0, uint32(1); i < len(noise); i++ {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 24)
	}
	f := newTestFetcher(t, Options{MaxBody: 50_000})
	for _, header := range []string{"gzip", "br", "zstd", "gzip, br"} {
		wire := noise
		for c := range strings.SplitSeq(header, ", ") {
			wire = encode(t, c, wire)
		}
		p := mustFetch(t, f, asset(encoded(t, header, wire)))
		if !p.Truncated || p.WireBytes != 50_000 || len(p.Body) > 50_000 {
			t.Errorf("%s: truncated %t, %d wire bytes, %d bytes", header, p.Truncated, p.WireBytes, len(p.Body))
		}
	}
}

// A zstd frame may ask for a window of gigabytes; it does not get it.
func TestZstdWindow(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w, err := zstd.NewWriter(&buf, zstd.WithWindowSize(32<<20), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(pageText)
	w.Flush() // the frame's head is written before its size is known
	w.Write(pageText)
	w.Close()
	p := newTestFetcher(t, Options{}).Fetch(t.Context(), asset(encoded(t, "zstd", buf.Bytes())))
	if p.ErrClass != plugins.ErrDecode || !strings.Contains(p.Err.Error(), "window") {
		t.Errorf("%s: %v", p.ErrClass, p.Err)
	}
}
