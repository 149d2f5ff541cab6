package dashboard

import (
	"errors"
	"net/http"
	"strings"

	"webmon/roles/api/client"
)

// mistakes is what the API finds wrong with a form.
type mistakes struct {
	Text string            // what is wrong in general
	Of   map[string]string // what is wrong with single fields
}

// mistakesOf reads a problem that a person can mend in the form; ok is false for
// all others. fields are the names of the form's fields: what is wrong with
// anything else is said in general.
func mistakesOf(err error, fields ...string) (m mistakes, status int, ok bool) {
	var p *client.Problem
	if !errors.As(err, &p) {
		return m, 0, false
	}
	switch p.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
	default:
		return m, 0, false
	}
	m.Of = map[string]string{}
	var general []string
	for _, e := range p.Errors {
		place := strings.TrimPrefix(e.Location, "body.")
		name := fieldOf(place, fields)
		if name == "" {
			general = append(general, strings.TrimPrefix(place+": "+e.Message, ": "))
			continue
		}
		text := sentence(e.Message)
		if place != name { // a part of it
			text = place + ": " + fullStop(e.Message)
		}
		m.Of[name] = strings.TrimSpace(m.Of[name] + " " + text)
	}
	switch {
	case len(general) > 0:
		m.Text = fullStop(strings.Join(general, "; "))
	case len(p.Errors) == 0:
		m.Text = sentence(p.Detail)
	default:
		m.Text = "Nothing was saved: see below what is wrong."
	}
	return m, p.Status, true
}

// fieldOf finds the field that a place such as tags[2] or plugins.content is in.
func fieldOf(place string, fields []string) string {
	for _, f := range fields {
		if rest, found := strings.CutPrefix(place, f); found && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return f
		}
	}
	return ""
}

// reason is a problem in one sentence or two.
func reason(p *client.Problem) string {
	text := sentence(p.Detail)
	for _, e := range p.Errors {
		text += " " + sentence(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(e.Location, "body"), ".")+" "+e.Message))
	}
	return text
}
