package torture

import (
	"fmt"
	"net/url"
	"time"
)

// outages is what became of the shaky pages.
type outages struct{ count, checks, flaps int }

// confirmed waits until no job is left that is to confirm a bad check: such jobs
// must survive whatever others do.
func (l *load) confirmed() error {
	return patiently("jobs that confirm end", func() error {
		for _, state := range []string{"queued", "leased"} {
			for cursor := ""; ; {
				var page struct {
					Jobs []struct {
						ID      string
						Confirm bool
					}
					Next string
				}
				if err := l.get("/v1/jobs?limit=1000&state="+state+"&cursor="+url.QueryEscape(cursor), &page); err != nil {
					return err
				}
				for _, j := range page.Jobs {
					if j.Confirm {
						return fmt.Errorf("%s is %s", j.ID, state)
					}
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
		}
		return nil
	})
}

// incidents waits until the shaky pages, which are healed, have no open incident,
// and looks at those they had: a result counts once there, too, and no two
// incidents of a page may overlap.
func (l *load) incidents(shaky []string) (outages, error) {
	var sum outages
	for _, id := range shaky {
		var page struct {
			Incidents []struct {
				ID, Asset, State string
				Opened, Closed   time.Time
				Checks, Flaps    int
			}
		}
		if err := patiently("incidents of "+id+" close", func() error {
			if err := l.get("/v1/incidents?limit=1000&asset="+id, &page); err != nil {
				return err
			}
			if len(page.Incidents) > 0 && page.Incidents[0].State == "open" {
				return fmt.Errorf("%+v", page.Incidents[0])
			}
			return nil
		}); err != nil {
			return sum, err
		}
		bad, after := 0, time.Now().Add(time.Hour)
		for _, i := range page.Incidents { // the latest first
			if i.Closed.After(after) || i.Closed.Before(i.Opened) || i.Asset != id {
				return sum, fmt.Errorf("asset %s: incidents overlap: %+v", id, page.Incidents)
			}
			after = i.Opened
			bad += i.Checks
			sum.count++
			sum.checks += i.Checks
			sum.flaps += i.Flaps
		}
		a := account{doubled: map[string]int{}, alarms: map[string]int{}}
		if _, err := l.results(id, &a); err != nil {
			return sum, err
		}
		if a.doubled[id] > 0 || bad > a.alarms["down"] {
			return sum, fmt.Errorf("asset %s: %d results are doubled; %d bad checks in incidents, of %v", id, a.doubled[id], bad, a.alarms)
		}
	}
	if sum.count == 0 {
		return sum, fmt.Errorf("no shaky page had an incident")
	}
	return sum, nil
}
