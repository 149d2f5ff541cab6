package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"webmon/store"
)

const (
	importPath    = assetsPath + "/import"
	maxImport     = 128 << 20 // bytes
	maxImportRows = 100_000
	importChunk   = 1000             // assets written at a time
	importBudget  = 10 * time.Minute // for all of it, a slow upload included
	chunkBudget   = 30 * time.Second // for writing a chunk
)

// importRow is one asset of a file: either to be written or refused.
type importRow struct {
	row      int
	url      string
	asset    *store.Asset
	refusals []error
}

// rowReader reads a file and hands on each row. Its error means that the file
// as a whole is broken, or what emit returned.
type rowReader func(file io.Reader, assets *assetReader, emit func(importRow) error) error

func rowReaderFor(contentType string) (rowReader, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if charset := params["charset"]; err == nil && charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return nil, huma.Error415UnsupportedMediaType(fmt.Sprintf("the charset %s is not possible: send UTF-8", shorten(charset)))
	}
	switch kind {
	case "text/plain":
		return readText, nil
	case "text/csv":
		return readCSV, nil
	case "application/json":
		return readJSON, nil
	}
	return nil, huma.Error415UnsupportedMediaType("send text/plain (a URL a line), text/csv or application/json, and say which in Content-Type")
}

// importInput takes the body as a stream: huma would hold it in memory.
type importInput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	file        io.Reader
}

// Resolve is called by huma with each request.
func (in *importInput) Resolve(ctx huma.Context) []error {
	c := humaecho.Unwrap(ctx)
	control := http.NewResponseController(c.Response())
	now := time.Now()
	if err := errors.Join(control.SetReadDeadline(now.Add(importBudget)), control.SetWriteDeadline(now.Add(importBudget+time.Minute))); err != nil {
		return []error{fmt.Errorf("set the time limits of an import: %w", err)}
	}
	in.file = http.MaxBytesReader(c.Response().Writer, c.Request().Body, maxImport)
	return nil
}

type refusedRow struct {
	Row   int    `json:"row" example:"3" doc:"The line of a text or CSV file, or the place in a JSON list, from 1."`
	URL   string `json:"url" example:"htp://example.com" doc:"The row's URL, as far as it could be read."`
	Error string `json:"error" example:"body.url: the scheme \"htp\" cannot be watched: use http or https" doc:"What is wrong, with the place in front."`
}

type imported struct {
	Imported int          `json:"imported" example:"99" doc:"How many assets were created."`
	Refused  []refusedRow `json:"refused" nullable:"false" doc:"The rows that were not, and why."`
}

type importOutput struct {
	Body imported
}

func (s *Server) importRoute(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "import-assets", Method: http.MethodPost, Path: importPath, DefaultStatus: http.StatusOK,
		Tags: []string{groupAssets}, Summary: "Create many assets from a file",
		Description: "At most 100,000 rows and 128 MiB. A row is created or refused as a whole. A file that cannot be read to its end creates nothing.",
		Errors:      []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, importBudget, s.importAssets)
	text := &huma.Schema{Type: huma.TypeString}
	list := &huma.Schema{Type: huma.TypeArray, Items: s.assets.schema, Description: "The assets to create."}
	api.OpenAPI().Paths[importPath].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"text/plain": {Schema: text, Example: "# one URL a line\nhttps://example.com/\n"},
		"text/csv":   {Schema: text, Example: "url,name,tags,interval\nhttps://example.com/,Example,shop;prod,60s\n"},
		"application/json": {Schema: &huma.Schema{AnyOf: []*huma.Schema{list, {
			Type: huma.TypeObject, Required: []string{"assets"}, Properties: map[string]*huma.Schema{"assets": list},
		}}}},
	}}
}

func (s *Server) importAssets(ctx context.Context, in *importInput) (*importOutput, error) {
	read, err := rowReaderFor(in.ContentType)
	if err != nil {
		return nil, err
	}
	ready, cancel := context.WithTimeout(ctx, storeBudget)
	defer cancel()
	if err := s.store.Ping(ready); err != nil { // before a long upload in vain
		return nil, err
	}
	rows, err := collectRows(in.file, read, s.assets)
	if err != nil {
		return nil, err
	}
	done, err := s.writeRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	if done.Imported > 0 {
		s.opts.Snapshot()
	}
	return &importOutput{Body: done}, nil
}

// collectRows reads the whole file before anything is written, so that a
// broken file leaves no half of it behind.
func collectRows(file io.Reader, read rowReader, assets *assetReader) ([]importRow, error) {
	var rows []importRow
	err := read(file, assets, func(row importRow) error {
		if len(rows) == maxImportRows {
			return huma.NewError(http.StatusRequestEntityTooLarge, fmt.Sprintf("the file has more than %d rows: split it", maxImportRows))
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// writeRows writes the good rows, and reports on the others in their order.
func (s *Server) writeRows(ctx context.Context, rows []importRow) (imported, error) {
	done := imported{Refused: []refusedRow{}}
	for len(rows) > 0 {
		chunk := rows[:min(len(rows), importChunk)]
		rows = rows[len(chunk):]
		if err := s.writeChunk(ctx, chunk); err != nil && done.Imported == 0 {
			return done, err
		}
		for _, row := range chunk {
			if len(row.refusals) == 0 {
				done.Imported++
				continue
			}
			done.Refused = append(done.Refused, refusedRow{Row: row.row, URL: shorten(redactURL(row.url)), Error: joinRefusals(row.refusals)})
		}
	}
	return done, nil
}

// writeChunk writes the good rows of a chunk and marks those that failed. It
// returns an error when Redis took none of them.
func (s *Server) writeChunk(ctx context.Context, chunk []importRow) error {
	var good []int
	var assets []*store.Asset
	for i := range chunk {
		if len(chunk[i].refusals) == 0 {
			good = append(good, i)
			assets = append(assets, chunk[i].asset)
		}
	}
	if len(assets) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, chunkBudget)
	defer cancel()
	failed := 0
	var last error
	for i, err := range s.store.CreateAssets(ctx, assets) {
		if err == nil {
			continue
		}
		failed++
		last = err
		s.log.Debug("an imported row was not stored", "id", requestIDOf(ctx), "row", chunk[good[i]].row, "err", err)
		chunk[good[i]].refusals = []error{errors.New("it could not be stored: import this row again")}
	}
	if failed == len(assets) {
		return last
	}
	return nil
}

// joinRefusals writes refusals as one text.
func joinRefusals(refusals []error) string {
	texts := make([]string, len(refusals))
	for i, err := range refusals {
		texts[i] = err.Error()
		var detail huma.ErrorDetailer
		if errors.As(err, &detail) {
			d := detail.ErrorDetail()
			tidyDetail(d)
			texts[i] = d.Location + ": " + d.Message
		}
	}
	return strings.Join(texts, "; ")
}
