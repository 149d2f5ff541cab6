package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// writeJSON writes a thing as JSON, indented.
func writeJSON(out io.Writer, thing any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // messages quote HTML
	encoder.SetIndent("", "  ")
	return encoder.Encode(thing)
}

// jsonWriter writes an array, a thing a line, so that it streams and line
// tools can read it, too.
type jsonWriter struct {
	out   io.Writer
	begun bool
}

func (w *jsonWriter) Write(thing any) error {
	before := ",\n"
	if !w.begun {
		before, w.begun = "[\n", true
	}
	text, err := compact(thing)
	if err != nil {
		return err
	}
	_, err = w.out.Write(append([]byte(before), text...))
	return err
}

func (w *jsonWriter) End() error {
	text := "\n]\n"
	if !w.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(w.out, text)
	return err
}

// LineWriter writes a JSON object a line, for what has no end.
type LineWriter struct{ Out io.Writer }

// Write implements [Writer].
func (w LineWriter) Write(thing any) error {
	text, err := compact(thing)
	if err != nil {
		return err
	}
	_, err = w.Out.Write(append(text, '\n'))
	return err
}

// End implements [Writer].
func (w LineWriter) End() error { return nil }

// compact is a thing as JSON on one line.
func compact(thing any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(thing); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text.Bytes()), nil
}

type csvWriter struct {
	table  *csv.Writer
	fields []string
	begun  bool
}

func newCSVWriter(out io.Writer, fields []string) *csvWriter {
	return &csvWriter{table: csv.NewWriter(out), fields: fields}
}

func (w *csvWriter) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.table.Write(w.fields)
}

// Write writes a row. Each is flushed, for whoever follows a stream.
func (w *csvWriter) Write(thing any) error {
	if err := w.begin(); err != nil {
		return err
	}
	text, err := compact(thing)
	if err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return fmt.Errorf("write as CSV: %w", err)
	}
	row := make([]string, len(w.fields))
	for i, field := range w.fields {
		row[i] = csvCell(object[field])
	}
	if err := w.table.Write(row); err != nil {
		return err
	}
	w.table.Flush()
	return w.table.Error()
}

func (w *csvWriter) End() error {
	if err := w.begin(); err != nil { // an empty table has its first row, too
		return err
	}
	w.table.Flush()
	return w.table.Error()
}

// csvCell writes a JSON value: texts as they are, lists of texts with spaces
// between, and what cannot be written so as JSON.
func csvCell(raw json.RawMessage) string {
	var text string
	var list []string
	switch {
	case len(raw) == 0 || string(raw) == "null" || string(raw) == "{}":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	case json.Unmarshal(raw, &list) == nil:
		return strings.Join(list, " ")
	}
	return string(raw)
}
