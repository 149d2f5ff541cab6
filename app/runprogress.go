package app

import (
	"fmt"
	"io"
	"strings"
	"time"

	"webmon/app/terminal"
	"webmon/roles/api/client"
)

// batchProgress shows how far a batch is: a bar on a terminal, elsewhere a line
// whenever another tenth is done.
type batchProgress struct {
	out   io.Writer
	jobs  int
	live  bool
	tenth int
	began time.Time
}

func newBatchProgress(out io.Writer, batch string, jobs int) *batchProgress {
	p := &batchProgress{out: out, jobs: jobs, live: terminal.Live(out), began: time.Now()}
	if !p.live {
		fmt.Fprintln(out, askedFor(batch, jobs))
	}
	return p
}

func askedFor(batch string, jobs int) string {
	if jobs == 1 {
		return "1 check was asked for: batch " + batch
	}
	return fmt.Sprintf("%d checks were asked for: batch %s", jobs, batch)
}

const barWidth = 30

func (p *batchProgress) show(counts client.Counts) {
	ended := min(counts.Ended(), p.jobs)
	text := fmt.Sprintf("%d of %d checks", ended, p.jobs)
	if p.live {
		filled := barWidth * ended / p.jobs
		fmt.Fprintf(p.out, "\r\x1b[K%s%s %s, %d under way, %v", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), text,
			counts.Leased, time.Since(p.began).Round(time.Second))
		return
	}
	if tenth := 10 * ended / p.jobs; tenth > p.tenth {
		p.tenth = tenth
		fmt.Fprintln(p.out, text)
	}
}

// end makes room for what comes after the bar.
func (p *batchProgress) end() {
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
