package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const maxLine = 64 << 10 // far longer than any URL

// readText reads a list of URLs, one a line. Blank lines and lines that begin
// with # are left out.
func readText(file io.Reader, assets *assetReader, emit func(importRow) error) error {
	lines := bufio.NewScanner(skipBOM(file))
	lines.Buffer(nil, maxLine)
	row := 0
	for lines.Scan() {
		row++
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		wanted := asset{URL: line}
		a, refusals := wanted.check(assets.plugins, nil)
		if err := emit(importRow{row: row, url: line, asset: a, refusals: refusals}); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return huma.Error400BadRequest(fmt.Sprintf("line %d is longer than %d bytes; nothing was imported", row+1, maxLine))
	}
	if err := lines.Err(); err != nil {
		return bodyProblem(err, maxImport)
	}
	return nil
}

// skipBOM leaves out the byte order mark that some editors and spreadsheets
// put in front of UTF-8.
func skipBOM(file io.Reader) io.Reader {
	buffered := bufio.NewReader(file)
	mark := []byte("\uFEFF")
	// An error shows again at the next read.
	if head, _ := buffered.Peek(len(mark)); bytes.Equal(head, mark) {
		_, _ = buffered.Discard(len(mark))
	}
	return buffered
}
