package app

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"webmon/app/terminal"
	"webmon/store/backup"
)

// backupSummary says what a backup or a restore did.
type backupSummary struct {
	File   string `json:"file"`
	Format int    `json:"format"`
	backup.Header
	backup.Counts
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`

	began time.Time
}

func (s backupSummary) print(w io.Writer, did string, asJSON bool) error {
	took := time.Since(s.began).Round(time.Millisecond)
	s.Seconds = took.Seconds()
	if asJSON {
		return json.NewEncoder(w).Encode(s)
	}
	_, err := fmt.Fprintf(w, "%s %s: %d assets, %d decisions, %d full chunks of results, %d bytes, in %v\n",
		did, terminal.Printable(s.File), s.Assets, s.Decisions, s.Chunks, s.Bytes, took)
	return err
}

// progressEvery is how often progress is shown.
const progressEvery = 200 * time.Millisecond

// progress shows on a terminal how many assets are done, and nothing elsewhere.
type progress struct {
	w     io.Writer // nil when it is no terminal
	what  string
	shown time.Time
}

func newProgress(w io.Writer, what string) *progress {
	p := &progress{what: what, shown: time.Now()}
	if terminal.Live(w) {
		p.w = w
	}
	return p
}

func (p *progress) assets(n int64) {
	if p.w != nil && time.Since(p.shown) >= progressEvery {
		p.shown = time.Now()
		fmt.Fprintf(p.w, "\r%d assets %s", n, p.what)
	}
}

// end clears the line.
func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
