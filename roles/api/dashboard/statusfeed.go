package dashboard

import (
	"encoding/json"
	"encoding/xml"
	"time"
)

// json is the state for machines.
func (s *statusState) json() ([]byte, error) {
	type entry struct {
		Name         string    `json:"name"`
		Group        string    `json:"group"`
		State        string    `json:"state"`
		Verdict      string    `json:"verdict"`
		Since        time.Time `json:"since,omitzero"`
		Availability *float64  `json:"availability"`
		Days         int       `json:"days"`
	}
	type incident struct {
		Name     string    `json:"name"`
		Severity string    `json:"severity"`
		Text     string    `json:"text"`
		Opened   time.Time `json:"opened"`
		Closed   time.Time `json:"closed,omitzero"`
	}
	out := struct {
		Title     string     `json:"title"`
		Status    string     `json:"status"`
		Headline  string     `json:"headline"`
		Services  []entry    `json:"services"`
		Incidents []incident `json:"incidents"`
	}{s.Title, string(s.Level), s.Headline, []entry{}, []incident{}}
	for _, g := range s.Groups {
		for _, one := range g.Services {
			out.Services = append(out.Services, entry{one.Name, g.Tag, one.State, string(one.Verdict), one.Since, one.Availability, one.Days})
		}
	}
	for _, list := range [][]publicIncident{s.Incidents, s.Past} {
		for _, i := range list {
			out.Incidents = append(out.Incidents, incident{i.Name, string(i.Severity), i.Text, i.Opened, i.Closed})
		}
	}
	return json.Marshal(out)
}

// atom is the incidents as a feed (RFC 4287). An incident is one entry, which
// changes when it closes.
func (s *statusState) atom() ([]byte, error) {
	type author struct {
		Name string `xml:"name"`
	}
	type link struct {
		Href string `xml:"href,attr"`
	}
	type entry struct {
		ID        string    `xml:"id"`
		Title     string    `xml:"title"`
		Published time.Time `xml:"published"`
		Updated   time.Time `xml:"updated"`
		Content   string    `xml:"content"`
	}
	feed := struct {
		XMLName xml.Name  `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string    `xml:"id"`
		Title   string    `xml:"title"`
		Updated time.Time `xml:"updated"`
		Author  author    `xml:"author"`
		Link    link      `xml:"link"`
		Entries []entry   `xml:"entry"`
	}{ID: "urn:webmon:status", Title: s.Title, Author: author{"webmon"}, Link: link{statusPath}, Updated: time.Unix(0, 0).UTC()}
	for _, list := range [][]publicIncident{s.Incidents, s.Past} {
		for _, i := range list {
			e := entry{ID: "urn:webmon:incident:" + i.ID, Title: i.Name, Published: i.Opened, Updated: i.Opened, Content: i.Text}
			if !i.Closed.IsZero() {
				e.Updated = i.Closed
				e.Content += " It is over: it took " + span(i.Closed.Sub(i.Opened)) + "."
			}
			if e.Updated.After(feed.Updated) {
				feed.Updated = e.Updated
			}
			feed.Entries = append(feed.Entries, e)
		}
	}
	text, err := xml.MarshalIndent(feed, "", " ")
	return append([]byte(xml.Header), text...), err
}
