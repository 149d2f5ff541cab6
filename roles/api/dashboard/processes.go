package dashboard

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"webmon/roles/api/client"
)

// processes is the page of the roles at work and of what they store.
type processes struct {
	Roles     []role
	Missing   []string // roles without a process
	Snapshots client.Snapshots
}

// role is the processes that do the same.
type role struct {
	Title   string
	Members []process
}

// process is one of them.
type process struct {
	client.Member
	Lag    time.Duration // since it was last heard of
	Late   bool          // it should have been heard of since
	Load   *load
	Counts []counter
}

// load is how much of what an executor can do at once it does.
type load struct {
	Running, Most, Percent int
}

type counter struct {
	Name, Value string
}

// beatEvery is how often a process says that it lives.
const beatEvery = 5 * time.Second

func showProcesses(v *visit) error {
	members, err := v.api.Members(v.r.Context())
	if err != nil {
		return err
	}
	p := processes{}
	if p.Snapshots, err = v.api.Snapshots(v.r.Context()); err != nil {
		return err
	}
	for _, known := range []struct{ name, title string }{{"dispatcher", "Dispatchers"}, {"executor", "Executors"}, {"api", "APIs"}} {
		r := role{Title: known.title}
		for _, m := range members {
			if m.Role == known.name {
				r.Members = append(r.Members, processOf(m, v.now))
			}
		}
		if len(r.Members) == 0 {
			p.Missing = append(p.Missing, known.name)
		}
		p.Roles = append(p.Roles, r)
	}
	return v.show(http.StatusOK, "processes", "Processes", &p)
}

func processOf(m client.Member, now time.Time) process {
	p := process{Member: m, Lag: max(0, now.Sub(m.Seen))}
	p.Late = p.Lag > 2*beatEvery
	if most := m.Counters["fetches_max"]; most > 0 {
		running := m.Counters["fetches_running"]
		p.Load = &load{int(running), int(most), int(100 * running / most)}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Counters)) {
		if name == "fetches_max" || name == "fetches_running" {
			continue
		}
		words := strings.ReplaceAll(strings.TrimSuffix(name, "_total"), "_", " ")
		p.Counts = append(p.Counts, counter{words, number(m.Counters[name])})
	}
	return p
}

func takeSnapshot(v *visit) error {
	if err := v.api.TakeSnapshot(v.r.Context()); err != nil {
		return v.refused("/processes", err)
	}
	return v.done("/processes", "A snapshot was asked for. It begins after the one under way, if there is one.")
}
