package backtest

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// IndexName is the file that says what the pages of a folder are.
const IndexName = "index.tsv"

// Role says what a page is for.
type Role string

// The roles.
const (
	Learn Role = "learn" // a check as in production: judged, and remembered
	Probe Role = "probe" // judged against what is remembered so far, and not remembered
)

// Normal is the label of pages that nothing is wrong with.
const Normal = "normal"

// History is one page's versions, in order.
type History struct {
	Dir   string // as it was named
	Pages []Saved
}

// Saved is one version of a page.
type Saved struct {
	File        string // as the index names it: a path below the folder, or an absolute one
	Time        time.Time
	Role        Role
	Label       string // Normal, or what is wrong with the page
	URL         string
	Status      int    // HTTP status
	ContentType string // empty: to be found out
}

// Path is where the page's bytes are.
func (h History) Path(page Saved) string {
	if filepath.IsAbs(page.File) {
		return page.File
	}
	return filepath.Join(h.Dir, page.File)
}

// Find opens the histories that dirs hold, in their order. A folder without
// pages of its own stands for the folders in it, in the order of their names.
func Find(dirs ...string) ([]History, error) {
	var found []History
	for _, dir := range dirs {
		histories, err := find(dir)
		if err != nil {
			return nil, err
		}
		if len(histories) == 0 {
			return nil, fmt.Errorf("folder %s: there are no pages in it", dir)
		}
		found = append(found, histories...)
	}
	return found, nil
}

func find(dir string) ([]History, error) {
	files, folders, err := list(dir)
	if err != nil {
		return nil, err
	}
	if len(files) > 0 {
		history, err := open(dir, files)
		if err != nil {
			return nil, err
		}
		return []History{history}, nil
	}
	var found []History
	for _, folder := range folders {
		histories, err := find(filepath.Join(dir, folder))
		if err != nil {
			return nil, err
		}
		found = append(found, histories...)
	}
	return found, nil
}

// Open reads which pages a folder holds, but not the pages. An index.tsv lists
// them: columns separated by tabs, named in the first line, of which only
// "file" is required; a column that is missing or empty has its default.
//
//	file          a path below the folder
//	time          RFC 3339; default: an hour after the page before
//	role          learn (the default) or probe
//	label         normal (the default), or what is wrong with the page
//	url           of the page; default: made of the folder's name
//	status        HTTP status; default: 200
//	content_type  default: by the file's name, or by its first bytes
//
// Other columns are ignored. Without an index the folder's files are the
// pages, in the order of their names, where 9.html comes before 10.html.
// Errors name the file and, in an index, the line.
func Open(dir string) (History, error) {
	files, _, err := list(dir)
	if err != nil {
		return History{}, err
	}
	if len(files) == 0 {
		return History{}, fmt.Errorf("folder %s: there are no pages in it", dir)
	}
	return open(dir, files)
}

func open(dir string, files []string) (History, error) {
	h := History{Dir: dir}
	defaults := newDefaults(dir)
	if !slices.Contains(files, IndexName) {
		for _, file := range files {
			page := Saved{File: file}
			defaults.fill(&page)
			h.Pages = append(h.Pages, page)
		}
		return h, nil
	}
	name := filepath.Join(dir, IndexName)
	index, err := os.Open(name)
	if err != nil {
		return h, err
	}
	defer index.Close()
	h.Pages, err = readIndex(index, defaults, func(page Saved) error {
		switch info, err := os.Stat(h.Path(page)); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("there is no file %q", page.File)
		case err != nil:
			return err
		case info.IsDir():
			return fmt.Errorf("%q is a folder, not a page", page.File)
		}
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("%s: %w", name, err)
	}
	return h, nil
}

// list gives the names of a folder's files and folders, without hidden ones,
// in natural order.
func list(dir string) (files, folders []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the folder of pages: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name)) // follows links
		switch {
		case err != nil:
			return nil, nil, err
		case info.IsDir():
			folders = append(folders, name)
		case info.Mode().IsRegular():
			files = append(files, name)
		}
	}
	slices.SortFunc(files, natural)
	slices.SortFunc(folders, natural)
	return files, folders, nil
}

// natural compares names so that a run of digits counts as one number.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		var partX, partY string
		partX, x = cutPart(x)
		partY, y = cutPart(y)
		if isDigit(partX[0]) && isDigit(partY[0]) {
			numberX, numberY := strings.TrimLeft(partX, "0"), strings.TrimLeft(partY, "0")
			if c := cmp.Or(cmp.Compare(len(numberX), len(numberY)), strings.Compare(numberX, numberY)); c != 0 {
				return c
			}
		} else if c := strings.Compare(partX, partY); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

// cutPart cuts off a run of digits, or one byte that is none.
func cutPart(s string) (part, rest string) {
	end := 1
	for isDigit(s[0]) && end < len(s) && isDigit(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
