package inject

import (
	"bytes"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/publicsuffix"
)

// anatomy is where things are in a page, as offsets into its bytes. A tree
// would lose them, and writing a tree anew would change more than the attack.
type anatomy struct {
	headEnd   int   // before </head>, or where the head should end
	bodyStart int   // after <body>
	bodyEnd   int   // before </body>
	breaks    []int // in the body, between blocks

	title   span   // the text of the page's title
	heading span   // what is in the first h1
	content span   // what is in the element that holds most of the text; empty if that is the body itself
	texts   []span // visible text outside of menus, headers and footers
	textLen int    // bytes of all of it

	site        string   // the page's own registrable domain; empty if it does not tell
	scriptHosts []string // of scripts with an absolute address, each once
	styleHosts  []string // likewise of style sheets
}

// span is a part of a page. The zero value stands for nothing.
type span struct{ start, end int }

func (s span) empty() bool { return s.start == s.end }

// within tells whether s is a part of other.
func (s span) within(other span) bool { return other.start <= s.start && s.end <= other.end }

// somewhere chooses a place in the body: its start, its end, or between two
// blocks.
func (a *anatomy) somewhere(r *rand.Rand) int {
	switch n := r.IntN(6); {
	case n == 0:
		return a.bodyStart
	case n == 1 || len(a.breaks) == 0:
		return a.bodyEnd
	}
	return a.breaks[r.IntN(len(a.breaks))]
}

// top chooses a place near the start of the body.
func (a *anatomy) top(r *rand.Rand) int {
	if early := len(a.breaks) / 10; early > 0 && r.IntN(3) == 0 {
		return a.breaks[r.IntN(early)]
	}
	return a.bodyStart
}

// codePlace chooses a place where scripts are put: in the head, at the end, or
// anywhere.
func (a *anatomy) codePlace(r *rand.Rand) int {
	switch r.IntN(3) {
	case 0:
		return a.headEnd
	case 1:
		return a.bodyEnd
	}
	return a.somewhere(r)
}

// Elements by what they mean for a survey.
var (
	voids  = setOf("area base br col embed hr img input link meta param source track wbr")
	blocks = setOf("p div section article header footer nav main aside ul ol table form h1 h2 h3 h4 figure blockquote")
	// closed ones are not to be looked into: what is put there is no part of the page.
	closed = setOf("svg math template select object noscript iframe textarea")
	menus  = setOf("nav header footer aside menu button label")
	boxes  = setOf("main article section div td center")
)

func setOf(names string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// element is one that is open while a page is surveyed.
type element struct {
	name  string
	inner int // where its content starts
	text  int // bytes of visible text before it
}

// survey is the state while a page is read.
type survey struct {
	anatomy
	open    []element
	closed  int // how many open elements are closed ones
	menus   int
	visible int // bytes of visible text so far
	boxes   []box
	head    span // from <head> to </head>
	hasBody bool
}

type box struct {
	inner span
	text  int // bytes of visible text in it
}

// read surveys a page.
func read(body []byte) anatomy {
	s := survey{}
	s.bodyEnd = -1
	z := html.NewTokenizer(bytes.NewReader(body))
	for at := 0; ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		place := span{at, at + len(z.Raw())}
		at = place.end
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			s.start(z.Token(), place)
		case html.EndTagToken:
			name, _ := z.TagName()
			s.end(string(name), place)
		case html.TextToken:
			s.text(z.Raw(), place)
		}
	}
	s.finish(len(body))
	return s.anatomy
}

func (s *survey) start(token html.Token, place span) {
	name := token.Data
	switch name {
	case "head":
		s.head.start = place.end
	case "body":
		if !s.hasBody {
			s.hasBody, s.bodyStart = true, place.end
		}
	case "script", "link", "meta", "base":
		s.reference(token)
	}
	if voids[name] || token.Type == html.SelfClosingTagToken && s.closed > 0 {
		return
	}
	s.open = append(s.open, element{name: name, inner: place.end, text: s.visible})
	s.count(name, 1)
}

func (s *survey) count(name string, by int) {
	if closed[name] {
		s.closed += by
	}
	if menus[name] {
		s.menus += by
	}
}

// end closes the innermost element of that name, and with it those in it that
// were never closed. An end tag that closes nothing is passed over.
func (s *survey) end(name string, place span) {
	switch name {
	case "head":
		s.head.end = place.start
	case "body":
		s.bodyEnd = place.start
	}
	i := len(s.open) - 1
	for i >= 0 && s.open[i].name != name {
		i--
	}
	if i < 0 {
		return
	}
	for _, e := range s.open[i:] {
		s.count(e.name, -1)
	}
	e := s.open[i]
	s.open = s.open[:i]
	inner := span{e.inner, place.start}
	if s.closed > 0 {
		return
	}
	switch {
	case name == "title" && s.title.empty():
		s.title = inner
	case name == "h1" && s.heading.empty():
		s.heading = inner
	}
	if boxes[name] {
		s.boxes = append(s.boxes, box{inner, s.visible - e.text})
	}
	if blocks[name] && (s.hasBody || s.head.end > 0) {
		s.breaks = append(s.breaks, place.end)
	}
}

func (s *survey) text(raw []byte, place span) {
	size := len(bytes.TrimSpace(raw))
	if size == 0 || s.closed > 0 {
		return
	}
	if i := len(s.open) - 1; i >= 0 {
		switch s.open[i].name {
		case "script", "style", "title", "head":
			return
		}
	}
	s.visible += size
	if s.menus == 0 {
		s.texts = append(s.texts, place)
		s.textLen += size
	}
}

// reference notes which hosts a page refers to.
func (s *survey) reference(token html.Token) {
	value := func(key string) string {
		for _, a := range token.Attr {
			if a.Key == key {
				return strings.TrimSpace(a.Val)
			}
		}
		return ""
	}
	rel := strings.ToLower(value("rel"))
	switch {
	case token.Data == "script":
		s.scriptHosts = appendHost(s.scriptHosts, value("src"))
	case token.Data == "link" && rel == "stylesheet":
		s.styleHosts = appendHost(s.styleHosts, value("href"))
	case s.site != "":
	case token.Data == "link" && rel == "canonical", token.Data == "base":
		s.site = siteOf(hostOf(value("href")))
	case token.Data == "meta" && value("property") == "og:url":
		s.site = siteOf(hostOf(value("content")))
	}
}

func appendHost(hosts []string, address string) []string {
	host := hostOf(address)
	if host == "" || slices.Contains(hosts, host) {
		return hosts
	}
	return append(hosts, host)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// siteOf is the registrable domain of a host, or the host if it has none.
func siteOf(host string) string {
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// finish settles what is known only at the end of a page of that size.
func (s *survey) finish(size int) {
	if !s.hasBody {
		s.bodyStart = s.head.end
	}
	if s.bodyEnd < s.bodyStart {
		s.bodyEnd = size
	}
	s.headEnd = s.head.end
	if s.headEnd == 0 {
		s.headEnd = s.bodyStart
	}
	s.breaks = slices.DeleteFunc(s.breaks, func(at int) bool { return at < s.bodyStart || at > s.bodyEnd })
	// The innermost box with most of the text: later boxes close later, so the
	// first that is large enough is the innermost.
	for _, b := range s.boxes {
		if s.visible > 0 && float64(b.text) >= 0.6*float64(s.visible) {
			s.content = b.inner
			break
		}
	}
}
