// Package shout sends messages by the services that the library shoutrrr knows,
// each named by a URL.
//
// Its services make their own connections, some with a client of their own, some
// with the one that all of net/http shares, some without a time limit, and none
// tells whether a failed message may have arrived. So each message is sent by a
// process of its own, which [Main] is: there every connection is guarded, the
// requests are watched, and what hangs is killed.
package shout

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// service is what must be known of a service of shoutrrr. A service that a newer
// shoutrrr brings is refused until it is in the table: somebody has to look how
// it connects.
type service struct {
	titled  bool   // it takes a title beside the text
	refused string // why it cannot be used
}

var services = map[string]service{
	"bark":       {titled: true},
	"discord":    {titled: true},
	"generic":    {titled: true},
	"googlechat": {},
	"gotify":     {titled: true},
	"hangouts":   {},
	"ifttt":      {},
	"join":       {titled: true},
	"lark":       {titled: true},
	"logger":     {refused: "it writes to a log only, where webmon says what happens anyway"},
	"matrix":     {}, // it takes one, and leaves it out
	"mattermost": {}, // the same
	"notifiarr":  {},
	"ntfy":       {titled: true},
	"opsgenie":   {titled: true},
	"pagerduty":  {},
	"pushbullet": {titled: true},
	"pushover":   {titled: true},
	"rocketchat": {},
	"signal":     {},
	"slack":      {titled: true},
	"smtp":       {titled: true}, // see ParseMail
	"teams":      {titled: true},
	"telegram":   {titled: true},
	"wecom":      {},
	"zulip":      {}, // its title is the topic, which is the URL's
}

// Scheme is the service that a URL names, such as "ntfy". A custom URL such as
// generic+https://… counts as its service. The error never repeats the URL.
func Scheme(rawURL string) (string, error) {
	scheme, rest, found := strings.Cut(rawURL, ":")
	scheme, _, _ = strings.Cut(strings.ToLower(scheme), "+")
	known, ok := services[scheme]
	switch {
	case !found || rest == "":
		return "", errors.New("it is no URL of a service, such as ntfy://ntfy.sh/TOPIC")
	case !ok:
		return "", fmt.Errorf("there is no service of that name: those that can be used are %s", strings.Join(usable(), ", "))
	case known.refused != "":
		return "", fmt.Errorf("the service %s cannot be used: %s", scheme, known.refused)
	}
	return scheme, nil
}

func usable() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if services[name].refused == "" {
			names = append(names, name)
		}
	}
	return names
}

// Check tells whether a URL can be used. The error never repeats it.
func Check(rawURL string) error {
	scheme, err := Scheme(rawURL)
	if err != nil {
		return err
	}
	if scheme == mailScheme {
		_, err = ParseMail(rawURL)
		return err
	}
	_, err = locate(rawURL, scheme)
	return err
}

// locate makes the service that a URL names.
func locate(rawURL, scheme string) (made types.Service, err error) {
	defer func() { // a library must not end the process for a URL it did not expect
		if p := recover(); p != nil {
			err = fmt.Errorf("shoutrrr cannot read it as a URL of %s", scheme)
		}
	}()
	if _, err := url.Parse(rawURL); err != nil {
		return nil, errors.New("it is no URL; write special characters of a token as %XX")
	}
	made, err = (&router.ServiceRouter{}).Locate(rawURL)
	if err != nil {
		// The error would name the URL's parts.
		return nil, fmt.Errorf("it is no URL of %s: see https://shoutrrr.nickfedor.com/latest/services/overview/ for its form", scheme)
	}
	return made, nil
}
