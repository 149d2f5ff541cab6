// Package output writes lists and single things: as tables for people, and as
// JSON, YAML or CSV for machines.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is how something is written. It is a flag's value.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	YAML  Format = "yaml"
	CSV   Format = "csv"
)

// Formats lists the formats.
var Formats = []string{string(Table), string(JSON), string(YAML), string(CSV)}

// Set implements pflag.Value.
func (f *Format) Set(text string) error {
	if !slices.Contains(Formats, text) {
		return fmt.Errorf("there is no such format: give %s", strings.Join(Formats, ", "))
	}
	*f = Format(text)
	return nil
}

// String implements pflag.Value.
func (f *Format) String() string { return string(*f) }

// Type implements pflag.Value.
func (f *Format) Type() string { return "format" }

// Writer writes things one by one. Nothing is complete before End.
type Writer interface {
	Write(thing any) error
	End() error
}

// NewWriter makes a writer for machines: a list in JSON or YAML, or a table in
// CSV that has the fields as its columns. Things are written as encoding/json
// sees them.
func NewWriter(out io.Writer, format Format, fields []string) Writer {
	switch format {
	case YAML:
		return &yamlWriter{out: out}
	case CSV:
		return newCSVWriter(out, fields)
	}
	return &jsonWriter{out: out}
}

// One writes a single thing for machines: it is no list then, but in CSV, which
// has one row.
func One(out io.Writer, format Format, fields []string, thing any) error {
	switch format {
	case JSON:
		return writeJSON(out, thing)
	case YAML:
		text, err := ToYAML(thing)
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	}
	w := NewWriter(out, format, fields)
	if err := w.Write(thing); err != nil {
		return err
	}
	return w.End()
}
