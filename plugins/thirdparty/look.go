package thirdparty

import (
	"maps"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// The kinds of elements whose sites are watched.
const (
	scripts = iota
	frames
	forms
	numWatched
)

// The numbers that are taken of a page; the first are by watched kind.
const (
	imageSites = numWatched + iota
	styleSites
	missingIntegrity
	mixedActive
	mixedImages
	numCounts
)

const (
	maxSite = 253 // bytes; the longest name there can be
	maxList = 300 // bytes of a list of sites shown as a fact
)

// summary is what is shown of a page.
type summary struct {
	counts [numCounts]int
	lists  [numWatched]string // the sites, as a reader would list them
}

// pageKey tells pages apart: where one came from decides what is foreign.
func pageKey(body uint64, address string) uint64 { return body*31 + xxhash.Sum64String(address) }

func address(page *plugins.Page) string {
	if page.FinalURL != "" {
		return page.FinalURL
	}
	return page.URL
}

func hasScheme(address, scheme string) bool {
	address = strings.TrimSpace(address)
	return len(address) > len(scheme) && address[len(scheme)] == ':' && strings.EqualFold(address[:len(scheme)], scheme)
}

// look reads what is to be known of a page, and lists its foreign sites.
func look(page *plugins.Page) (s summary, seen [numWatched][]string) {
	outline, own, secure := page.Outline(), page.SiteOf("#"), hasScheme(address(page), "https")
	var found [missingIntegrity]map[string]bool
	for kind := range found {
		found[kind] = make(map[string]bool)
	}
	add := func(kind, mixed int, address string) (foreign bool) {
		if secure && hasScheme(address, "http") {
			s.counts[mixed]++
		}
		site := page.SiteOf(address)
		if site == "" || site == own || strings.HasSuffix(site, ":") {
			return false // its own, or an address such as data: that leads nowhere
		}
		found[kind][clip(site, maxSite)] = true
		return true
	}
	for _, script := range outline.Scripts {
		if !script.Inline && script.Src != "" && add(scripts, mixedActive, script.Src) && !script.Integrity {
			s.counts[missingIntegrity]++
		}
	}
	for _, style := range outline.Stylesheets {
		if add(styleSites, mixedActive, style.Href) && !style.Integrity {
			s.counts[missingIntegrity]++
		}
	}
	for _, frame := range outline.Frames {
		add(frames, mixedActive, frame.Src)
	}
	for _, form := range outline.Forms {
		add(forms, mixedActive, form.Action)
	}
	for _, image := range outline.Images {
		add(imageSites, mixedImages, image)
	}
	for kind, set := range found {
		s.counts[kind] = len(set)
		if kind < numWatched {
			seen[kind] = slices.Sorted(maps.Keys(set))
			s.lists[kind] = list(seen[kind])
		}
	}
	return s, seen
}

func (s summary) metrics() []plugins.Metric {
	return []plugins.Metric{
		{Name: "form_sites_count", Value: float64(s.counts[forms])},
		{Name: "frame_sites_count", Value: float64(s.counts[frames])},
		{Name: "image_sites_count", Value: float64(s.counts[imageSites])},
		{Name: "missing_integrity_count", Value: float64(s.counts[missingIntegrity])},
		{Name: "mixed_active_count", Value: float64(s.counts[mixedActive])},
		{Name: "mixed_images_count", Value: float64(s.counts[mixedImages])},
		{Name: "script_sites_count", Value: float64(s.counts[scripts])},
		{Name: "style_sites_count", Value: float64(s.counts[styleSites])},
	}
}

func (s summary) facts() map[string]string {
	var facts map[string]string
	for kind, name := range [numWatched]string{"script_sites", "frame_sites", "form_sites"} {
		if s.lists[kind] != "" {
			if facts == nil {
				facts = make(map[string]string, numWatched)
			}
			facts[name] = s.lists[kind]
		}
	}
	return facts
}

// list writes sites as in "a.example, b.example", and how many more there are.
func list(sites []string) string {
	var text strings.Builder
	for i, site := range sites {
		if i > 0 && text.Len()+len(site) > maxList {
			text.WriteString(" …")
			break
		}
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(site)
	}
	return text.String()
}

// clip cuts what is no name of a site anyway.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}
