package plugins

import "bytes"

// addAddresses appends the addresses that are written out in code, until there
// are most of them: what follows "http:", "https:" or a quote, and begins with
// two slashes.
func (r *outlineReader) addAddresses(kept []string, code []byte, most int) []string {
	for from := 0; len(kept) < most; {
		i := bytes.Index(code[from:], []byte("//"))
		if i < 0 {
			break
		}
		start := from + i
		end := start + 2
		for end < len(code) && end-start < maxLine && inAddress[code[end]] {
			end++
		}
		before := code[max(0, start-len("https:")):start]
		if n := len(before); end > start+2 && n > 0 && (before[n-1] == '"' || before[n-1] == '\'' || before[n-1] == '`' ||
			bytes.HasSuffix(before, []byte("http:")) || bytes.HasSuffix(before, []byte("https:"))) {
			kept = append(kept, r.strings.keep(code[start:end]))
		}
		from = end
	}
	return kept
}

// inAddress are the bytes of a host and its port. What follows is often put
// together by the code.
var inAddress = func() (in [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") {
		in[c] = true
	}
	return in
}()
