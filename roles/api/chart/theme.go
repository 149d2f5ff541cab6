package chart

import "image/color"

// theme is a set of colours. Texts have a contrast of at least 4.5:1 and shapes
// of at least 3:1 to the background, as WCAG 2.2 AA asks for; the grid and the
// inside of the band are only decoration.
type theme struct {
	background, text, muted     color.RGBA
	line, edge, critical, warns color.RGBA
	up                          color.RGBA
	grid, band                  color.RGBA
}

var themes = map[string]theme{
	"light": {
		background: rgb(0xffffff), text: rgb(0x1f2328), muted: rgb(0x59636e),
		line: rgb(0x0757b5), edge: rgb(0x2a7f47), critical: rgb(0xc4161e), warns: rgb(0x9a5b00),
		up: rgb(0x2a7f47), grid: rgb(0xe6eaef), band: rgb(0xe3f4e6),
	},
	"dark": {
		background: rgb(0x0d1117), text: rgb(0xe6edf3), muted: rgb(0x9aa4ae),
		line: rgb(0x6cb0ff), edge: rgb(0x3fb950), critical: rgb(0xff6a61), warns: rgb(0xe3a63a),
		up: rgb(0x3fb950), grid: rgb(0x222a33), band: rgb(0x12291b),
	},
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}
