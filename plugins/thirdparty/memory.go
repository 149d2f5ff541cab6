package thirdparty

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/services"
)

const (
	pastVersion = 1
	warmup      = 3   // checks to learn from before a site is new
	maxKnown    = 256 // sites remembered of a kind
	maxPending  = 8   // new sites shown of a kind
	maxVersions = 200 // then all is halved, so that a page can calm down

	// surprising is the chance, by the page's own rate of novelties, below
	// which a new site is worth an alarm.
	surprising = 0.03
)

// memory is what is remembered of an asset.
type memory struct {
	key      uint64 // of the page looked at last
	look     summary
	checks   int // of good pages, at most warmup
	versions int // different pages seen
	watched  [numWatched]watched
}

// watched is what is remembered of a kind of elements.
type watched struct {
	known     []uint32 // hashes of sites, sorted
	pending   []string // sites that are new and still there, sorted
	novelties int      // versions with a new site
}

// learn compares the sites of a new version with those known. It returns the
// new ones that are no surprise, on this page or on any because they are those of
// a widespread service; the others become pending. homes are sites that are known
// whatever is seen of them.
func (m *memory) learn(seen [numWatched][]string, homes []string, allowed map[string]bool) (minor [numWatched][]string) {
	for kind := range m.watched {
		w := &m.watched[kind]
		w.add(homes, seen[kind])
		var pending, fresh, common []string
		for _, site := range seen[kind] {
			switch {
			case w.knows(site) || allowed[site]:
			case kind != forms && services.Known(site):
				common = append(common, site)
			case slices.Contains(w.pending, site):
				pending = append(pending, site)
			default:
				fresh = append(fresh, site)
			}
		}
		w.pending = pending
		if len(common) > 0 { // no habit of the page's own
			w.add(common, seen[kind])
			if m.checks >= warmup {
				minor[kind] = common
			}
		}
		switch {
		case len(fresh) == 0:
			continue
		case m.checks < warmup:
			w.add(fresh, seen[kind])
			continue
		case (float64(w.novelties)+0.1)/(float64(m.versions)+15.1) < surprising:
			w.pending = append(w.pending, fresh...)
			slices.Sort(w.pending)
			w.pending = w.pending[:min(len(w.pending), maxPending)]
		default:
			w.add(fresh, seen[kind])
			minor[kind] = append(minor[kind], fresh...)
		}
		w.novelties++
	}
	m.checks = min(m.checks+1, warmup)
	if m.versions++; m.versions >= maxVersions {
		m.versions /= 2
		for kind := range m.watched {
			m.watched[kind].novelties /= 2
		}
	}
	return minor
}

func hash(site string) uint32 { return uint32(xxhash.Sum64String(site)) }

func (w *watched) knows(site string) bool {
	_, found := slices.BinarySearch(w.known, hash(site))
	return found
}

// add makes sites known. When there are too many, only those on the page stay.
func (w *watched) add(fresh, onPage []string) {
	if len(w.known)+len(fresh) > maxKnown {
		w.known, fresh = nil, onPage[:min(len(onPage), maxKnown)]
	}
	for _, site := range fresh {
		w.known = append(w.known, hash(site))
	}
	slices.Sort(w.known)
	w.known = slices.Compact(w.known)
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.key)
	for _, count := range m.look.counts {
		w.Int(count)
	}
	w.Int(m.checks)
	w.Int(m.versions)
	for kind, watched := range m.watched {
		w.Text(m.look.lists[kind])
		w.Int(watched.novelties)
		w.Texts(watched.pending)
		w.Int(len(watched.known))
		for _, site := range watched.known {
			w.Hash32(site)
		}
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	for i := range m.look.counts {
		m.look.counts[i] = r.Int(1 << 20)
	}
	m.checks = r.Int(warmup)
	m.versions = r.Int(maxVersions)
	for kind := range m.watched {
		w := &m.watched[kind]
		m.look.lists[kind] = r.Text(maxList + maxSite)
		w.novelties = r.Int(maxVersions)
		w.pending = r.Texts(maxPending, maxSite)
		if !slices.IsSorted(w.pending) {
			return memory{}, false
		}
		w.known = make([]uint32, r.Int(maxKnown))
		for i := range w.known {
			w.known[i] = r.Hash32()
		}
		if !slices.IsSorted(w.known) {
			return memory{}, false
		}
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
