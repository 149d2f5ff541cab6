package dashboard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

const (
	statusDays    = 90
	maxServices   = 500 // on the page
	shownPast     = 10  // incidents that are over
	incidentsRead = 200
)

// statusState is what the status page shows.
type statusState struct {
	Title     string
	Level     plugins.Verdict // the worst of all
	Headline  string
	Groups    []serviceGroup
	Incidents []publicIncident // open
	Past      []publicIncident // closed of late
	More      int              // services that are not shown
	Now       time.Time
	CSS, JS   string
	Icon      string
}

// serviceGroup is the assets with a tag.
type serviceGroup struct {
	Tag      string
	Services []service
}

// service is an asset as strangers see it.
type service struct {
	ID, Name, URL string // URL only when it is shown
	Named         bool   // its pictures may be shown: they hold the name
	Verdict       plugins.Verdict
	State         string // in words
	Since         time.Time
	Availability  *float64
	Days          int // that the availability is of
	Bars          bars
}

// publicIncident is an incident as strangers see it.
type publicIncident struct {
	ID, Name       string
	Severity       plugins.Severity
	Verdict        plugins.Verdict
	Text           string
	Opened, Closed time.Time
	Looked         bool // somebody looks after it
}

// publicWords say verdicts to people who know nothing of webmon, and no more
// than that.
var publicWords = map[plugins.Verdict]string{
	plugins.Up: "operational", plugins.Degraded: "degraded", plugins.Changed: "under investigation",
	plugins.Inconclusive: "under maintenance or unclear", plugins.Down: "down", plugins.Unknown: "not checked yet",
}

var headlines = map[plugins.Verdict]string{
	plugins.Up: "All systems are operational", plugins.Degraded: "Some systems are degraded", plugins.Changed: "Some systems are under investigation",
	plugins.Inconclusive: "Some systems are under maintenance or unclear", plugins.Down: "Some systems are down", plugins.Unknown: "Nothing was checked yet",
}

// state asks the API for all that is shown.
func (s *status) state(ctx context.Context) (*statusState, error) {
	state := &statusState{
		Title: s.public.Title, Level: plugins.Unknown, Now: time.Now().UTC(),
		CSS: s.static.path("app.css"), JS: s.static.path("app.js"), Icon: s.static.path("icon.svg"),
	}
	seen := map[string]string{} // names by id
	for _, tag := range s.public.Tags {
		group := serviceGroup{Tag: tag}
		for a, err := range s.api.Assets(ctx, client.Filter{Tag: tag}) {
			if err != nil {
				return nil, err
			}
			if _, known := seen[a.ID]; known || !a.Enabled {
				continue
			}
			if len(seen) == maxServices {
				state.More++
				continue
			}
			one := s.service(&a)
			seen[a.ID] = one.Name
			state.Level = state.Level.Worse(a.Verdict)
			group.Services = append(group.Services, one)
		}
		if len(group.Services) > 0 {
			state.Groups = append(state.Groups, group)
		}
	}
	state.Headline = headlines[state.Level]
	s.past.refresh(ctx, seen)
	for i := range state.Groups {
		for j := range state.Groups[i].Services {
			s.past.into(&state.Groups[i].Services[j])
		}
	}
	return state, s.incidents(ctx, state, seen)
}

func (s *status) service(a *client.Asset) service {
	one := service{ID: a.ID, Name: a.Name, Named: a.Name != "", Verdict: a.Verdict, State: publicWords[a.Verdict], Since: a.VerdictSince}
	if s.public.URLs {
		one.URL, one.Named = a.URL, true
	}
	if one.Name == "" && s.public.URLs {
		one.Name = host(a.URL)
	}
	if one.Name == "" {
		one.Name = "Service " + a.ID[max(0, len(a.ID)-4):]
	}
	return one
}

// incidents finds those of the assets that are shown.
func (s *status) incidents(ctx context.Context, state *statusState, shown map[string]string) error {
	known := map[string]bool{}
	for _, tag := range s.public.Tags {
		for _, want := range []string{"open", "closed"} {
			page, err := s.api.IncidentPage(ctx, client.IncidentFilter{State: want, Tag: tag}, incidentsRead, "")
			if err != nil {
				return err
			}
			for _, i := range page.Incidents {
				name, found := shown[i.Asset]
				if !found || known[i.ID] || i.Muted {
					continue
				}
				known[i.ID] = true
				public := s.incident(&i, name)
				if i.Closed.IsZero() {
					state.Incidents = append(state.Incidents, public)
				} else {
					state.Past = append(state.Past, public)
				}
			}
		}
	}
	slices.SortFunc(state.Incidents, func(a, b publicIncident) int { return b.Opened.Compare(a.Opened) })
	slices.SortFunc(state.Past, func(a, b publicIncident) int { return b.Closed.Compare(a.Closed) })
	state.Past = state.Past[:min(len(state.Past), shownPast)]
	return nil
}

// incident says an incident without what was found, unless that is wanted.
func (s *status) incident(i *client.Incident, name string) publicIncident {
	p := publicIncident{ID: i.ID, Name: name, Severity: i.Severity, Verdict: i.Verdict, Opened: i.Opened, Closed: i.Closed, Looked: i.Acknowledged != nil}
	verb := "is"
	if !i.Closed.IsZero() {
		verb = "was"
	}
	p.Text = fmt.Sprintf("%s %s %s.", name, verb, publicWords[i.Verdict])
	if s.public.Reasons && i.Reason != "" {
		p.Text = strings.TrimSuffix(p.Text, ".") + ": " + sentence(i.Reason)
	}
	return p
}
