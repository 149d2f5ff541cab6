package demo

import (
	"strings"
	"testing"
)

// TestScreen checks the bytes that a terminal gets.
func TestScreen(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	height := 24
	screen := newScreen(&out)
	screen.columns = func() (int, int) { return 80, height }
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"first", func() { screen.flush([]string{"a", "b"}) }, "a\x1b[K\nb\x1b[K\n"},
		{"again, in place", func() { screen.flush([]string{"a", "c"}) }, "\r\x1b[2Aa\x1b[K\nc\x1b[K\n\x1b[J"},
		{"a line above", func() { screen.say("new %d", 1); screen.flush([]string{"a"}) }, "\r\x1b[2Anew 1\x1b[K\na\x1b[K\n\x1b[J"},
		{"too high to be drawn", func() { height = 1; screen.flush([]string{"a"}) }, "\r\x1b[1A\x1b[J"},
		{"the last table stays", func() { screen.close([]string{"a"}); screen.say("end"); screen.flush(nil) }, "a\x1b[K\nend\x1b[K\n"},
	}
	for _, step := range steps {
		out.Reset()
		step.do()
		if out.String() != step.want {
			t.Errorf("%s: %q, want %q", step.name, out.String(), step.want)
		}
	}
}
