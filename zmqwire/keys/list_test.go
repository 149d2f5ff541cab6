package keys

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRights(t *testing.T) {
	t.Parallel()
	all, pull, two := generate(t).Public(), generate(t).Public(), generate(t).Public()
	l, err := ReadList(put(t, fmt.Sprintf("# keys\n\nada %s\n\texecutor-1   %s  pull  \r\nboth %s push, control\n", all, pull, two)))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		key     Public
		allowed string
	}{{all, "push pull control"}, {pull, "pull"}, {two, "push control"}, {generate(t).Public(), ""}, {Public{}, ""}} {
		for _, right := range []Right{Push, Pull, Control} {
			temporary, err := l.Allows(test.key, right)
			if want := strings.Contains(test.allowed, string(right)); (err == nil) != want || temporary {
				t.Errorf("%s for one who may %q: %v", right, test.allowed, err)
			}
		}
	}
	if _, err := l.Allows(all, "fly"); err != nil {
		t.Errorf("a key without rights in its line may do everything: %v", err)
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	key := generate(t).Public().String()
	for content, says := range map[string]string{
		key:                             "line 1: write a name, a public key",
		key + " executor":               "line 1: a key has 64",
		"# x\n\nada " + key[1:]:         "line 3: a key has 64",
		"ada " + key + " # all":         `line 1: "#" is no right: the rights are push, pull, control`,
		"ada " + key + " Pull":          `"Pull" is no right`,
		"ada " + key + "\nbob " + key:   "line 2: the key of ada once more",
		"ada " + key + "\n\xff\xfe\x00": "line 2",
	} {
		path := put(t, content)
		if _, err := ReadList(path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want %q", content, err, says)
		}
	}
	open := put(t, "ada "+key)
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadList(open); err == nil || !strings.Contains(err.Error(), "can change it") {
		t.Errorf("a list that everybody can change: %v", err)
	}
}

// A change counts at once, whatever the file's time says.
func TestAListIsReadAgain(t *testing.T) {
	t.Parallel()
	a, b := generate(t).Public(), generate(t).Public()
	path := put(t, fmt.Sprintf("x %s", a))
	old := time.Now().Add(-time.Hour)
	age := func() {
		t.Helper()
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	age()
	l, err := ReadList(path)
	if err != nil {
		t.Fatal(err)
	}
	want := func(what string, key Public, ok, temporary bool) {
		t.Helper()
		got, err := l.Allows(key, Pull)
		if (err == nil) != ok || got != temporary {
			t.Errorf("%s: %v", what, err)
		}
	}
	replace := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want("as written", a, true, false)
	replace(fmt.Sprintf("x %s", b)) // as long as before
	want("changed", a, false, false)
	want("changed", b, true, false)
	replace(fmt.Sprintf("x %s", a)) // in the same instant, perhaps
	want("changed back", a, true, false)
	soon := time.Now().Add(time.Hour)    // the clock has steps, and may be set
	for _, key := range []Public{b, a} { // of one time and size
		replace(fmt.Sprintf("x %s", key))
		if err := os.Chtimes(path, soon, soon); err != nil {
			t.Fatal(err)
		}
		want("changed within a tick of the clock", key, true, false)
	}
	replace("spoilt")
	want("spoilt", a, false, true)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("gone", a, false, true)
	replace(fmt.Sprintf("x %s\ny %s pull", a, b))
	want("there again", b, true, false)

	// What is read once is not read at every handshake.
	age()
	want("aged", a, true, false)
	before := l.at
	want("not changed", a, true, false)
	if !l.at.Equal(before) {
		t.Error("a file that did not change was read again")
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte(fmt.Sprintf("x %s\nz %s pull", a, b)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(other, old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil { // as editors do
		t.Fatal(err)
	}
	want("replaced by one of the same age and size", a, true, false)
	if l.at.Equal(before) {
		t.Error("a file that was replaced was not read again")
	}
}

func FuzzList(f *testing.F) {
	f.Add([]byte("ada " + strings.Repeat("ab", 32) + " pull, push\n# x\n"))
	f.Add([]byte("a\x00b c"))
	f.Fuzz(func(t *testing.T, content []byte) {
		entries, err := parseList(content)
		if err != nil && entries != nil {
			t.Errorf("%q gives both entries and %v", content, err)
		}
	})
}
