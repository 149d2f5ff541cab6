package zmqwire

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseCommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"PING":                      "PING",
		"ping":                      "PING",
		"  Snapshot \t\r\n now\n":   "SNAPSHOT NOW",
		"status\u00a0x":             "STATUS X",
		"größe":                     "GRÖßE",
		strings.Repeat(" ", 9) + "": "",
		"":                          "",
		"\n":                        "",
		"PI\x00NG":                  "",
		"PI\x7fNG":                  "",
		"\x1b[31m":                  "",
		"\u202eGNIP":                "", // turns the direction of text
		"\xff":                      "",
		"PING\xc3":                  "",
		strings.Repeat("x", 1024):   strings.Repeat("X", 1024),
		strings.Repeat("x", 1025):   "",
	} {
		got, err := ParseCommand(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseCommand(%.40q) = %.40q, %v; want %.40q", text, got, err, want)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"PING", " snapshot  now\n", "", "\x00", "\xff", "größe", "\u2028", strings.Repeat("x ", 600)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		command, err := ParseCommand(text)
		if err != nil {
			if command != "" {
				t.Fatalf("%q gives both %q and %v", text, command, err)
			}
			return
		}
		if command == "" || !utf8.ValidString(command) || strings.Join(strings.Fields(command), " ") != command {
			t.Fatalf("%q became %q", text, command)
		}
		// Upper case can be longer in bytes, and then over the limit.
		if again, err := ParseCommand(command); len(command) <= MaxCommand && (err != nil || again != command) {
			t.Fatalf("%q became %q, and that %q, %v", text, command, again, err)
		}
	})
}
