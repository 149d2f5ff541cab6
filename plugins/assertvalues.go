package plugins

import (
	"cmp"
	"slices"
	"strings"

	"webmon/plugins/assertion"
)

// maxAsserted is how much of a text assertions look at, in bytes: it bounds what
// regular expressions cost.
const maxAsserted = 4 << 10

// of gives what is known of a page that was just looked at.
func (as *asserted) of(page *Page, reports []Report, verdict Verdict) assertion.Values {
	values := make(assertion.Values, len(as.sources))
	answered := page.Err == nil && page.Status != 0
	for _, s := range as.sources {
		switch {
		case s.plugin != "":
			s.measured(values, reports)
		case s.path == pathVerdict:
			values[s.path] = string(verdict)
		case s.path == pathURL:
			values[s.path] = cut(page.URL)
		case s.path == pathError:
			values[s.path] = ""
			if !answered {
				values[s.path] = string(cmp.Or(page.ErrClass, ErrOther))
			}
		case s.path == pathRedirects:
			values[s.path] = float64(len(page.Redirects))
		case !answered: // nothing else is known
		case s.path == pathStatus:
			values[s.path] = float64(page.Status)
		case s.path == pathFinalURL:
			values[s.path] = cut(cmp.Or(page.FinalURL, page.URL))
		case s.path == pathBodyBytes:
			values[s.path] = float64(len(page.Body))
		case s.path == pathBody:
			values[s.path] = assertion.Content{Bytes: page.Body, Truncated: page.Truncated}
		case s.header != "":
			values[s.path] = cut(strings.Join(page.Header.Values(s.header), ", "))
		}
	}
	return values
}

// stored are the names of what plugins report that says the same of a check as
// one of the page's own, when the page is gone.
var stored = map[string]source{
	pathStatus: {field: "status_code"}, pathRedirects: {field: "redirects_count"}, pathBodyBytes: {field: "body_bytes"},
	pathError: {field: "error_class", text: true},
}

// kept tells whether a result that is stored has what an assertion is about. The
// body, the header fields and the addresses are not kept.
func kept(a *assertion.Assertion) bool {
	return !slices.ContainsFunc(a.Names(), func(name assertion.Name) bool {
		_, _, free := assertion.FreeName(name.Path)
		return free || name.Path == pathBody || name.Path == pathURL || name.Path == pathFinalURL
	})
}

// ofStored gives what is known of a check by its reports.
func (as *asserted) ofStored(reports []Report, verdict Verdict) assertion.Values {
	values := make(assertion.Values, len(as.sources))
	for _, s := range as.sources {
		switch from, same := stored[s.path]; {
		case s.plugin != "":
			s.measured(values, reports)
		case s.path == pathVerdict:
			values[s.path] = string(verdict)
		case same:
			for i := range reports {
				if value, ok := reports[i].metric(from.field); ok && !from.text {
					values[s.path] = value
				}
			}
			if from.text {
				values[s.path] = errorOf(reports)
			}
		}
	}
	return values
}

// errorOf is the class of the error of a check; empty when it had none.
func errorOf(reports []Report) string {
	for i := range reports {
		if class := reports[i].Facts[stored[pathError].field]; class != "" {
			return class
		}
	}
	return ""
}

// measured adds what a plugin measured. A text that it does not give is empty,
// if it looked at the page at all.
func (s *source) measured(values assertion.Values, reports []Report) {
	i := slices.IndexFunc(reports, func(r Report) bool { return r.Plugin == s.plugin })
	if i < 0 || reports[i].Error != "" || len(reports[i].Metrics)+len(reports[i].Facts) == 0 {
		return
	}
	if s.text {
		values[s.path] = cut(reports[i].Facts[s.field])
		return
	}
	if value, ok := reports[i].metric(s.field); ok {
		values[s.path] = value
	} else if s.zero {
		values[s.path] = float64(0)
	}
}

func cut(text string) string { return text[:min(len(text), maxAsserted)] }
