package dashboard

import "strings"

// entry is a line of the menu.
type entry struct {
	URL, Text string
	Here      bool // the page is of this part
}

// menu lists the parts of the dashboard.
func menu(path string) []entry {
	list := []entry{
		{URL: "/", Text: "Overview", Here: path == "/" || strings.HasPrefix(path, "/assets")},
		{URL: "/incidents", Text: "Incidents"},
		{URL: "/batches", Text: "Batches"},
		{URL: "/processes", Text: "Processes"},
		{URL: "/plugins", Text: "Plugins"},
		{URL: "/docs", Text: "API"},
	}
	for i := range list[1:] {
		e := &list[i+1]
		e.Here = path == e.URL || strings.HasPrefix(path, e.URL+"/")
	}
	return list
}
