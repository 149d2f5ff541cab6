package htmlstats

import (
	"fmt"
	"slices"
	"strings"

	"webmon/plugins"
)

// metric is the number of a metric. Numbers below numTracked are remembered
// with each asset and never change.
type metric int

const (
	pageBytes metric = iota
	textBytes
	links
	stylesheets
	inlineScriptBytes
	depth

	firstTag   metric = 16 // the counts of elements, in the order of plugins.Tag
	numTracked        = firstTag + metric(plugins.NumTags)
)

// The metrics from here on follow from others, so they are reported but
// neither remembered nor judged.
const (
	tags metric = numTracked + iota
	scripts
	forms
	frames
	images

	numMetrics
)

// fixed describes the metrics that are not the count of one element.
var fixed = map[metric]struct{ name, unit, doc, one, many string }{
	pageBytes:         {"page_bytes", "bytes", "Decoded body.", "byte of page", "bytes of page"},
	textBytes:         {"text_bytes", "bytes", "Visible text, white space collapsed.", "byte of text", "bytes of text"},
	links:             {"links_count", "count", "Links with an address.", "link", "links"},
	stylesheets:       {"stylesheets_count", "count", "Links to style sheets.", "style sheet", "style sheets"},
	inlineScriptBytes: {"inline_script_bytes", "bytes", "Code within script elements.", "byte of inline script", "bytes of inline script"},
	depth:             {"depth_count", "count", "Deepest nesting of elements.", "level of nesting", "levels of nesting"},
	tags:              {"tags_count", "count", "Start tags of all elements.", "tag", "tags"},
	scripts:           {"scripts_count", "count", "Script elements.", "script", "scripts"},
	forms:             {"forms_count", "count", "Form elements.", "form", "forms"},
	frames:            {"frames_count", "count", "Elements iframe and frame.", "frame", "frames"},
	images:            {"images_count", "count", "Elements img.", "image", "images"},
}

func (m metric) isTag() bool { return m >= firstTag && m < numTracked }

func (m metric) tag() plugins.Tag { return plugins.Tag(m - firstTag) }

// names holds every metric's name; the numbers between the fixed metrics and
// the tags are free, and have none.
var names = func() (names [numMetrics]string) {
	for m := range numMetrics {
		if m.isTag() {
			names[m] = "tag_" + m.tag().String() + "_count"
		} else {
			names[m] = fixed[m].name
		}
	}
	return names
}()

// byName lists every metric in the order of the names.
var byName = func() (sorted []metric) {
	for m := range numMetrics {
		if names[m] != "" {
			sorted = append(sorted, m)
		}
	}
	slices.SortFunc(sorted, func(a, b metric) int { return strings.Compare(names[a], names[b]) })
	return sorted
}()

func metricNamed(name string) (m metric, ok bool) {
	i, ok := slices.BinarySearchFunc(byName, name, func(m metric, name string) int { return strings.Compare(names[m], name) })
	if !ok {
		return 0, false
	}
	return byName[i], true
}

func metricDocs() []plugins.MetricDoc {
	docs := []plugins.MetricDoc{{
		Name: "tag_<name>_count", Unit: "count",
		Doc: "Elements of that name; tag_other_count for all that HTML and SVG do not know. Left out when there never were any.",
	}}
	for _, m := range byName {
		if !m.isTag() {
			docs = append(docs, plugins.MetricDoc{Name: names[m], Unit: fixed[m].unit, Doc: fixed[m].doc})
		}
	}
	return docs
}

// amount says how much there is of a metric, as in "12 script tags".
func (m metric) amount(n int64) string {
	one, many := fixed[m].one, fixed[m].many
	if m.isTag() {
		name := m.tag().String()
		if m.tag() == plugins.OtherTag {
			name = "unknown"
		}
		one, many = name+" tag", name+" tags"
	}
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// version is one state of a page, in numbers.
type version struct {
	isHTML bool // else only pageBytes is measured
	values [numMetrics]int64
}

// measure fills v with the numbers of a page.
func measure(page *plugins.Page, isHTML bool, v *version) {
	*v = version{isHTML: isHTML}
	v.values[pageBytes] = int64(len(page.Body))
	if !isHTML {
		return
	}
	outline := page.Outline()
	v.values[textBytes] = int64(len(outline.Text))
	v.values[links] = int64(outline.Counts.Links)
	v.values[stylesheets] = int64(outline.Counts.Stylesheets)
	v.values[inlineScriptBytes] = int64(outline.InlineScriptBytes)
	v.values[depth] = int64(outline.Depth)
	for tag, count := range outline.Tags {
		v.values[firstTag+metric(tag)] = int64(count)
	}
	v.derive()
}

var (
	scriptTag = firstTag + metric(plugins.TagNamed("script"))
	formTag   = firstTag + metric(plugins.TagNamed("form"))
	iframeTag = firstTag + metric(plugins.TagNamed("iframe"))
	frameTag  = firstTag + metric(plugins.TagNamed("frame"))
	imgTag    = firstTag + metric(plugins.TagNamed("img"))
)

// derive fills in the metrics that follow from others.
func (v *version) derive() {
	v.values[tags] = 0
	for m := firstTag; m < numTracked; m++ {
		v.values[tags] += v.values[m]
	}
	v.values[scripts] = v.values[scriptTag]
	v.values[forms] = v.values[formTag]
	v.values[frames] = v.values[iframeTag] + v.values[frameTag]
	v.values[images] = v.values[imgTag]
}

// measures tells whether m is measured on v.
func (v *version) measures(m metric) bool { return v.isHTML || m == pageBytes }

// reportMetrics lists what was measured, sorted by name. An element that is in
// no window and not on the page is left out.
func reportMetrics(m *memory, now *version) []plugins.Metric {
	count := 0
	for _, id := range byName {
		if reported(m, now, id) {
			count++
		}
	}
	metrics := make([]plugins.Metric, 0, count)
	for _, id := range byName {
		if reported(m, now, id) {
			metrics = append(metrics, plugins.Metric{Name: names[id], Value: float64(now.values[id])})
		}
	}
	return metrics
}

func reported(m *memory, now *version, id metric) bool {
	return now.measures(id) && (!id.isTag() || now.values[id] > 0 || len(m.windows[id]) > 0)
}
