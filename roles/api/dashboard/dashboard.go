package dashboard

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"

	"webmon/roles/api/client"
)

// Options says what a dashboard shows. API is required.
type Options struct {
	// API is the handler of the API, which everything is asked of.
	API http.Handler
	// Public says what everybody may see. PublicAPI is the handler of the API
	// that answers reads without a token; it is required with Public.Tags.
	Public    Public
	PublicAPI http.Handler
	// Version is webmon's, shown at the foot of the pages.
	Version string
	Logger  *slog.Logger
}

// Dashboard serves the pages. Make one with [New].
type Dashboard struct {
	api     http.Handler
	version string
	log     *slog.Logger
	mux     *http.ServeMux
	pages   map[string]*template.Template
	static  *staticFiles
}

// New makes a dashboard.
func New(opts Options) (*Dashboard, error) {
	switch {
	case opts.API == nil:
		return nil, errors.New("dashboard: API is missing")
	case opts.PublicAPI == nil && len(opts.Public.Tags) > 0:
		return nil, errors.New("dashboard: PublicAPI is missing")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	pages, err := parsePages()
	if err != nil {
		return nil, err
	}
	static, err := readStatic()
	if err != nil {
		return nil, err
	}
	d := &Dashboard{api: opts.API, version: opts.Version, log: opts.Logger, mux: http.NewServeMux(), pages: pages, static: static}
	d.routes()
	if len(opts.Public.Tags) > 0 {
		newStatus(d, opts.Public, opts.PublicAPI).routes(d.mux)
	}
	return d, nil
}

// routes lists every page. What changes something is a POST, which answers with
// a redirect to a page that shows it.
func (d *Dashboard) routes() {
	d.mux.Handle("GET "+staticPath, d.static)
	page := func(pattern string, show func(*visit) error) { d.mux.HandleFunc(pattern, d.visited(show)) }

	d.mux.HandleFunc("GET /login", d.loginPage)
	d.mux.HandleFunc("POST /login", d.login)
	d.mux.HandleFunc("POST /logout", d.logout)

	page("GET /{$}", showOverview)
	page("GET /assets", showOverview)
	page("POST /assets", addAsset)
	page("GET /assets/new", forWriters(showNewAsset))
	page("POST /assets/selected", actOnSelected)
	page("POST /assets/check", checkMany)

	page("GET /assets/{id}", showAsset)
	page("GET /assets/{id}/results", showResults)
	page("GET /assets/{id}/results/{at}", showResult)
	page("POST /assets/{id}/check", checkAsset)
	page("POST /assets/{id}/pause", enabledAsset(false))
	page("POST /assets/{id}/resume", enabledAsset(true))
	for _, action := range []string{"accept", "never", "reset"} {
		page("POST /assets/{id}/"+action, decided(action))
	}
	page("GET /assets/{id}/edit", forWriters(showEdit))
	page("POST /assets/{id}/edit", saveEdit)
	page("GET /assets/{id}/delete", forWriters(showDelete))
	page("POST /assets/{id}/delete", deleteAsset)
	d.mux.HandleFunc("GET /assets/{id}/chart.svg", d.passOn)
	d.mux.HandleFunc("GET /assets/{id}/badge.svg", d.passOn)

	page("GET /assets/{id}/metrics", showMetrics)

	page("GET /import", forWriters(showImport))
	page("POST "+ImportPath, importAssets)
	d.mux.HandleFunc("GET /export", d.export)
	d.mux.HandleFunc("GET /events", d.passOn)

	page("GET /incidents", showIncidents)
	page("GET /incidents/{id}", showIncident)
	page("POST /incidents/{id}/acknowledge", acknowledgeIncident)
	page("POST /incidents/{id}/close", closeIncident)
	page("GET /batches", showBatches)
	page("GET /batches/{id}", showBatch)
	page("POST /batches/{id}/cancel", cancelBatch)
	page("GET /processes", showProcesses)
	page("POST /snapshots", takeSnapshot)
	page("GET /plugins", showPlugins)

	for _, below := range []string{"/assets/", "/batches/", "/incidents/"} {
		d.mux.HandleFunc(below, d.visited(noPage))
	}
}

// ImportPath is where files are sent that may be larger than other forms.
const ImportPath = "/import"

// Pattern tells which page a request is for; empty when it is for none.
func (d *Dashboard) Pattern(r *http.Request) string {
	_, pattern := d.mux.Handler(r)
	return pattern
}

// ServeHTTP implements http.Handler.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	// With no-referrer, browsers would say of a form that it comes from nowhere.
	h.Set("Referrer-Policy", "same-origin")
	d.mux.ServeHTTP(w, r)
}

// pagePolicy lets a page load what webmon itself serves, and nothing else; there
// are no scripts and no styles in the pages themselves.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func noPage(*visit) error {
	return &client.Problem{Status: http.StatusNotFound, Title: http.StatusText(http.StatusNotFound), Detail: "There is no such page."}
}
