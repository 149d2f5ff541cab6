package dashboard

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"

	"webmon/roles/api/client"
)

// importPage is the page of an import: the form, and what became of it.
type importPage struct {
	Text     string // what was written into the form
	Format   string
	Formats  []option
	Done     *client.Imported
	More     int // refused rows that are not shown
	Mistakes mistakes
}

var importFormats = []option{{Value: "", Text: "by the file's name, or text"}, {Value: "text/plain", Text: "text: one URL a line"}, {Value: "text/csv", Text: "CSV"}, {Value: "application/json", Text: "JSON"}}

const (
	// maxPasted is how much may be written into the form; files may be larger.
	maxPasted    = 1 << 20
	maxUpload    = 130 << 20 // the API takes files of 128 MiB
	shownRefused = 200
)

func showImport(v *visit) error { return v.importPage(http.StatusOK, importPage{}) }

func (v *visit) importPage(status int, p importPage) error {
	p.Formats = make([]option, len(importFormats))
	for i, f := range importFormats {
		f.Chosen = f.Value == p.Format
		p.Formats[i] = f
	}
	return v.show(status, "import", "Import assets", &p)
}

// importAssets hands a file, or what was written into the form, on to the API as
// it comes: a file may be larger than what is kept in memory.
func importAssets(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload)
	form, err := v.r.MultipartReader()
	if err != nil {
		return &client.Problem{Status: http.StatusBadRequest, Title: http.StatusText(http.StatusBadRequest), Detail: "this is not what the form of an import sends"}
	}
	p := importPage{}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return cutOff()
		}
		switch part.FormName() {
		case "format": // comes first
			if p.Format, err = readPart(part, 100); err != nil {
				return cutOff()
			}
		case "text":
			if p.Text, err = readPart(part, maxPasted+1); err != nil {
				return cutOff()
			}
			if len(p.Text) > maxPasted {
				p.Text = ""
				p.Mistakes.Text = "That is too long to be pasted: choose the file instead."
				return v.importPage(http.StatusRequestEntityTooLarge, p)
			}
			if strings.TrimSpace(p.Text) != "" {
				return v.imported(p, "", strings.NewReader(p.Text))
			}
		case "file": // comes last
			if part.FileName() != "" {
				return v.imported(p, part.FileName(), part)
			}
		}
	}
	p.Mistakes.Text = "There is nothing to import: paste a list, or choose a file."
	return v.importPage(http.StatusUnprocessableEntity, p)
}

func cutOff() error {
	return &client.Problem{Status: http.StatusBadRequest, Title: http.StatusText(http.StatusBadRequest), Detail: "the file did not arrive to its end: try again"}
}

func readPart(part *multipart.Part, most int64) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, most))
	return string(text), err
}

// imported has the API import a file, and shows what became of it.
func (v *visit) imported(p importPage, name string, file io.Reader) error {
	kind := p.Format
	if kind == "" {
		kind = kindOf(name)
	}
	done, err := v.api.Import(v.r.Context(), kind, file)
	if m, status, ok := mistakesOf(err); ok {
		p.Mistakes = m
		return v.importPage(status, p)
	}
	if err != nil {
		return err
	}
	if len(done.Refused) == 0 && done.Imported > 0 {
		return v.done("/", fmt.Sprintf("Imported %s.", plural(done.Imported, "asset")))
	}
	p.More = max(0, len(done.Refused)-shownRefused)
	done.Refused = done.Refused[:len(done.Refused)-p.More]
	p.Done = &done
	if p.Text == "" {
		p.Format = ""
	}
	return v.importPage(http.StatusOK, p)
}

// kindOf guesses what a file is by its name.
func kindOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return "text/csv"
	case ".json":
		return "application/json"
	}
	return "text/plain"
}

// export lets the API answer with all assets as a file.
func (d *Dashboard) export(w http.ResponseWriter, r *http.Request) {
	to := r.Clone(r.Context())
	to.URL.Path, to.URL.RawPath = "/assets/export", ""
	query := to.URL.Query()
	if query.Get("format") == "" {
		query.Set("format", "csv")
	}
	to.URL.RawQuery = query.Encode()
	d.passOn(w, to)
}
