package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// maxFile is the most that is read of any file, in bytes: a list of some
// 10,000 keys.
const maxFile = 1 << 20

// Write makes the key file at path, for its owner alone. A file that is there
// is never overwritten.
func (p Pair) Write(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("key file %q exists, and a key is never overwritten: choose another name with --out, or remove the file", path)
	}
	if err != nil {
		return fmt.Errorf("make a key file: %w", err)
	}
	_, err = file.Write(p.marshal())
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path) // half a key is worth nothing
		return fmt.Errorf("write key file %q: %w", path, err)
	}
	return nil
}

// ReadPair reads a key file. One that others can read is refused, because its
// secret is none any more.
func ReadPair(path string) (Pair, error) {
	content, info, err := readFile(path)
	if err != nil {
		return Pair{}, fmt.Errorf("key file: %w", err)
	}
	if err := private(info); err != nil {
		return Pair{}, fmt.Errorf("key file %q: %w: chmod 600 %s", path, err, path)
	}
	p, err := unmarshal(content)
	if err != nil {
		return Pair{}, fmt.Errorf("key file %q: %w; webmon keygen makes such files", path, err)
	}
	return p, nil
}

// private refuses what others can read. A file of somebody else may be open to
// a group: so a service is handed files that belong to root.
func private(info fs.FileInfo) error {
	mode := info.Mode().Perm()
	if mode&0o007 != 0 {
		return fmt.Errorf("every user of this machine can get at it (mode %#o)", mode)
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if mode&0o070 != 0 && (!known || int(stat.Uid) == os.Geteuid()) || mode&0o020 != 0 {
		return fmt.Errorf("others than its owner can get at it (mode %#o)", mode)
	}
	return nil
}

// ReadPublic takes a public key as it is, or the path of a file that holds
// nothing else, such as the output of "webmon keygen".
func ReadPublic(textOrPath string) (Public, error) {
	if p, err := ParsePublic(textOrPath); err == nil {
		return p, nil
	}
	content, _, err := readFile(textOrPath)
	if err != nil {
		return Public{}, fmt.Errorf("it is neither a public key of %d hexadecimal digits nor a file with one: %w", 2*Size, err)
	}
	if bytes.Contains(content, []byte(secretLabel)) {
		return Public{}, fmt.Errorf("file %q holds a secret key, which is for its owner alone: give the public key, which webmon keygen --public FILE prints", textOrPath)
	}
	var p Public
	found := 0
	for n, line := range lines(content) {
		if p, err = ParsePublic(string(line)); err != nil {
			return Public{}, fmt.Errorf("file %q, line %d: %w", textOrPath, n, err)
		}
		found++
	}
	if found != 1 {
		return Public{}, fmt.Errorf("file %q holds %d public keys, not one", textOrPath, found)
	}
	return p, nil
}

// readFile reads a plain file of at most maxFile bytes, and tells about it.
func readFile(path string) ([]byte, fs.FileInfo, error) {
	file, err := os.OpenFile(filepath.Clean(path), os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not hold us up
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%q is not a plain file", path)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, err
	}
	if len(content) > maxFile {
		return nil, nil, fmt.Errorf("%q has more than %d bytes, which no file of keys has", path, maxFile)
	}
	return content, info, nil
}
