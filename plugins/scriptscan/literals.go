package scriptscan

// The classes of bytes. What is in none is an operator.
const (
	space uint8 = 1 << iota
	name        // part of a name
	digit
	quote
	list // separates or surrounds values
)

var class = func() (class [256]uint8) {
	for c := range class {
		switch {
		case c <= ' ':
			class[c] = space
		case '0' <= c && c <= '9':
			class[c] = digit
		case 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '$' || c == '\\' || c >= 0x80:
			class[c] = name
		}
	}
	class['"'], class['\''] = quote, quote
	for _, c := range []byte(",:;[]{}") {
		class[c] = list
	}
	return class
}()

// isOperator tells whether an operand is due after a word.
func isOperator(word []byte) bool {
	switch string(word) {
	case "await", "case", "delete", "do", "else", "in", "instanceof",
		"new", "of", "return", "throw", "typeof", "void", "yield":
		return true
	}
	return false
}

func isLiteral(word []byte) bool {
	switch string(word) {
	case "true", "false", "null", "undefined", "NaN", "Infinity":
		return true
	}
	return false
}

// readString goes past the string that begins here. One that is not closed
// ends with its line.
func (r *Reader) readString(quote byte) {
	start := r.pos + 1
	r.operand = false
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == quote || c == '\n':
			r.pos = i + 1
			r.note(r.src[start:i])
			return
		case c == '\\':
			i++
			r.noteEscape(i)
		}
	}
	r.pos = len(r.src)
}

// readTemplate goes past a template literal, or up to the code within it.
func (r *Reader) readTemplate() {
	start := r.pos
	r.operand = false
	for i := start; i < len(r.src); i++ {
		switch c := r.src[i]; {
		case c == '`':
			r.pos = i + 1
			r.note(r.src[start:i])
			return
		case c == '\\':
			i++
			r.noteEscape(i)
		case c == '$' && i+1 < len(r.src) && r.src[i+1] == '{' && r.nested < maxTemplates:
			r.templates[r.nested] = 0
			r.nested++
			r.operand = true
			r.pos = i + 2
			return
		}
	}
	r.pos = len(r.src)
}

// skipRegexp goes past the regular expression whose "/" was just read, with
// its flags. One that is not closed ends with its line.
func (r *Reader) skipRegexp() {
	r.operand = false
	inClass := false
	for ; r.pos < len(r.src); r.pos++ {
		switch c := r.src[r.pos]; {
		case c == '\n':
			return
		case c == '\\':
			r.pos++
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '/' && !inClass:
			r.pos++
			for r.pos < len(r.src) && class[r.src[r.pos]] == name {
				r.pos++
			}
			return
		}
	}
	r.pos = len(r.src)
}
