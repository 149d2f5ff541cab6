package htmlscan

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The oracle is golang.org/x/net/html's tokenizer. Both are written out as
// lines, texts that follow each other joined.

// contents are the elements whose content is not read as tags. Noscript is
// among them, as it is for a browser that runs scripts.
var contents = map[string]Content{
	"title": RCData, "textarea": RCData, "script": Script, "plaintext": PlainText,
	"style": RawText, "xmp": RawText, "iframe": RawText, "noembed": RawText, "noframes": RawText, "noscript": RawText,
}

func scanned(src []byte) []string {
	var s Scanner
	var references References
	var lines []string
	s.Reset(src)
	decoded := true // whether the text has character references
	for {
		switch s.Next() {
		case End:
			return lines
		case Text:
			text := normal(s.Text())
			if decoded {
				text = references.Append(nil, text, false)
			}
			lines = addText(lines, text)
			decoded = true
		case StartTag:
			decoded = true
			line := "<" + asciiLower(s.Name())
			seen := map[string]bool{}
			for s.NextAttr() {
				if key := asciiLower(s.Key()); key != "" && !seen[key] {
					seen[key] = true
					line += fmt.Sprintf(" %q=%q", key, references.Append(nil, normal(s.Value()), true))
				}
			}
			if !s.Complete() {
				continue
			}
			lines = append(lines, line)
			if content := contents[asciiLower(s.Name())]; content != Data {
				s.SetContent(content)
				decoded = content == RCData
			}
		case EndTag:
			decoded = true
			lines = append(lines, "</"+asciiLower(s.Name()))
		case Comment:
			decoded = true
			lines = append(lines, "!")
		case Doctype:
			decoded = true
			lines = append(lines, "!doctype")
		}
	}
}

func tokenized(src []byte) []string {
	z := html.NewTokenizer(bytes.NewReader(src))
	var lines []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			return lines
		case html.TextToken:
			lines = addText(lines, z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			line := "<" + string(name)
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				line += fmt.Sprintf(" %q=%q", key, withoutNUL(value))
			}
			lines = append(lines, line)
		case html.EndTagToken:
			name, _ := z.TagName()
			lines = append(lines, "</"+string(name))
		case html.CommentToken:
			if raw := string(z.Raw()); raw != "</>" { // which is nothing
				lines = append(lines, "!")
			}
		case html.DoctypeToken:
			lines = append(lines, "!doctype")
		}
	}
}

func addText(lines []string, text []byte) []string {
	line := withoutNUL(text)
	if last := len(lines) - 1; last >= 0 && strings.HasPrefix(lines[last], "#") {
		lines[last] += line
		return lines
	}
	return append(lines, "#"+line)
}

// normal has line ends and NULs as browsers have them. Scanning does not care
// for either.
func normal(source []byte) []byte {
	return []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(string(source)))
}

func withoutNUL(b []byte) string { return strings.ReplaceAll(string(b), "\x00", "\uFFFD") }

func asciiLower(b []byte) string {
	b = bytes.Clone(b)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return withoutNUL(b)
}

// pieces make documents that are hard to read, when put together at random.
var pieces = []string{
	"<", "<<", ">", "</", "/>", "<!", "<?", "<!-", "<!--", "-->", "--!>", "<!-->", "<!--->", "--", "-", "!", "</>", "< ",
	"<a", "<A HREF=", "'", `"`, "=", "==", " ", "\n", "\t", "\r\n", "\f", "/", "x", "é", "\x00", "\xff",
	"<p>", "</p>", "</p x='>'>", "<br/>", "<p a=/>", "<p a=b/ >", "<p a='1' A=2 b>", "<p =x=y>", "<p a\"b='c'd=e>", "<p a = b>",
	"<script>", "</script>", "</script", "<script", "<SCRIPT >", "</ScRiPt/>", "</scriptx>", "<style>", "</style>", "</style ",
	"<title>", "</title>", "</title\n>", "<textarea>", "</textarea>", "<xmp>", "</xmp>", "<iframe>", "</iframe>", "<noscript>",
	"</noscript>", "<noframes>", "</noframes>", "<noembed>", "</noembed>", "<plaintext>", "<!doctype html>", "<!DOCTYPE", "<![CDATA[", "]]>",
	"&amp;", "&amp", "&", "&#", "&#x", "&#65;", "&#x41", "&#128;", "&#0;", "&#xD800;", "&#1114112;", "&#99999999999;", "&notit;", "&not",
	"&copy=1", "&copy", "&copyx", "&NotEqualTilde;", "&fjlig;", "&semi;", "&AMP;", "&zzz;", "&CounterClockwiseContourIntegral;",
	"<a href='?a=1&copy=2&amp;b&lt'>", "<ſcript>", "<\u212a>", "text",
}

func TestScannerAgreesWithOracle(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20000) {
		random := rand.New(rand.NewPCG(seed, 7))
		var document []byte
		for range 1 + random.IntN(12) {
			document = append(document, pieces[random.IntN(len(pieces))]...)
		}
		if compare(t, document); t.Failed() {
			return
		}
	}
}

func FuzzScanner(f *testing.F) {
	for _, piece := range pieces {
		f.Add([]byte(piece + "<p>text"))
		f.Add([]byte("<script>" + piece + "</script><p>"))
		f.Add([]byte("<p a=" + piece + ">"))
	}
	f.Fuzz(func(t *testing.T, document []byte) { compare(t, document) })
}

func compare(t *testing.T, document []byte) {
	t.Helper()
	before := bytes.Clone(document)
	got := scanned(document)
	if !bytes.Equal(before, document) {
		t.Fatalf("%q was changed", before)
	}
	if want := tokenized(document); !slices.Equal(got, want) && !differsOnPurpose(document) {
		t.Errorf("of %q\ngot  %q\nwant %q", document, got, want)
	}
}

// differsOnPurpose tells whether the oracle may be wrong about a document. After
// "<!--" in a script, "<" and anything but a letter or "/" make it forget that
// the script is escaped, which the standard does not.
func differsOnPurpose(document []byte) bool {
	_, escaped, found := bytes.Cut(document, []byte("<!--"))
	if !found || !bytes.Contains(bytes.ToLower(document), []byte("<script")) {
		return false
	}
	for i, c := range escaped {
		if c == '<' && i+1 < len(escaped) && escaped[i+1] != '/' && class[escaped[i+1]]&letter == 0 {
			return true
		}
	}
	return false
}
