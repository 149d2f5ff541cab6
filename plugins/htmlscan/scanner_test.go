package htmlscan

import (
	"slices"
	"strings"
	"testing"
)

// What the oracle gets wrong, or does not do.
func TestScanner(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"<script><!--< <script></script>x</script>--></script>y": {
			"<script", "#<!--< <script></script>x", "</script", "#-->", "</script", "#y"},
		"<script><!--<script>--></script>y": {"<script", "#<!--<script>-->", "</script", "#y"},
		"<p a":                              nil, // no tag without an end
		"<p a='x>":                          nil,
		"x<p a=x":                           {"#x"},
		"x</p":                              {"#x"},
		"x</":                               {"#x</"},
		"x<":                                {"#x<"},
		"<svg><![CDATA[<p>]]></svg>":        {"<svg", "!", "#]]>", "</svg"},
	} {
		if got := scanned([]byte(source)); !slices.Equal(got, want) {
			t.Errorf("of %q\ngot  %q\nwant %q", source, got, want)
		}
	}
}

func TestCDATA(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"<![CDATA[a<p>]]>b":  "a<p>",
		"<![CDATA[a]]]>b":    "a]",
		"<![CDATA[a<p>]] >b": "a<p>]] >b",
		"<![CDATA[":          "",
	} {
		var s Scanner
		s.Reset([]byte(source))
		s.CDATA = true
		if kind := s.Next(); kind != Text || string(s.Text()) != want {
			t.Errorf("%q begins with %d, %q; want the text %q", source, kind, s.Text(), want)
		}
	}
}

func TestSelfClosing(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		"<p>": false, "<p/>": true, "<p />": true, "<p/ >": false, "<p a/>": true, "<p a='1'/>": true, "<p a=1 />": true,
		"<p a=/>": false, "<p a=1/>": false, "<p a='/'>": false, "<p a=b a=/>": false, "<p //>": true,
	} {
		var s Scanner
		s.Reset([]byte(source))
		s.Next()
		for s.NextAttr() {
		}
		if s.SelfClosing() != want || !s.Complete() {
			t.Errorf("%s: self-closing %t, complete %t", source, s.SelfClosing(), s.Complete())
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	list := []string{"a", "", "h1", "textarea", "http-equiv", "p"}
	names := NewNames(list)
	for i, name := range list {
		if name == "" {
			continue
		}
		for _, written := range []string{name, strings.ToUpper(name)} {
			// The bytes around a name must not matter.
			for _, source := range [][]byte{[]byte(written), []byte(written + "xxxxxxxxxx")} {
				if got := names.Find(source[:len(written)]); got != uint8(i+1) {
					t.Errorf("%q has number %d, want %d", written, got, i+1)
				}
			}
		}
	}
	for _, unknown := range []string{"", "b", "h\x11", "a\x00", "\x00a", "http-equi", "HTTP-EQUIVx", "textare\x01", strings.Repeat("a", 99), "\xe1"} {
		if got := names.Find([]byte(unknown)); got != 0 {
			t.Errorf("%q has number %d", unknown, got)
		}
	}
}
