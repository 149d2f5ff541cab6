package scriptscan

import "bytes"

// noteEscape counts the escape at i when it stands for an ASCII letter or
// digit, which needs none. Programs that write JSON or HTML into a page escape
// marks and other scripts.
func (r *Reader) noteEscape(i int) {
	if i >= len(r.src) {
		return
	}
	var digits []byte
	switch rest := r.src[i+1:]; {
	case r.src[i] == 'x' && len(rest) >= 2:
		digits = rest[:2]
	case r.src[i] == 'u' && len(rest) >= 4 && rest[0] == '0' && rest[1] == '0':
		digits = rest[2:4]
	default:
		return
	}
	high, low := hexDigit(digits[0]), hexDigit(digits[1])
	if c := high<<4 | low; high < 16 && low < 16 && c < 0x80 && class[c]&(name|digit) != 0 && c != '\\' {
		r.signs.Escapes++
	}
}

// hexDigit returns the value of a digit, 16 when it is none.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// noteFunction counts the Function constructor. Bundles get at the global
// object with Function("return this"), and many libraries name Function
// without calling it.
func (r *Reader) noteFunction() {
	rest := bytes.TrimLeft(r.src[r.pos:], " \t\r\n")
	if bytes.HasPrefix(rest, []byte("](")) { // window["Function"](…)
		rest = rest[1:]
	}
	if len(rest) < 2 || rest[0] != '(' {
		return
	}
	if code := rest[1:]; class[code[0]] != quote || !bytes.HasPrefix(code[1:], []byte("return this")) {
		r.signs.Eval++
	}
}

// noteRun measures runs of what data is encoded with. Texts, addresses, JSON
// and markup have blanks or other marks in between.
func (r *Reader) noteRun(word []byte) {
	if bytes.HasPrefix(word, []byte("data:image/")) || bytes.HasPrefix(word, []byte("data:font/")) {
		return
	}
	longest := r.signs.LongestRun
	for start := 0; start+longest < len(word); {
		end := start + longest // a longer run must reach beyond this, so look back from here
		for end >= start && encodes[word[end]] {
			end--
		}
		if end >= start {
			start = end + 1
			continue
		}
		for end = start + longest; end < len(word) && encodes[word[end]]; end++ {
		}
		longest, start = end-start, end+1
	}
	r.signs.LongestRun = longest
}

var encodes = func() (encodes [256]bool) {
	for c := range encodes {
		encodes[c] = class[c]&(name|digit) != 0 && c < 0x80
	}
	for _, c := range []byte("+/=%-") {
		encodes[c] = true
	}
	return encodes
}()
