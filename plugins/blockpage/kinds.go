package blockpage

import "strings"

// kind is what was served in place of the page.
type kind int

// The kinds. Their numbers are remembered.
const (
	none kind = iota
	challenge
	captcha
	parked
	maintenance
	notFound
	errorText
	unconfigured
	suspended
	loginWall
	numKinds
)

var kinds = [numKinds]struct{ name, sentence string }{
	challenge:    {"challenge", "A firewall or a bot check answered, not the page."},
	captcha:      {"captcha", "A captcha was served in place of the page."},
	parked:       {"parked", "The domain is parked or for sale; this is not the page."},
	maintenance:  {"maintenance", "The site is down for maintenance; this is not the page."},
	notFound:     {"soft_not_found", "The page says that it was not found, although the status says all is well."},
	errorText:    {"error_text", "The page is an error message, although the status says all is well."},
	unconfigured: {"default_page", "This is the page of a server that is not set up, not that of the site."},
	suspended:    {"suspended", "The hosting of the site is suspended; this is not the page."},
	loginWall:    {"login_wall", "A login was served in place of the page."},
}

func kindNamed(name string) kind {
	for k := challenge; k < numKinds; k++ {
		if kinds[k].name == name {
			return k
		}
	}
	return none
}

func kindNames() string {
	var names []string
	for _, kind := range kinds[challenge:] {
		names = append(names, kind.name)
	}
	return strings.Join(names, ", ")
}
