package inject

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"webmon/app/backtest"
)

// index is a history while it is written.
type index struct {
	dir  string
	rows strings.Builder
}

func newIndex(dir string) *index {
	x := &index{dir: dir}
	x.rows.WriteString("file\ttime\trole\tlabel\turl\tstatus\tcontent_type\n")
	return x
}

// copy adds a page of the original history, the i-th, counted from 0. A file
// from outside of the history's folder gets a name inside.
func (x *index) copy(i int, page backtest.Saved, body []byte) (backtest.Saved, error) {
	if !filepath.IsLocal(page.File) {
		page.File = filepath.Join("outside", fmt.Sprintf("%04d-%s", i, filepath.Base(page.File)))
	}
	path := filepath.Join(x.dir, page.File)
	if _, err := os.Lstat(path); err == nil { // the index names the file twice
		return page, x.row(page)
	}
	return page, x.add(page, body)
}

// add writes a page that is not there yet.
func (x *index) add(page backtest.Saved, body []byte) error {
	path := filepath.Join(x.dir, page.File)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err := file.Write(body); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return x.row(page)
}

func (x *index) row(page backtest.Saved) error {
	fields := []string{
		filepath.ToSlash(page.File), page.Time.Format(time.RFC3339), string(page.Role), page.Label,
		page.URL, strconv.Itoa(page.Status), page.ContentType,
	}
	for _, field := range fields {
		if strings.ContainsAny(field, "\t\r\n") {
			return fmt.Errorf("%q has a tab or a line's end in it, which an index cannot hold", field)
		}
	}
	x.rows.WriteString(strings.Join(fields, "\t") + "\n")
	return nil
}

// write writes the index itself: last, so that a folder with an index is whole.
func (x *index) write() error {
	return os.WriteFile(filepath.Join(x.dir, backtest.IndexName), []byte(x.rows.String()), 0o666)
}

// probeName is the name of a page's attacked copy. It keeps the ending, which
// tells the type.
func probeName(file, attack string) string {
	ext := filepath.Ext(file)
	return strings.TrimSuffix(file, ext) + "." + attack + ext
}
