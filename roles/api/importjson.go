package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// readJSON reads a list of assets, or an object with such a list, as lists and
// exports are. It holds one asset at a time.
func readJSON(file io.Reader, assets *assetReader, emit func(importRow) error) error {
	in := jsonFile{Decoder: json.NewDecoder(skipBOM(file)), assets: assets, emit: emit}
	token, err := in.Token()
	if err != nil {
		return jsonProblem(err)
	}
	switch token {
	case json.Delim('['):
		err = in.list()
	case json.Delim('{'):
		err = in.object()
	default:
		err = invalid("body", nil, "expected a list of assets, or an object with such a list as \"assets\"")
	}
	if err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return jsonProblem(err)
		}
		return huma.Error400BadRequest("the JSON goes on after its end; nothing was imported")
	}
	return nil
}

type jsonFile struct {
	*json.Decoder
	assets *assetReader
	emit   func(importRow) error
	row    int
}

// object reads the rest of an object after its opening brace.
func (in *jsonFile) object() error {
	found := false
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return jsonProblem(err)
		}
		switch name {
		case "assets":
			found = true
			token, err := in.Token()
			if err != nil {
				return jsonProblem(err)
			}
			if token != json.Delim('[') {
				return invalid("body.assets", nil, "expected a list of assets")
			}
			if err := in.list(); err != nil {
				return err
			}
		case "next": // of a list that was saved to a file
			var ignored json.RawMessage
			if err := in.Decode(&ignored); err != nil {
				return jsonProblem(err)
			}
		default:
			return invalid(fmt.Sprintf("body.%s", shorten(fmt.Sprint(name))), nil, "unexpected property")
		}
	}
	if _, err := in.Token(); err != nil {
		return jsonProblem(err)
	}
	if !found {
		return invalid("body", nil, "expected required property assets to be present")
	}
	return nil
}

// list reads the rest of a list after its opening bracket.
func (in *jsonFile) list() error {
	for in.More() {
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return jsonProblem(err)
		}
		in.row++
		row := importRow{row: in.row}
		var named struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(raw, &named) == nil { // else it is refused below
			row.url = named.URL
		}
		if utf8.Valid(raw) {
			row.asset, row.refusals = in.assets.read(raw, nil)
		} else {
			row.refusals = []error{errors.New("the asset is not valid UTF-8")}
		}
		if err := in.emit(row); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return jsonProblem(err)
	}
	return nil
}

func jsonProblem(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return huma.Error400BadRequest(fmt.Sprintf("the JSON is broken at byte %d: %v; nothing was imported", syntax.Offset, err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return huma.Error400BadRequest("the JSON ends too early; nothing was imported")
	}
	return bodyProblem(err, maxImport)
}
