package plugins

import (
	"slices"
	"strings"

	"webmon/plugins/assertion"
)

// unitSuffixes are the ends of metrics' names that assertions may leave out.
var unitSuffixes = map[string]string{
	"seconds": "_seconds", "bytes": "_bytes", "count": "_count", "ratio": "_ratio", "points": "_points",
	"timestamp": "_timestamp_seconds", "code": "_code",
}

// errorClasses are all that the error of a check can be.
var errorClasses = []string{
	"", string(ErrDNS), string(ErrRefused), string(ErrReset), string(ErrUnreachable), string(ErrTimeout), string(ErrTLS),
	string(ErrRedirects), string(ErrProtocol), string(ErrDecode), string(ErrForbidden), string(ErrRequest), string(ErrOther),
}

// What assertions know of a check beside what plugins measured.
const (
	pathStatus    = "status"
	pathURL       = "url"
	pathFinalURL  = "final_url"
	pathError     = "error"
	pathVerdict   = "verdict"
	pathRedirects = "redirects"
	pathBody      = "body"
	pathBodyBytes = "body_bytes"
	freeHeader    = "header"
)

// reserved are the words that no plugin may have as its name, because assertions
// or their report have them.
var reserved = []string{AssertionsName, freeHeader, "true", "false", "nil", "not", "and", "or", "in", "let"}

// newVocabulary is what assertions can be about: each metric and fact by its
// plugin's name and its own, metrics also without their unit. Where that is the
// name of something else, or of two metrics, it is left to the full names.
func newVocabulary(definitions []Definition) *assertion.Vocabulary {
	v := assertion.NewVocabulary()
	verdicts := make([]string, len(Verdicts[1:])) // a check always says something
	for i, verdict := range Verdicts[1:] {
		verdicts[i] = string(verdict)
	}
	for _, name := range []assertion.Name{
		{Path: pathStatus}, {Path: pathRedirects}, {Path: pathBodyBytes}, {Path: pathBody, Kind: assertion.Body},
		{Path: pathURL, Kind: assertion.Text}, {Path: pathFinalURL, Kind: assertion.Text},
		{Path: pathError, Kind: assertion.Text, Words: errorClasses}, {Path: pathVerdict, Kind: assertion.Text, Words: verdicts},
	} {
		v.Add(name)
	}
	v.AddFree(freeHeader)
	for _, d := range definitions {
		for _, f := range d.Facts {
			v.Add(assertion.Name{Path: d.Name + "." + f.Name, Kind: assertion.Text})
		}
		for _, m := range d.Metrics {
			if !strings.Contains(m.Name, "<") {
				v.Add(assertion.Name{Path: d.Name + "." + m.Name, Kind: kindOf(m)})
			}
		}
	}
	for _, d := range definitions {
		for _, m := range d.Metrics {
			path := d.Name + "." + m.Name
			short, shortened := strings.CutSuffix(path, unitSuffixes[m.Unit])
			switch {
			case strings.Contains(m.Name, "<") && shortened:
				v.AddFamily(assertion.Name{Path: path, Kind: kindOf(m)}, short)
			case strings.Contains(m.Name, "<"):
				v.AddFamily(assertion.Name{Path: path, Kind: kindOf(m)})
			case shortened && short != path:
				v.Also(short, path)
			}
			if m.Alias != "" {
				v.Also(d.Name+"."+m.Alias, path)
			}
		}
	}
	return v
}

func kindOf(m MetricDoc) assertion.Kind {
	if m.Unit == "bool" {
		return assertion.Truth
	}
	return assertion.Number
}

// source is where the value of a name comes from.
type source struct {
	path          string
	plugin, field string // of what a plugin measured; else empty
	header        string // name of a header field; else empty
	text          bool   // field is a fact
	zero          bool   // what a plugin that looked at the page does not tell is 0
}

func (r *Registry) source(name assertion.Name) source {
	s := source{path: name.Path}
	if _, header, free := assertion.FreeName(name.Path); free {
		s.header = header
		return s
	}
	plugin, field, below := strings.Cut(name.Path, ".")
	if !below {
		return s
	}
	s.plugin, s.field, s.text = plugin, field, name.Kind == assertion.Text
	i := slices.IndexFunc(r.definitions, func(d Definition) bool { return d.Name == plugin })
	exact := func(m MetricDoc) bool { return m.Name == field }
	count := func(m MetricDoc) bool { return m.Unit == "count" && m.Covers(field) }
	// Of a family of counts only what was ever seen is told.
	metrics := r.definitions[i].Metrics
	s.zero = !s.text && !slices.ContainsFunc(metrics, exact) && slices.ContainsFunc(metrics, count)
	return s
}
