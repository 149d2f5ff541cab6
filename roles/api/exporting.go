package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/danielgtaylor/huma/v2/negotiation"

	"webmon/store"
)

const (
	exportPath   = assetsPath + "/export"
	exportPage   = 1000
	exportBudget = time.Minute // for each page, to be read and sent
)

// The formats of an export, as in ?format= and as content types.
var exportTypes = map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8"}

type exportInput struct {
	AssetFilter
	Secrets
	Format string `query:"format" enum:"csv,json,txt" doc:"The format; without it the Accept header decides, and json is the default."`
	Accept string `header:"Accept" hidden:"true"`
}

func (in *exportInput) format() string {
	if in.Format != "" {
		return in.Format
	}
	switch negotiation.SelectQValue(in.Accept, []string{"application/json", "text/csv", "text/plain"}) {
	case "text/csv":
		return "csv"
	case "text/plain":
		return "txt"
	}
	return "json"
}

func (s *Server) exportRoute(api huma.API) {
	text := &huma.Schema{Type: huma.TypeString}
	list := &huma.Schema{Type: huma.TypeArray, Items: definitionSchema(api.OpenAPI().Components.Schemas, s.assets.schema), Description: "The assets."}
	register(s, api, huma.Operation{
		OperationID: "export-assets", Method: http.MethodGet, Path: exportPath,
		Tags: []string{groupAssets}, Summary: "Export assets in a form that can be imported",
		Description: "What people write of each asset, without what the checks say. Assets with secrets can be imported again only from an export with secrets.",
		Responses: map[string]*huma.Response{"200": {Description: "The assets.", Content: map[string]*huma.MediaType{
			"application/json": {
				Schema:  &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"assets": list}},
				Example: map[string]any{"assets": []any{map[string]any{"url": "https://example.com/", "name": "Example", "tags": []string{"shop"}}}},
			},
			"text/csv":   {Schema: text, Example: strings.Join(csvColumns, ",") + "\nhttps://example.com/,Example,shop,60s,10s,true,,,,,\n"},
			"text/plain": {Schema: text, Example: "https://example.com/\n"},
		}}},
	}, storeBudget, s.exportAssets)
}

// definitionSchema describes what people write of an asset: an asset without what
// is read-only.
func definitionSchema(registry huma.Registry, asset *huma.Schema) *huma.Schema {
	const name = "AssetDefinition"
	definition := *registry.SchemaFromRef(asset.Ref)
	definition.Properties = maps.Clone(definition.Properties)
	maps.DeleteFunc(definition.Properties, func(_ string, property *huma.Schema) bool { return property.ReadOnly })
	definition.Required = slices.DeleteFunc(slices.Clone(definition.Required), func(property string) bool { return definition.Properties[property] == nil })
	registry.Map()[name] = &definition
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// exportAssets reads the first page before it answers, so that a refusal can
// still be one.
func (s *Server) exportAssets(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	if err := in.allowed(ctx); err != nil {
		return nil, err
	}
	first, err := s.store.Assets(ctx, in.query(exportPage, ""))
	if err != nil {
		return nil, err
	}
	format := in.format()
	return &huma.StreamResponse{Body: func(stream huma.Context) {
		stream.SetHeader("Content-Type", exportTypes[format])
		stream.SetHeader("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "webmon-assets."+format))
		stream.SetStatus(http.StatusOK)
		if err := s.streamExport(stream, in, first, newAssetWriter(format, stream.BodyWriter())); err != nil {
			s.log.Warn("an export was cut off", "id", requestIDOf(stream.Context()), "err", err)
			panic(http.ErrAbortHandler) // the client must not take a part for the whole
		}
	}}, nil
}

func (s *Server) streamExport(stream huma.Context, in *exportInput, page store.AssetPage, out assetWriter) error {
	control := http.NewResponseController(humaecho.Unwrap(stream).Response())
	for {
		if err := control.SetWriteDeadline(time.Now().Add(exportBudget)); err != nil {
			return fmt.Errorf("set the time limit of a page: %w", err)
		}
		for i := range page.Assets {
			view := in.view(writablePart(&page.Assets[i]))
			if !in.matches(&view) {
				continue
			}
			if err := out.write(view); err != nil {
				return fmt.Errorf("send asset %s: %w", page.Assets[i].ID, err)
			}
		}
		if page.Next == "" {
			return out.end()
		}
		var err error
		if page, err = s.exportNext(stream.Context(), in, page.Next); err != nil {
			return fmt.Errorf("read the next page: %w", err)
		}
	}
}

func (s *Server) exportNext(ctx context.Context, in *exportInput, cursor string) (store.AssetPage, error) {
	ctx, cancel := context.WithTimeout(ctx, exportBudget)
	defer cancel()
	return s.store.Assets(ctx, in.query(exportPage, cursor))
}

// assetWriter writes assets in one format. Nothing is complete before end.
type assetWriter interface {
	write(a asset) error
	end() error
}

func newAssetWriter(format string, out io.Writer) assetWriter {
	switch format {
	case "csv":
		return &csvWriter{table: csv.NewWriter(out)}
	case "txt":
		return &textWriter{out}
	}
	return &jsonWriter{out: out}
}

type textWriter struct{ out io.Writer }

func (w *textWriter) write(a asset) error {
	_, err := io.WriteString(w.out, a.URL+"\n")
	return err
}

func (w *textWriter) end() error { return nil }

type jsonWriter struct {
	out   io.Writer
	begun bool
}

func (w *jsonWriter) write(a asset) error {
	before := ",\n"
	if !w.begun {
		before, w.begun = "{\"assets\":[\n", true
	}
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = w.out.Write(append([]byte(before), data...))
	return err
}

func (w *jsonWriter) end() error {
	text := "\n]}\n"
	if !w.begun {
		text = "{\"assets\":[]}\n"
	}
	_, err := io.WriteString(w.out, text)
	return err
}

type csvWriter struct {
	table *csv.Writer
	begun bool
}

func (w *csvWriter) begin() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.table.Write(csvColumns)
}

func (w *csvWriter) write(a asset) error {
	if err := w.begin(); err != nil {
		return err
	}
	cells := []string{a.URL, a.Name, strings.Join(a.Tags, " "), *a.Interval, *a.Timeout, strconv.FormatBool(*a.Enabled)}
	assertions, err := assertionsCell(a.Assertions)
	if err != nil {
		return err
	}
	for _, part := range []any{a.Request, a.Plugins, assertions, a.Retention, a.Alerts} {
		if text, is := part.(string); is {
			cells = append(cells, text)
			continue
		}
		data, err := json.Marshal(part)
		if err != nil {
			return err
		}
		if string(data) == "{}" {
			data = nil
		}
		cells = append(cells, string(data))
	}
	return w.table.Write(cells)
}

func (w *csvWriter) end() error {
	if err := w.begin(); err != nil { // an empty table has its first row, too
		return err
	}
	w.table.Flush()
	return w.table.Error()
}
