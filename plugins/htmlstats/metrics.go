package htmlstats

import (
	"fmt"
	"slices"
	"strings"

	"webmon/plugins"
)

// metric is the number of a metric: the fixed ones, then the counts of
// elements in the order of [plugins.Tag].
type metric int

const (
	pageBytes metric = iota
	textBytes
	words
	tags
	distinctTags
	depth
	links
	scripts
	inlineScriptBytes
	forms
	frames
	images
	stylesheets
	attributes
	comments
	hidden
	eventHandlers
	inlineStyles
	passwords

	firstTag
	numMetrics = firstTag + metric(plugins.NumTags)
)

// fixed describes the metrics that are not the count of one element.
var fixed = [firstTag]struct{ name, unit, doc, one, many string }{
	pageBytes:         {"page_bytes", "bytes", "Decoded body.", "byte of page", "bytes of page"},
	textBytes:         {"text_bytes", "bytes", "Visible text, white space collapsed.", "byte of text", "bytes of text"},
	words:             {"words_count", "count", "Words of the visible text.", "word", "words"},
	tags:              {"tags_count", "count", "Start tags of all elements.", "tag", "tags"},
	distinctTags:      {"distinct_tags_count", "count", "Different elements on the page.", "kind of element", "kinds of element"},
	depth:             {"depth_count", "count", "Deepest nesting of elements.", "level of nesting", "levels of nesting"},
	links:             {"links_count", "count", "Links with an address.", "link", "links"},
	scripts:           {"scripts_count", "count", "Script elements.", "script", "scripts"},
	inlineScriptBytes: {"inline_script_bytes", "bytes", "Code within script elements.", "byte of inline script", "bytes of inline script"},
	forms:             {"forms_count", "count", "Form elements.", "form", "forms"},
	frames:            {"frames_count", "count", "Elements iframe and frame.", "frame", "frames"},
	images:            {"images_count", "count", "Elements img.", "image", "images"},
	stylesheets:       {"stylesheets_count", "count", "Links to style sheets.", "style sheet", "style sheets"},
	attributes:        {"attributes_count", "count", "Attributes of all elements.", "attribute", "attributes"},
	comments:          {"comments_count", "count", "Comments.", "comment", "comments"},
	hidden:            {"hidden_count", "count", "Elements hidden by attribute or style, or moved off the screen.", "hidden element", "hidden elements"},
	eventHandlers:     {"event_handlers_count", "count", "Attributes that hold code, such as onclick.", "event handler", "event handlers"},
	inlineStyles:      {"inline_styles_count", "count", "Style attributes.", "style attribute", "style attributes"},
	passwords:         {"passwords_count", "count", "Inputs for a password.", "password input", "password inputs"},
}

// The metrics that depend on what is remembered, so that they have no place
// among the numbers of a page.
const (
	scoreName      = "score"
	structureName  = "structure_similarity_ratio"
	vocabularyName = "vocabulary_similarity_ratio"
	unchangedName  = "unchanged"
)

func (m metric) isTag() bool { return m >= firstTag }

func (m metric) tag() plugins.Tag { return plugins.Tag(m - firstTag) }

func tagMetric(name string) metric { return firstTag + metric(plugins.TagNamed(name)) }

// names holds every metric's name.
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
var byName = func() []metric {
	sorted := make([]metric, numMetrics)
	for i := range sorted {
		sorted[i] = metric(i)
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
	docs := []plugins.MetricDoc{
		{Name: scoreName, Unit: "points", Doc: "How far the page is from what is normal for it; 0 when it is what was learned. See the option profile."},
		{Name: structureName, Unit: "ratio", Doc: "How alike the nesting of elements is to that of the last normal version, 0 to 1."},
		{Name: vocabularyName, Unit: "ratio", Doc: "The share of words in common with the last normal version, estimated, 0 to 1."},
		{Name: unchangedName, Unit: "bool", Doc: "1 when the page is byte for byte the one that was looked at before, else 0."},
		{Name: "tag_<name>_count", Unit: "count", Doc: "Elements of that name; tag_other_count for all that HTML and SVG do not know. Left out when there never were any."},
	}
	for _, f := range fixed {
		docs = append(docs, plugins.MetricDoc{Name: f.name, Unit: f.unit, Doc: f.doc})
	}
	return docs
}

// amount says how much there is of a metric, as in "12 script tags".
func (m metric) amount(n int64) string {
	var one, many string
	if m.isTag() {
		name := m.tag().String()
		if m.tag() == plugins.OtherTag {
			name = "unknown"
		}
		one, many = name+" tag", name+" tags"
	} else {
		one, many = fixed[m].one, fixed[m].many
	}
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
