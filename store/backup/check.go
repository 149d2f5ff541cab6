package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"webmon/store"
)

// The ways in which a file is refused, for errors.Is.
var (
	ErrNoBackup = errors.New("this is no backup of webmon")
	ErrNewer    = errors.New("a newer webmon wrote this backup: restore it with that one")
	ErrDamaged  = errors.New("this backup is damaged: use another copy")
)

// File is a backup that was checked.
type File struct {
	Header
	Counts Counts
	SHA256 string // of all but the line with it, in hexadecimal
	Size   int64  // bytes

	r      io.ReaderAt
	header int64 // bytes before the zstd stream
}

// Check reads a whole backup of so many bytes and checks everything in it. An
// error is one of the above, or of reading.
func Check(r io.ReaderAt, size int64) (*File, error) {
	f := &File{Size: size, r: r}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	sum, told, err := f.checksums()
	if err != nil {
		return nil, err
	}
	in := f.records()
	f.Counts, err = readRecords(in, nothing)
	if told == sum+"\n" {
		f.SHA256 = sum
		if err != nil {
			// It is as it was written.
			if errors.Is(err, errUnknown) {
				err = fmt.Errorf("%w (webmon %s): %w", ErrNewer, f.Webmon, err)
			} else {
				err = fmt.Errorf("%w: near byte %d of %d: %w", ErrDamaged, f.header+in.count, size, err)
			}
			return nil, err
		}
		return f, nil
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) && in.count == in.size:
		err = fmt.Errorf("%w: it is cut off after byte %d", ErrDamaged, size)
	case err != nil:
		err = fmt.Errorf("%w: near byte %d of %d: %w", ErrDamaged, f.header+in.count, size, err)
	default:
		err = fmt.Errorf("%w: its checksum is %s, but it ends with %.80q", ErrDamaged, sum, told)
	}
	return nil, err
}

// readHeader reads the first two lines.
func (f *File) readHeader() error {
	in := bufio.NewReader(io.NewSectionReader(f.r, 0, min(f.Size, 2*maxLine)))
	first, err := in.ReadString('\n')
	if err != nil && err != io.EOF {
		return fmt.Errorf("read the backup: %w", err)
	}
	text, found := strings.CutPrefix(first, magic)
	if !found || len(first) > maxLine {
		return fmt.Errorf("%w: it does not begin with %q", ErrNoBackup, magic)
	}
	version, failure := strconv.Atoi(strings.TrimSuffix(text, "\n"))
	switch {
	case err != nil:
		return fmt.Errorf("%w: it is cut off after byte %d", ErrDamaged, f.Size)
	case failure != nil || text != fmt.Sprintf("%d\n", version) || version < 1:
		return fmt.Errorf("%w: %.80q is no version of the format", ErrDamaged, text)
	case version > Format:
		return fmt.Errorf("%w: its format is %d, this one reads up to %d", ErrNewer, version, Format)
	}
	second, err := in.ReadString('\n')
	f.header = int64(len(first) + len(second))
	if err != nil || len(second) > maxLine || f.header+checksumSize > f.Size {
		return fmt.Errorf("%w: it is cut off after byte %d, or its second line has no end", ErrDamaged, f.Size)
	}
	if err := json.Unmarshal([]byte(second), &f.Header); err != nil {
		return fmt.Errorf("%w: its second line: %w", ErrDamaged, err)
	}
	return nil
}

// checksums gives the checksum of the file and the one at its end.
func (f *File) checksums() (sum, told string, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.r, 0, f.Size-checksumSize)); err != nil {
		return "", "", fmt.Errorf("read the backup: %w", err)
	}
	end := make([]byte, checksumSize)
	if _, err := f.r.ReadAt(end, f.Size-checksumSize); err != nil && err != io.EOF {
		return "", "", fmt.Errorf("read the backup: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), string(end), nil
}

// records reads the zstd stream.
func (f *File) records() *countingReader {
	n := f.Size - checksumSize - f.header
	return &countingReader{r: bufio.NewReaderSize(io.NewSectionReader(f.r, f.header, n), 64<<10), size: n}
}

// countingReader counts the bytes that were read, of size.
type countingReader struct {
	r           io.Reader
	count, size int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.count += int64(n)
	return n, err
}

// nothing only looks.
var nothing = visitor{
	asset:    func(*store.AssetCopy) error { return nil },
	results:  func(string, []string) error { return nil },
	incident: func(*store.IncidentCopy) error { return nil },
	counters: func(store.CopyCounters) error { return nil },
}
