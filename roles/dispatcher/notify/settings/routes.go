package settings

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/maintenance"
)

// What a route has that names nothing else.
const (
	defaultGroupWait = 10 * time.Second
	defaultGroupAt   = 4
)

func (r *reader) routes(n *yaml.Node, path string, s *Settings, users *[]user) error {
	names := map[string]bool{}
	return r.items(n, path, func(i int, n *yaml.Node, path string) error {
		route := Route{Name: fmt.Sprintf("route %d", i+1), GroupWait: defaultGroupWait, GroupAt: defaultGroupAt}
		err := r.mapping(n, path, fields{
			"name":     into(r, &route.Name, anyText),
			"tags":     func(n *yaml.Node, path string) error { return r.tags(n, path, &route.Tags) },
			"severity": into(r, &route.Severity, severity),
			"verdicts": list(r, &route.Verdicts, verdict),
			"channels": func(n *yaml.Node, path string) error {
				err := list(r, &route.Channels, anyText)(n, path)
				for i, name := range route.Channels {
					*users = append(*users, user{name, plain(n).Content[i], fmt.Sprintf("%s[%d]", path, i)})
				}
				return err
			},
			"continue":   into(r, &route.Continue, truth),
			"group-wait": into(r, &route.GroupWait, between(0, 10*time.Minute)),
			"group-at":   into(r, &route.GroupAt, groupAt),
			"remind":     into(r, &route.Remind, remind),
		})
		switch {
		case err != nil:
			return err
		case len(route.Channels) == 0:
			return r.errorf(n, path, "channels is missing")
		case names[route.Name]:
			return r.errorf(n, path, "there is another route of this name")
		}
		names[route.Name] = true
		s.Routes = append(s.Routes, route)
		return nil
	})
}

func (r *reader) tags(n *yaml.Node, path string, t *Tags) error {
	return r.mapping(n, path, fields{
		"all": list(r, &t.All, anyText),
		"any": list(r, &t.Any, anyText),
		"not": list(r, &t.Not, anyText),
	})
}

func (r *reader) windows(n *yaml.Node, path string, s *Settings) error {
	names := map[string]bool{}
	return r.items(n, path, func(_ int, n *yaml.Node, path string) error {
		var w Window
		var cron, zone string
		var duration time.Duration
		var from, until time.Time
		tagged := false
		err := r.mapping(n, path, fields{
			"name":      into(r, &w.Name, anyText),
			"all":       into(r, &w.All, truth),
			"tags":      func(n *yaml.Node, path string) error { tagged = true; return r.tags(n, path, &w.Tags) },
			"cron":      into(r, &cron, anyText),
			"time-zone": into(r, &zone, anyText),
			"duration":  into(r, &duration, between(time.Minute, maintenance.MaxDuration)),
			"from":      into(r, &from, moment),
			"until":     into(r, &until, moment),
		})
		if err != nil {
			return err
		}
		once := !from.IsZero() && !until.IsZero()
		recurring := cron != "" && zone != "" && duration != 0
		switch {
		case w.Name == "" || names[w.Name]:
			return r.errorf(n, path, "give it a name that no other window has")
		case w.All == tagged:
			return r.errorf(n, path, "give either tags or all: true")
		case once && cron+zone == "" && duration == 0:
			w.Window, err = maintenance.Once(from, until)
		case recurring && from.IsZero() && until.IsZero():
			w.Window, err = maintenance.Recurring(cron, zone, duration)
		default:
			return r.errorf(n, path, "give either cron, duration and time-zone, or from and until")
		}
		if err != nil {
			return r.errorf(n, path, "%v", err)
		}
		names[w.Name] = true
		s.Windows = append(s.Windows, w)
		return nil
	})
}

func severity(text string) (plugins.Severity, error) {
	s := plugins.Severity(text)
	if s != plugins.Warning && s != plugins.Critical {
		return "", errors.New("give warning or critical")
	}
	return s, nil
}

func verdict(text string) (plugins.Verdict, error) {
	switch v := plugins.Verdict(text); v {
	case plugins.Degraded, plugins.Changed, plugins.Inconclusive, plugins.Down:
		return v, nil
	}
	return "", errors.New("give degraded, changed, inconclusive or down")
}

func groupAt(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 || n > 1_000_000 {
		return 0, errors.New("give a whole number from 2 to 1000000")
	}
	return n, nil
}

func remind(text string) (time.Duration, error) {
	if text == "0" || text == "0s" {
		return 0, nil
	}
	return between(time.Minute, 31*24*time.Hour)(text)
}

func moment(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, errors.New("give a time with its offset, such as 2026-12-01T20:00:00+01:00")
	}
	return t, nil
}
