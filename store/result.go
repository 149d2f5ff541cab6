package store

import (
	"time"

	"webmon/plugins"
)

// Result is the outcome of one check, as stored.
type Result struct {
	Job     string           // the job that made it
	At      time.Time        // when the fetch began, to the millisecond
	Verdict plugins.Verdict  // the worst that any finding says; Up when none does
	Changed bool             // a plugin says the page is not what it remembered
	Reports []plugins.Report // one a plugin; Past is never stored here
}
