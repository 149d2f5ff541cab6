package configs

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// kind is a type of value: its name in --help, and the check of its text. The
// check's error says what is allowed.
type kind struct {
	name  string
	check func(text string) error
}

// check tells whether the key may hold the text in a process of the role.
func (k Key) check(text string, role Role) error {
	if err := k.kind.check(text); err != nil {
		return err
	}
	if role != All && strings.HasPrefix(text, "inproc://") && k.servesIn(role) {
		return errors.New("inproc:// reaches only the same process, so only all can use it; give tcp://HOST:PORT")
	}
	return nil
}

func anyText(name string) kind {
	return kind{name, func(string) error { return nil }}
}

func whole(least, most int) kind {
	return kind{"int", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return fmt.Errorf("give a whole number from %d to %d", least, most)
		}
		return nil
	}}
}

func duration(least, most time.Duration) kind {
	return kind{"duration", func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil || d < least || d > most {
			return fmt.Errorf("give a duration with a unit, such as 30s, 5m or 720h, from %s to %s", inWords(least), inWords(most))
		}
		return nil
	}}
}

// inWords is Go's notation without its zeros at the end.
func inWords(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func size(least, most Bytes) kind {
	return kind{"bytes", func(text string) error {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b < least || b > most {
			return fmt.Errorf("give an amount of bytes, such as 4194304, 512KiB or 4MiB, from %v to %v", least, most)
		}
		return nil
	}}
}

var networks = kind{"networks", func(text string) error {
	var n Networks
	return n.UnmarshalText([]byte(text))
}}

func oneOf(words ...string) kind {
	return kind{"word", func(text string) error {
		if !slices.Contains(words, text) {
			return fmt.Errorf("give one of %s", strings.Join(words, ", "))
		}
		return nil
	}}
}

var truth = kind{"bool", func(text string) error {
	if text != "true" && text != "false" {
		return errors.New("give true or false")
	}
	return nil
}}

var keyPrefix = kind{"text", func(text string) error {
	// Braces would break the hash tags that keep an asset's keys together.
	if !regexp.MustCompile(`^[A-Za-z0-9:._-]{1,64}$`).MatchString(text) {
		return errors.New("give 1 to 64 letters, digits, or any of : . _ -")
	}
	return nil
}}

var headerText = kind{"text", func(text string) error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if text == "" || len(text) > 200 || strings.ContainsFunc(text, control) {
		return errors.New("give 1 to 200 characters on one line")
	}
	return nil
}}

var listenAddress = kind{"host:port", func(text string) error {
	if strings.Contains(text, "://") {
		return errors.New("give HOST:PORT without a scheme, such as 127.0.0.1:7700")
	}
	if err := checkHostPort(text); err != nil {
		return fmt.Errorf("give HOST:PORT, such as 127.0.0.1:7700 (%w)", err)
	}
	return nil
}}

// endpoint is a ZeroMQ endpoint. The same key is bound by one role and
// connected to by another, so wildcards are allowed.
var endpoint = kind{"endpoint", func(text string) error {
	transport, address, found := strings.Cut(text, "://")
	if !found {
		return fmt.Errorf("a ZeroMQ endpoint begins with its transport: did you mean tcp://%s?", text)
	}
	switch transport {
	case "tcp":
		if err := checkHostPort(address); err != nil {
			return fmt.Errorf("give tcp://HOST:PORT, such as tcp://127.0.0.1:7701 (%w)", err)
		}
	case "ipc", "inproc":
		if address == "" {
			return fmt.Errorf("a name must follow %s://", transport)
		}
	default:
		return errors.New("give tcp://HOST:PORT, ipc://PATH or inproc://NAME")
	}
	return nil
}}

func checkHostPort(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		var address *net.AddrError
		if errors.As(err, &address) {
			return errors.New(address.Err)
		}
		return err
	}
	if port == "*" { // ZeroMQ: any free port
		return nil
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("the port is a number from 0 to 65535, not %q", port)
	}
	return nil
}

var serverAddress = kind{"url", func(text string) error {
	// url.Parse puts the text, and so a password, into its errors.
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("give http://HOST:PORT or https://HOST, such as http://127.0.0.1:7700")
	}
	return nil
}}

var redisAddress = kind{"url", func(text string) error {
	if text == "" {
		return nil
	}
	// url.Parse puts the text, and so a password, into its errors.
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("it is not a URL; write special characters of a password as %XX")
	}
	switch {
	case u.Scheme == "redis" || u.Scheme == "rediss":
		if u.Hostname() == "" {
			return fmt.Errorf("a host is missing: give %s://HOST:6379", u.Scheme)
		}
	case u.Scheme == "unix":
		if u.Path == "" {
			return errors.New("a path is missing: give unix:///PATH")
		}
	default:
		return errors.New("give redis://HOST:6379, rediss://HOST:6379 or unix:///PATH")
	}
	return nil
}}

var tagList = kind{"tags", func(text string) error {
	for _, tag := range Tags(text) {
		if utf8.RuneCountInString(tag) > 64 || strings.ContainsFunc(tag, func(c rune) bool { return !unicode.IsPrint(c) || unicode.IsSpace(c) || c == ';' }) {
			return errors.New("give tags, parted by commas: each of at most 64 printable characters, without white space and semicolons")
		}
	}
	return nil
}}

// Tags reads a list of tags, parted by commas.
func Tags(text string) []string {
	var tags []string
	for tag := range strings.SplitSeq(text, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// tokenText is a secret; its check repeats nothing of it.
var tokenText = kind{"token", func(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return errors.New("it holds white space or a character that no token has")
	}
	return nil
}}
