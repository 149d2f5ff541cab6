package htmlstats

import (
	"slices"
	"strings"

	"webmon/plugins"
)

// rule says what something new of a kind is worth.
type rule struct {
	code      string
	metric    metric // that the kind is about
	points    float64
	rare      float64 // the page's own rate of such news below which it counts
	adoptable bool    // it does not bear on security
	message   string  // with %s for what is new
}

// A page that never brought news of a kind has a rate near nothing. Foreign
// code and forms are so grave that they count on pages that have done it, too.
const (
	rareRate     = 0.0075
	uncommonRate = 0.03
	unusualRate  = 0.05
	noveltyAfter = 2   // checks learned before news are judged
	grave        = 4.5 // points that alarm by themselves in every profile

	// anotherOfService is what one script more of a widespread service is worth:
	// it loads what it needs, which is no alarm, but seldom around the very same
	// words, which is one.
	anotherOfService = 1.6
)

var rules = [numKinds]rule{
	scriptSites:     {"new_script_host", scripts, grave, unusualRate, false, "Scripts from %s, a host this page has never used."},
	frameSites:      {"new_frame_host", frames, grave, unusualRate, false, "A frame from %s, which this page has never shown."},
	formSites:       {"new_form_target", forms, grave, unusualRate, false, "A form sends what is entered to %s, where this page has never sent anything."},
	imageSites:      {"new_image_host", images, 1.5, rareRate, true, "Images from %s, which this page has never used."},
	styleSites:      {"new_style_host", stylesheets, 1.6, rareRate, true, "A style sheet from %s, which this page has never used."},
	linkSites:       {"new_link_host", links, 0.5, rareRate, true, "Links to %s, where this page has never led."},
	redirectSites:   {"new_redirect", pageBytes, grave, unusualRate, false, "The page leads on to %s, or takes its addresses from there; it never did."},
	passwordForms:   {"new_password_form", passwords, grave, unusualRate, false, "A form asks for a password and sends it to %s; this page never asked for one."},
	ownPasswords:    {"new_password_form", passwords, 2, unusualRate, true, "A form asks for a password and sends it to %s; this page never asked for one."},
	hiddenFrames:    {"new_hidden_frame", frames, grave, rareRate, false, "A hidden frame from %s, which this page has never had."},
	scriptURLs:      {"new_script", scripts, 1.5, rareRate, true, "The script %s is new."},
	ownScripts:      {"new_own_script", scripts, 0.5, rareRate, true, "The page's own script %s is new."},
	inlineScripts:   {"new_inline_script", inlineScriptBytes, 1.5, rareRate, true, "New code is written into the page."},
	codeSites:       {"new_host_in_code", inlineScriptBytes, 1.3, unusualRate, true, "New code in the page names %s, with which this page has never had to do."},
	strangeCode:     {"strange_script", inlineScriptBytes, 3, uncommonRate, false, "New code in the page looks as if it hid what it does: it %s."},
	strangeSigns:    {"new_trick", inlineScriptBytes, 3, unusualRate, false, "Code in the page hides what it does in a way that is new here: it %s."},
	titles:          {"new_title", tagMetric("title"), 1, rareRate, true, "The title is new: %s."},
	headings:        {"new_heading", tagMetric("h1"), 0.5, rareRate, true, "The main heading is new: %s."},
	otherTitles:     {"other_title", tagMetric("title"), 3, unusualRate, true, "The title has no word in common with those before: %s."},
	otherHeadings:   {"other_heading", tagMetric("h1"), 1, unusualRate, true, "The main heading has no word in common with those before: %s."},
	firstWords:      {"new_first_words", words, 1, rareRate, true, "The page begins with other words: %s."},
	languages:       {"new_language", words, 1, rareRate, true, "The page says that its language is %s, for the first time."},
	defacedTerms:    {"defacement_words", words, grave, 1, false, "The text says what intruders write: %s."},
	suspiciousTerms: {"suspicious_words", words, 1.5, unusualRate, true, "The text has words that it never had: %s."},
	errorTerms:      {"error_words", words, 2, unusualRate, true, "The text has an error message that it never had: %s."},
	linkBursts:      {"link_burst", links, 3, unusualRate, true, "%s at once to sites where this page has never led."},
	silentChanges:   {"silent_change", tags, 1.4, uncommonRate, true, "%s around the very same words; this page never changes so."},
	silentShow:      {"silent_picture", images, 1.5, uncommonRate, true, "%s without a word more; this page never changes so."},
	openings:        {"new_opening", tags, 1.5, uncommonRate, true, "The page begins with other elements: %s."},
	overlays:        {"new_overlay", inlineStyles, 2, unusualRate, true, "Something lies over the page, in a way that is new here: %s."},
	endings:         {"cut_short", tags, 3, unusualRate, true, "The page breaks off: it ends within %s, as it never did."},
	pathSet:         {"new_nesting", tags, 0.5, rareRate, true, "Elements are nested as never before: %s."},
	serviceSites:    {"new_service", scripts, 1.5, rareRate, true, "The page has scripts or frames of %s, a widespread service that it has never used."},
	ownHiddenFrames: {"new_hidden_frame", frames, 1.5, rareRate, true, "A hidden frame from %s, which this page has never had."},
	addedScripts:    {"added_script", scripts, 3, uncommonRate, true, "A script was added, and all others are the same: %s."},
	loadedSites:     {"new_loader", inlineScriptBytes, 3, unusualRate, false, "New code in the page loads something from %s, with which this page has never had to do."},
	putBefore:       {"put_before", words, 2.25, uncommonRate, true, "Before the words that the page used to begin with stands: %s."},
	spamTerms:       {"spam_words", words, 1, unusualRate, true, "The text praises what spam praises: %s."},
}

// news is what a version has of a kind that was never seen.
type news struct {
	kind   kind
	items  set
	points float64
}

// noveltyRate is how likely the page is to bring such news by itself. Of the
// gravest kinds, once is no habit, however few the versions.
func (m *memory) noveltyRate(k kind) float64 {
	changes := m.sets[k].changes
	if changes == 1 && rules[k].points >= grave {
		changes = 0
	}
	return (float64(changes) + 0.1) / (float64(m.versions) + 15.1)
}

// novelties lists what is new, and what it is worth in view of how often this
// page brings such news.
func (m *memory) novelties(v *version) (all []news) {
	if m.checks < noveltyAfter || !m.htmlLearned || !v.isHTML {
		return nil
	}
	for k := range numKinds {
		items := m.sets[k].news(k, v.sets[k])
		if k <= redirectSites && k != linkSites {
			items = slices.DeleteFunc(items, func(it item) bool { return m.sets[homeSites].has(it.hash) })
		}
		if k == scriptURLs || k == addedScripts {
			items = slices.DeleteFunc(items, func(it item) bool {
				return m.isHome(v, it) || m.sets[scriptURLs].has(it.hash) || m.sets[serviceScripts].has(it.hash)
			})
		}
		if k == scriptURLs && !m.sets[serviceSites].has(hashOf(tagManager)) {
			// The first container comes with the service.
			items = slices.DeleteFunc(items, func(it item) bool { return strings.Contains(it.name, containerMark) })
		}
		if len(items) == 0 {
			continue
		}
		n := news{kind: k, items: items}
		if m.noveltyRate(k) < rules[k].rare {
			n.points = rules[k].points
		}
		switch k {
		case linkSites:
			n.points *= float64(min(len(items), 6))
		case spamTerms, suspiciousTerms:
			n.points *= float64(min(len(items), 3))
		case endings:
			if v.closed {
				n.points = 0
			}
		case addedScripts:
			if slices.Contains(v.sets[serviceScripts], items[0]) {
				n.points = min(n.points, anotherOfService)
			}
		case putBefore:
			if !v.onlyPut {
				n.points /= 2 // editors change other things, too
			}
		case openings:
			if !m.sameText(v) {
				n.points /= 2 // editors change what stands there, and its elements
			}
		case strangeCode:
			if !slices.ContainsFunc(items, func(it item) bool { return it.name != weakSign }) {
				n.points = min(n.points, 2)
			}
		}
		all = append(all, n)
	}
	for because, kinds := range causes {
		if slices.ContainsFunc(all, func(n news) bool { return n.kind == because && n.points > 0 }) {
			for i := range all {
				if slices.Contains(kinds, all[i].kind) {
					all[i].points = 0
				}
			}
		}
	}
	return all
}

// causes says what one thing brings along, so that it is not another reason:
// new elements at the top have words of their own, those around the same words a
// nesting, and a service has some lines of code to start it.
var causes = map[kind][]kind{
	scriptSites:   {addedScripts},
	titles:        {headings},
	openings:      {firstWords},
	putBefore:     {firstWords},
	loadedSites:   {codeSites},
	silentChanges: {pathSet, ownScripts},
	serviceSites:  {inlineScripts, addedScripts, silentShow, pathSet},
}

// compareWithNormal fills the sets that only exist in view of what came before.
func (m *memory) compareWithNormal(v *version) {
	normal := m.normal()
	burst := 0
	for _, it := range m.sets[linkSites].news(linkSites, v.sets[linkSites]) {
		burst += v.linksTo[it.hash]
	}
	// New places for the old links are no burst.
	if burst >= burstLength && (normal == nil || v.numbers[links]-normal.numbers[links] >= burstLength) {
		v.sets[linkBursts] = set{{v.sets[linkSites][0].hash ^ uint32(burst), links.amount(int64(burst))}}
	}
	m.compareTitles(v)
	m.compareCode(v)
	m.compareScripts(v)
	m.compareBeginning(v)
	if !m.sameText(v) {
		return
	}
	if more := v.numbers[tags] - normal.numbers[tags]; more > 0 {
		v.sets[silentChanges] = set{normal.silent(tags, more)}
	}
	for _, shown := range visibleMetrics {
		if more := v.numbers[shown] - normal.numbers[shown]; more > 0 {
			v.sets[silentShow] = set{normal.silent(shown, more)}
			break
		}
	}
}

// silent is an item for more of something around the same words. It is the same
// one as long as the page stays so, and another one the next time.
func (n *normal) silent(what metric, more int64) item {
	return item{uint32(n.hash), what.amount(more) + " more"}
}

// sameText tells whether a version has the very words of the last normal one.
func (m *memory) sameText(v *version) bool {
	normal := m.normal()
	return normal != nil && v.numbers[textBytes] == normal.numbers[textBytes] && v.outline.Simhash == normal.simhash
}

// visibleMetrics count what shows without words.
var visibleMetrics = []metric{images, tagMetric("svg"), tagMetric("picture"), tagMetric("video"), tagMetric("canvas"), inlineStyles}

// burstLength is how many links to new sites are too many at once.
const burstLength = 6

// severity of a finding of this kind.
func (r rule) severity() plugins.Severity {
	if r.adoptable {
		return plugins.Warning
	}
	return plugins.Critical
}
