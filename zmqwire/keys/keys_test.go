package keys

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func generate(t testing.TB) Pair {
	t.Helper()
	p, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t testing.TB, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileReadsBack(t *testing.T) {
	t.Parallel()
	want, path := generate(t), filepath.Join(t.TempDir(), "a.key")
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := ReadPair(path)
	if err != nil || got.Public() != want.Public() || string(got.Secret()) != string(want.Secret()) {
		t.Errorf("read back: %v, %v", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if err := generate(t).Write(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("written twice: %v", err)
	}
	if again, err := ReadPair(path); err != nil || again.Public() != want.Public() {
		t.Error("the key was overwritten")
	}
	if other := generate(t); other.Public() == want.Public() {
		t.Error("two keys are the same")
	}
}

func TestTheSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	p := generate(t)
	secret := hex.EncodeToString(p.Secret())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{p, &p, []Pair{p}, struct{ Key Pair }{p}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprint(p.Secret())) {
				t.Errorf("%s of %T prints the secret", verb, value)
			}
		}
	}
}

func TestFilesThatAreNoKeys(t *testing.T) {
	t.Parallel()
	p, q := generate(t), generate(t)
	good := string(p.marshal())
	secret := hex.EncodeToString(p.Secret())
	public := "public: " + p.Public().String() + "\n"
	for what, test := range map[string]struct{ content, says string }{
		"empty":           {"", "it needs a line"},
		"no secret":       {public, "it needs a line"},
		"no public":       {"secret: " + secret, "it needs a line"},
		"not its public":  {strings.ReplaceAll(good, p.Public().String(), q.Public().String()), "does not belong"},
		"cut":             {good[:len(good)-3], "line 3: a key has 64"},
		"a digit is none": {good[:len(good)-2] + "x\n", "line 3: a key has 64"},
		"twice":           {good + public, "second line"},
		"something else":  {good + "hello\n", "line 4"},
		"Z85":             {"public: rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n", "64"},
		"huge":            {strings.Repeat("#", maxFile+1), "more than"},
	} {
		path := put(t, test.content)
		_, err := ReadPair(path)
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		} else if strings.Contains(err.Error(), secret[:20]) {
			t.Errorf("%s: the error shows the secret: %v", what, err)
		}
	}
	if _, err := ReadPair(put(t, strings.ReplaceAll(strings.ToUpper(good), "PUBLIC: ", "public: "))); err == nil {
		t.Error("a file with SECRET: was read")
	}
	if _, err := ReadPair(put(t, strings.ReplaceAll(good, "\n", "\r\n"))); err != nil {
		t.Errorf("with the line ends of Windows: %v", err)
	}
}

func TestFilesThatOthersCanRead(t *testing.T) {
	t.Parallel()
	path := put(t, string(generate(t).marshal()))
	for mode, ok := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true,
		0o640: false, 0o620: false, 0o604: false, 0o601: false, 0o644: false, 0o666: false,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadPair(path); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%#o: %v", mode, err)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, t.TempDir()} {
		if _, err := ReadPair(path); err == nil || !strings.Contains(err.Error(), "not a plain file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestReadPublic(t *testing.T) {
	t.Parallel()
	p := generate(t)
	text := p.Public().String()
	for _, from := range []string{text, strings.ToUpper(text), put(t, text), put(t, "# dispatcher\n\n "+text+"\r\n")} {
		if got, err := ReadPublic(from); err != nil || got != p.Public() {
			t.Errorf("%s: %v, %v", from, got, err)
		}
	}
	for from, says := range map[string]string{
		"":                               "neither",
		"/no/such/file":                  "neither",
		text[1:]:                         "neither",
		put(t, ""):                       "0 public keys",
		put(t, text+"\n"+text):           "2 public keys",
		put(t, "hello"):                  "line 1",
		put(t, string(p.marshal())):      "secret key",
		put(t, text+" "+text):            "line 1",
		strings.Repeat("ä", len(text)/2): "neither",
	} {
		if _, err := ReadPublic(from); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", from, err)
		}
	}
}

func FuzzKeyFile(f *testing.F) {
	p := generate(f)
	f.Add(p.marshal())
	f.Add([]byte("public: \nsecret: "))
	f.Add([]byte("\x00#\npublic: ab"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if p, err := unmarshal(content); err == nil {
			if again, err := unmarshal(p.marshal()); err != nil || again.Public() != p.Public() {
				t.Errorf("%q is read once only: %v", content, err)
			}
		}
	})
}
