package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	importTimeout = 11 * time.Minute // the API gives up after ten
	exportTimeout = 30 * time.Minute
)

// Imported says what became of an import.
type Imported struct {
	Imported int          `json:"imported"`
	Refused  []RefusedRow `json:"refused"`
}

// RefusedRow is a row that made no asset.
type RefusedRow struct {
	Row   int    `json:"row"` // the line of a text or CSV file, or the place in a JSON list, from 1
	URL   string `json:"url"`
	Error string `json:"error"`
}

// Import makes assets of a file, whose content type is text/plain, text/csv or
// application/json. Rows that are refused are no error.
func (c *Client) Import(ctx context.Context, contentType string, file io.Reader) (Imported, error) {
	var answer Imported
	err := c.exchange(ctx, call{
		method: http.MethodPost, path: assetsPath + "/import", body: file, kind: contentType, limit: importTimeout,
	}, &answer)
	return answer, err
}

// Export copies all assets that the filter selects to out, in a format that can
// be imported: csv, json or txt. After an error out may hold a part.
func (c *Client) Export(ctx context.Context, f Filter, format string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, exportTimeout)
	defer cancel()
	query := f.query()
	query.Set("format", format)
	answer, err := c.open(ctx, call{method: http.MethodGet, path: assetsPath + "/export?" + query.Encode()})
	if err != nil {
		return err
	}
	defer answer.Close()
	if _, err := io.Copy(out, answer); err != nil {
		return fmt.Errorf("the export was cut off: %w", err)
	}
	return nil
}
