package dashboard

import (
	"embed"
	"fmt"
	"html/template"
	"path"
	"strings"
	"sync"
)

//go:embed templates/*.html
var templateFS embed.FS

// parsePages parses the templates, once a process. Files whose names begin with
// an underscore are parts that every page may use.
var parsePages = sync.OnceValues(func() (map[string]*template.Template, error) {
	parts, err := template.New("").Funcs(functions).ParseFS(templateFS, "templates/_*.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	names, err := templateFS.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, entry := range names {
		if strings.HasPrefix(entry.Name(), "_") {
			continue
		}
		page, err := parts.Clone()
		if err == nil {
			page, err = page.ParseFS(templateFS, "templates/"+entry.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("dashboard: %w", err)
		}
		pages[strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))] = page
	}
	return pages, nil
})
