package plugins

import (
	"bytes"
	"strconv"
)

// inlineStyle is what an outline wants to know of a style attribute.
type inlineStyle struct {
	hidden bool // not shown, transparent, without height of type, or off the screen
	tiny   bool // at most tinySize pixels wide or high

	positioned bool // taken out of the flow
	wide, high bool // as wide, as high as what it is placed in
	raised     bool // above other elements
}

// overlay tells whether the element lies over the page.
func (s *inlineStyle) overlay() bool { return s.positioned && (s.raised || s.wide && s.high) }

const (
	tinySize  = 2   // pixels
	offScreen = 500 // pixels or characters to the left of or above what is shown
	raisedTo  = 100 // z-index: what belongs to the page's own layout is lower
)

func readStyle(style []byte) (s inlineStyle) {
	for len(style) > 0 {
		var declaration []byte
		declaration, style, _ = bytes.Cut(style, []byte(";"))
		name, value, _ := bytes.Cut(declaration, []byte(":"))
		name, value = bytes.TrimSpace(name), bytes.TrimSpace(value)
		if len(name) < len("top") || len(name) > len("text-indent") || len(value) == 0 {
			continue
		}
		var lower [len("text-indent")]byte
		for i, c := range name {
			lower[i] = c
			if 'A' <= c && c <= 'Z' {
				lower[i] += 'a' - 'A'
			}
		}
		switch string(lower[:len(name)]) {
		case "display":
			s.hidden = s.hidden || isKeyword(value, "none")
		case "visibility":
			s.hidden = s.hidden || isKeyword(value, "hidden") || isKeyword(value, "collapse")
		case "opacity", "font-size":
			size, ok := leadingNumber(value)
			s.hidden = s.hidden || ok && size == 0
		case "text-indent", "margin-left", "margin-top", "left", "top":
			size, ok := leadingNumber(value)
			s.hidden = s.hidden || ok && size <= -offScreen
		case "width", "height":
			size, ok := pixels(value)
			s.tiny = s.tiny || ok && size <= tinySize
			if unit := bytes.TrimLeft(value, "-.0123456789"); size >= 90 && len(unit) > 0 && (unit[0] == '%' || unit[0] == 'v') {
				s.wide, s.high = s.wide || lower[0] == 'w', s.high || lower[0] == 'h'
			}
		case "inset":
			size, ok := leadingNumber(value)
			s.wide, s.high = s.wide || ok && size == 0, s.high || ok && size == 0
		case "position":
			s.positioned = s.positioned || isKeyword(value, "fixed") || isKeyword(value, "absolute")
		case "z-index":
			level, ok := leadingNumber(value)
			s.raised = s.raised || ok && level >= raisedTo
		}
	}
	return s
}

// isKeyword tells whether value is a keyword, perhaps followed by "!important".
func isKeyword(value []byte, keyword string) bool {
	return len(value) >= len(keyword) && bytes.EqualFold(value[:len(keyword)], []byte(keyword)) &&
		(len(value) == len(keyword) || value[len(keyword)] == ' ' || value[len(keyword)] == '!')
}

// leadingNumber returns the number that text begins with.
func leadingNumber(text []byte) (number float64, ok bool) {
	end := 0
	for end < len(text) && end < 16 && (text[end] >= '0' && text[end] <= '9' || text[end] == '.' || end == 0 && text[end] == '-') {
		end++
	}
	number, err := strconv.ParseFloat(string(text[:end]), 64)
	return number, err == nil
}

// pixels reads a length such as "1", "1px" or "0". One in another unit, where
// a small number says little, is none, unless it is 0.
func pixels(text []byte) (size float64, ok bool) {
	size, ok = leadingNumber(text)
	unit := bytes.TrimLeft(text, "-.0123456789")
	return size, ok && (size == 0 || len(unit) == 0 || len(unit) >= 2 && bytes.EqualFold(unit[:2], []byte("px")) || unit[0] == ' ')
}
