package api

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// csvColumns are the columns of an export. An import has url and any others.
var csvColumns = []string{"url", "name", "tags", "interval", "timeout", "enabled", "request", "plugins", "assertions", "retention", "alerts"}

// readCSV reads a table with a header row. An empty cell means the default.
func readCSV(file io.Reader, assets *assetReader, emit func(importRow) error) error {
	table := csv.NewReader(skipBOM(file))
	table.FieldsPerRecord = -1 // a row of another length is refused, not the file
	table.ReuseRecord = true
	columns, err := readCSVHeader(table)
	if err != nil {
		return err
	}
	for {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvProblem(err)
		}
		line, _ := table.FieldPos(0)
		row := readCSVRow(columns, cells, assets)
		row.row = line
		if err := emit(row); err != nil {
			return err
		}
	}
}

func readCSVHeader(table *csv.Reader) ([]string, error) {
	header, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil, huma.Error400BadRequest("the file is empty: its first row names the columns, such as url,name,tags")
	}
	if err != nil {
		return nil, csvProblem(err)
	}
	columns := make([]string, len(header))
	for i, cell := range header {
		name := strings.ToLower(strings.TrimSpace(cell))
		if !slices.Contains(csvColumns, name) {
			return nil, invalid("body."+shorten(name), nil,
				fmt.Sprintf("this column is not known: the first row names columns from %s, with commas between", strings.Join(csvColumns, ", ")))
		}
		if slices.Contains(columns[:i], name) {
			return nil, invalid("body."+name, nil, "this column is there twice")
		}
		columns[i] = name
	}
	if !slices.Contains(columns, "url") {
		return nil, invalid("body.url", nil, "the column url is missing")
	}
	return columns, nil
}

func csvProblem(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return huma.Error400BadRequest(fmt.Sprintf("the CSV is broken in line %d, column %d: %v; nothing was imported", parse.Line, parse.Column, parse.Err))
	}
	return bodyProblem(err, maxImport)
}

// readCSVRow makes JSON of the row, so that it meets the same checks as any
// other asset.
func readCSVRow(columns, cells []string, assets *assetReader) importRow {
	var row importRow
	if i := slices.Index(columns, "url"); i < len(cells) {
		row.url = strings.Clone(cells[i])
	}
	if len(cells) != len(columns) {
		row.refusals = []error{fmt.Errorf("the row has %d cells, the first row has %d", len(cells), len(columns))}
		return row
	}
	var r refusals
	object := map[string]json.RawMessage{}
	for i, name := range columns {
		cell := strings.TrimSpace(cells[i])
		if cell == "" && name != "url" {
			continue
		}
		if !utf8.ValidString(cell) {
			r.add(name, nil, "is not valid UTF-8")
			continue
		}
		object[name] = r.csvCell(name, cell)
	}
	if len(r) > 0 {
		row.refusals = r
		return row
	}
	data, err := json.Marshal(object)
	if err != nil {
		row.refusals = []error{fmt.Errorf("write the row as JSON: %w", err)}
		return row
	}
	row.asset, row.refusals = assets.read(data, nil)
	return row
}

// csvCell is a cell as JSON.
func (r *refusals) csvCell(column, cell string) json.RawMessage {
	var value any = cell
	switch column {
	case "tags":
		value = strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || unicode.IsSpace(c) })
	case "enabled":
		enabled, err := strconv.ParseBool(strings.ToLower(cell))
		if err != nil {
			r.add(column, shorten(cell), "must be true or false")
		}
		value = enabled
	case "assertions":
		list, err := readAssertionsCell(cell)
		if err != nil {
			r.add(column, nil, err.Error())
			return nil
		}
		value = list
	case "request", "plugins", "retention", "alerts":
		if !json.Valid([]byte(cell)) {
			r.add(column, nil, "is not JSON")
			return nil
		}
		value = json.RawMessage(cell)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		r.add(column, nil, "cannot be written as JSON")
	}
	return raw
}
