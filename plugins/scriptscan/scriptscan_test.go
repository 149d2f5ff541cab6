package scriptscan

import (
	"strings"
	"testing"
)

func TestFingerprint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{`var t = "abc";`, `var  t='xyz' // a comment`, true},
		{`go(17, 0x1f, 1.5e3)`, `go(2, 3, 4)`, true},
		{`x = {"a": 1, "b": [1, 2]}`, `x = {"c": [], "d": {"e": -2, "f": true}, "g": null}`, true},
		{`f(!0)`, `f(!1)`, true},
		{`/* a */ f(/a"b/g)`, `f(/[/"]c/)`, true},
		{"f(`one`)", "f(`two 'x' \\` more`)", true},
		{"f(`a ${b} c`)", "f(`d ${b} e`)", true},
		{"f(`a ${b} c`)", "f(`a ${c} c`)", false},
		{"f(`${`${x}`}`)", "f(`${`${y}`}`)", false},
		{"f(`${ {a: 1} }`, x)", "f(`${ {a: 2} }`, y)", false},
		{`a / b / c`, `a / d / c`, false},
		{`x = (a) / b; y = "/"`, `x = (a) / c; y = "/"`, false},
		{`return /"/.test(a)`, `return /'/.test(a)`, true},
		{`return /"/.test(a)`, `return /"/.test(b)`, false},
		{`var a b`, `vara b`, false},
		{`eval(x)`, `log(x)`, false},
		{"'unclosed\nnext()", "'unclosed\nother()", false},
		{"/unclosed\nnext()", "a(/unclosed\nother()", false},
		{`f("\"", x)`, `f("", x)`, true},
		{`f("\\", x)`, `f("\\", y)`, false},
		{`a(); b()`, `a(); b(); c()`, false},
		{``, ` // nothing`, true},
	} {
		var r Reader
		a, _ := r.Read([]byte(test.a))
		b, _ := r.Read([]byte(test.b))
		if (a == b) != test.same {
			t.Errorf("%s and %s: same %t", test.a, test.b, a == b)
		}
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]Signs{
		``:                                      {},
		`eval(atob("aGVsbG8="))`:                {Eval: 1, Decode: 1, LongestRun: 8},
		`new Function(x)`:                       {Eval: 1, LongestRun: 8},
		`new Function ("a", "go()")`:            {Eval: 1, LongestRun: 8},
		`Function("return this")()`:             {LongestRun: 8},
		`f instanceof Function`:                 {LongestRun: 10},
		`typeof f == "Function"`:                {LongestRun: 8},
		`window["Function"](x)`:                 {Eval: 1, LongestRun: 8},
		`window["eval"](x)`:                     {Eval: 1, LongestRun: 6},
		`document.write(unescape("%41"))`:       {Decode: 1, DocumentWrite: 1, LongestRun: 8},
		`document['writeln'](1); f.write()`:     {DocumentWrite: 1, LongestRun: 8},
		`x="\x41\u0042\n"`:                      {Escapes: 2, LongestRun: 12},
		`x="\u003c\u2028\xe9\x5C\u004"`:         {LongestRun: 25},
		`d.createElement("script")`:             {Loads: 1, LongestRun: 13},
		`import ("https://x")`:                  {Loads: 1, LongestRun: 6},
		`import x from "y"; manuscript()`:       {LongestRun: 10},
		`// eval(1)`:                            {},
		`String.fromCharCode(1, 2)`:             {Decode: 1, LongestRun: 12},
		`a="lave".split("").reverse().join("")`: {Reverse: 1, LongestRun: 7},
		`a=b.reverse().join("")`:                {LongestRun: 7},
		`x='{"a": "a text, with marks"}'`:       {LongestRun: 5},
		`x="data:image/png;base64,AAAAAAAAAA"`:  {LongestRun: 1},
	} {
		var r Reader
		if _, got := r.Read([]byte(source)); got != want {
			t.Errorf("%s: got %+v, want %+v", source, got, want)
		}
	}
}

// What is remembered compares with what is read later, so a fingerprint must
// stay as it is.
func TestFingerprintStays(t *testing.T) {
	t.Parallel()
	var r Reader
	got, _ := r.Read([]byte("(function(w){w.dataLayer=w.dataLayer||[];w.dataLayer.push({'gtm.start':new Date().getTime()})})(window)"))
	const want uint64 = 0xd6f769c7abb8741d
	if got != want {
		t.Errorf("got %#x, want %#x", got, want)
	}
}

func FuzzRead(f *testing.F) {
	for _, source := range []string{"`${`", "'", `"\`, "/[", "/*", "//", "`${{}}`", "a/b/c", "\\u", strings.Repeat("`${", 40)} {
		f.Add([]byte(source))
	}
	var r Reader
	f.Fuzz(func(t *testing.T, source []byte) {
		first, signs := r.Read(source)
		var fresh Reader
		if again, same := fresh.Read(source); first != again || signs != same {
			t.Errorf("%q: a used reader finds %x %+v, a new one %x %+v", source, first, signs, again, same)
		}
		if signs.LongestRun > len(source) {
			t.Errorf("%q: a run of %d bytes", source, signs.LongestRun)
		}
	})
}
