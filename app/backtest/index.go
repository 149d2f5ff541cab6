package backtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// firstTime is when the first page of a folder was fetched, if nothing says.
var firstTime = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// maxLine bounds a line of an index, in bytes.
const maxLine = 1 << 20

// defaults fills in what an index leaves out.
type defaults struct {
	url  string
	next time.Time
}

func newDefaults(dir string) *defaults { return &defaults{url: syntheticURL(dir), next: firstTime} }

func (d *defaults) fill(page *Saved) {
	if page.Time.IsZero() {
		page.Time = d.next
	}
	d.next = page.Time.Add(time.Hour)
	if page.Role == "" {
		page.Role = Learn
	}
	if page.Label == "" {
		page.Label = Normal
	}
	if page.URL == "" {
		page.URL = d.url
	}
	if page.Status == 0 {
		page.Status = 200
	}
}

// syntheticURL makes an address of a folder's name, in a domain that nobody
// can have.
func syntheticURL(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute // "." has a name, too
	}
	host := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, filepath.Base(dir))
	host = strings.Trim(host[:min(len(host), 63)], "-") // a label's limit
	if host == "" {
		host = "page"
	}
	return "https://" + host + ".example/"
}

// readIndex reads an index. check is asked about each page. Errors begin with
// the line they are about.
func readIndex(from io.Reader, defaults *defaults, check func(Saved) error) ([]Saved, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLine)
	var columns []string
	var pages []Saved
	number := 0
	for lines.Scan() {
		number++
		line := strings.TrimSuffix(lines.Text(), "\r")
		if number == 1 {
			columns = strings.Split(strings.TrimPrefix(line, "\ufeff"), "\t")
			if err := checkColumns(columns); err != nil {
				return nil, fmt.Errorf("line 1: %w", err)
			}
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		page, err := readRow(columns, strings.Split(line, "\t"))
		if err == nil {
			err = check(page)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		defaults.fill(&page)
		pages = append(pages, page)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	if len(pages) == 0 {
		return nil, errors.New("it names no page; after a line of column names, give one line for each")
	}
	return pages, nil
}

func checkColumns(columns []string) error {
	if !slices.Contains(columns, "file") {
		return fmt.Errorf(`there is no column "file" in %q; the first line names the columns, separated by tabs`, columns)
	}
	for i, column := range columns {
		if slices.Contains(columns[:i], column) {
			return fmt.Errorf("the column %q is there twice", column)
		}
	}
	return nil
}

func readRow(columns, values []string) (page Saved, err error) {
	for i, value := range values[:min(len(values), len(columns))] {
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		switch columns[i] {
		case "file":
			page.File = filepath.FromSlash(value)
		case "time":
			if page.Time, err = time.Parse(time.RFC3339, value); err != nil {
				return page, fmt.Errorf("time %q is not RFC 3339, such as 2026-05-14T12:30:55Z", value)
			}
		case "role":
			page.Role = Role(value)
			if page.Role != Learn && page.Role != Probe {
				return page, fmt.Errorf("role %q is neither %s nor %s", value, Learn, Probe)
			}
		case "label":
			page.Label = value
		case "url":
			if u, err := url.Parse(value); err != nil || u.Host == "" {
				return page, fmt.Errorf("url %q is no absolute URL", value)
			}
			page.URL = value
		case "status":
			if page.Status, err = strconv.Atoi(value); err != nil || page.Status < 100 || page.Status > 999 {
				return page, fmt.Errorf("status %q is no HTTP status, such as 200", value)
			}
		case "content_type":
			page.ContentType = value
		}
	}
	if page.File == "" {
		return page, errors.New("no file is named")
	}
	return page, nil
}
