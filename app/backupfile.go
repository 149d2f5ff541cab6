package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeWhole writes a file that only its owner may read, or to stdout when path
// is "-". The file is there when all of it is on disk, not before.
func writeWhole(path string, stdout io.Writer, write func(io.Writer) error) (err error) {
	if path == "-" {
		return write(stdout)
	}
	// What is no ordinary file, such as a device, must not be replaced by one.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no ordinary file: give another name, or - and redirect the output", path)
	}
	dir := filepath.Dir(path)
	temporary, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) { // the name says nothing to anybody
			err = cause.Err
		}
		return fmt.Errorf("cannot make a file in the folder %s: %w", dir, err)
	}
	defer func() {
		if err != nil {
			temporary.Close()
			os.Remove(temporary.Name())
		}
	}()
	if err := write(temporary); err != nil {
		return err
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil // it may be written to but not read
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("%s is written, but its folder could not be synced: %w", path, err)
	}
	return nil
}

// sizedFile is a file that can be read more than once.
type sizedFile struct {
	*os.File
	size int64 // bytes
}

// openSource opens a file. What can be read only once, such as stdin ("-"), is
// copied into a temporary file, which has no name and so never stays behind.
func openSource(path string, stdin io.Reader) (sizedFile, error) {
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return sizedFile{}, err
		}
		info, err := file.Stat()
		if err == nil && info.Mode().IsRegular() {
			return sizedFile{file, info.Size()}, nil
		}
		defer file.Close()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a folder, not a file", path)
		}
		if err != nil {
			return sizedFile{}, err
		}
		stdin = file
	}
	spool, err := os.CreateTemp("", "webmon-restore-*")
	if err != nil {
		return sizedFile{}, err
	}
	if err := os.Remove(spool.Name()); err != nil {
		spool.Close()
		return sizedFile{}, err
	}
	size, err := io.Copy(spool, stdin)
	if err != nil {
		spool.Close()
		return sizedFile{}, fmt.Errorf("copy %s into a temporary file: %w", path, err)
	}
	return sizedFile{spool, size}, nil
}

// countingWriter counts what goes through it.
type countingWriter struct {
	w io.Writer
	n int64 // bytes
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
