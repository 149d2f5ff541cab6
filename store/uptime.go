package store

import "webmon/plugins"

// uptime counts checks, handed in in the order of time, and how long the asset
// was down.
type uptime struct {
	checks, judged, down int
	downSince            int64 // ms; 0 while not down
	downtime             int64 // ms
}

func (u *uptime) add(at int64, verdict plugins.Verdict) {
	u.checks++
	switch verdict {
	case plugins.Down:
		u.judged++
		u.down++
		if u.downSince == 0 {
			u.downSince = at
		}
	case plugins.Up, plugins.Degraded, plugins.Changed:
		u.judged++
		if u.downSince != 0 {
			u.downtime += max(0, at-u.downSince)
			u.downSince = 0
		}
	}
}

// end closes a stretch that is down to the end of the window.
func (u *uptime) end(to int64) {
	if u.downSince != 0 {
		u.downtime += max(0, to-u.downSince)
		u.downSince = 0
	}
}

// availability is the percentage of checks that were not down, of those that
// could be judged; nil when there were none.
func (u *uptime) availability() *float64 {
	if u.judged == 0 {
		return nil
	}
	percent := 100 * float64(u.judged-u.down) / float64(u.judged)
	return &percent
}
