package store

import "time"

// JobState is where a job is in its life.
type JobState string

// The states, of which docs/reliability.md has the table. queued → leased → done or
// failed; a lease that runs out goes back to queued; a cancelled batch ends the jobs
// that are queued, and those that are leased when their lease would be prolonged.
const (
	Queued    JobState = "queued"    // waits for an executor
	Leased    JobState = "leased"    // an executor works on it
	Done      JobState = "done"      // its result is stored, whatever the verdict
	Failed    JobState = "failed"    // gave up: see Job.Reason
	Cancelled JobState = "cancelled" // its batch was cancelled before it ended
)

// JobStates lists the states in the order of a job's life.
var JobStates = []JobState{Queued, Leased, Done, Failed, Cancelled}

// Job is one run of one asset.
type Job struct {
	ID       string    `json:"id"`
	Asset    string    `json:"asset"`
	Batch    string    `json:"batch,omitempty"` // empty for a job of the schedule
	State    JobState  `json:"state"`
	Created  time.Time `json:"created,omitzero"` // zero for a job known only from its result
	Ended    time.Time `json:"ended,omitzero"`
	Attempts int       `json:"attempts,omitempty"` // how many times it was leased
	Executor string    `json:"executor,omitempty"` // who holds the lease, or held it last
	Reason   string    `json:"reason,omitempty"`   // why it failed
	Confirm  bool      `json:"confirm,omitempty"`  // it is to confirm a bad check; known until it ends
}

// Batch is a set of jobs asked for together.
type Batch struct {
	ID      string           `json:"id"`
	State   string           `json:"state"` // running, done or cancelled
	Created time.Time        `json:"created"`
	Counts  map[JobState]int `json:"counts"`
}

// Selection says which assets to run: exactly one of
// Assets, Tag and All is set.
type Selection struct {
	Assets []string // ids
	Tag    string   // every enabled asset with this tag
	All    bool     // every enabled asset
	// Key, which may be empty, makes it safe to repeat a call: within a day one
	// key makes one batch with one job an asset, however often it is called.
	Key string
}
