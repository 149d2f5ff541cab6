package store

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/rs/xid"

	"webmon/plugins"
)

// Partitions is how many partitions the keys are spread over. It is part of
// the stored layout and never changes.
const Partitions = 64

// partition holds the keys that all assets of one partition share. All times
// in Redis are milliseconds since 1970.
type partition struct {
	base string // "<prefix>:{p17}:"

	index   string // sorted set, scores 0: the lexicographic index, see member… below
	due     string // sorted set: asset id → when it is due
	plan    string // hash: asset id → interval in ms; scheduled assets only
	pending string // hash: asset id → the schedule's job that is not over yet
	skips   string // hash: asset id → checks skipped; "<asset id>/failed" → jobs failed
	jobs    string // hash: job id → record, see scripts/prelude.lua
	queued  string // sorted set: job id → when to push its id again
	leased  string // sorted set: job id → when the lease runs out
	ended   string // sorted set: failed and cancelled job id → when it ended
	done    string // list: ids of the latest finished jobs, newest first
	batches string // hash: "<batch>/<state>" → number of jobs; "<batch>/x" when cancelled
	meta    string // hash: counters of the partition
	slow    string // sorted set: asset id → seconds of its last check; the slowest only

	incidents string // hash: incident id, and with "/about" and so on → its record, see scripts/incidents.lua
	warning   string // sorted set: open incident id of that severity → when it opened
	critical  string // sorted set: the same
	closed    string // sorted set: closed incident id → when it closed
	events    string // stream: what happened, see scripts/incidents.lua
	notices   string // sorted set: "<incident id>/<kind>", what there is to tell → since when
}

type keyspace struct {
	prefix     string
	partitions [Partitions]partition
	members    [2]string // the live processes: hash role/name → JSON, sorted set role/name → last beat
	restore    string    // string: when the restore began that is not over; missing for none
	notifier   string    // string: the dispatcher that sends notices, for some seconds
	tokens     string    // the API's tokens: hash id → JSON, "<id>/used" → when it was last used
}

func newKeyspace(prefix string) *keyspace {
	k := &keyspace{
		prefix: prefix, members: [2]string{prefix + ":{members}", prefix + ":{members}:seen"},
		restore: prefix + ":{restore}", notifier: prefix + ":{notifier}", tokens: prefix + ":{tokens}",
	}
	for i := range k.partitions {
		base := fmt.Sprintf("%s:{p%02d}:", prefix, i)
		k.partitions[i] = partition{
			base:    base,
			index:   base + "index",
			due:     base + "due",
			plan:    base + "plan",
			pending: base + "pending",
			skips:   base + "skips",
			jobs:    base + "jobs",
			queued:  base + "queued",
			leased:  base + "leased",
			ended:   base + "ended",
			done:    base + "done",
			batches: base + "batches",
			meta:    base + "meta",
			slow:    base + "slow",

			incidents: base + "incidents",
			warning:   base + "warning",
			critical:  base + "critical",
			closed:    base + "closed",
			events:    base + "events",
			notices:   base + "notices",
		}
	}
	return k
}

// The keys of one asset. The hash has the fields d definition, r revision,
// v verdict, s since, c checked, g how many decisions were made of its memory
// (missing for none), b when the check began that raised the last alarm, i what
// is kept of it while something is bad (see scripts/incidents.lua).
func (p *partition) asset(id string) string  { return p.base + "a:" + id } // hash: see below
func (p *partition) memory(id string) string { return p.base + "m:" + id } // string: what the plugins remember
func (p *partition) open(id string) string   { return p.base + "o:" + id } // string: the chunk of results that grows
func (p *partition) sealed(id string) string { return p.base + "r:" + id } // list: full chunks of results, oldest first
func (p *partition) before(id string) string { return p.base + "b:" + id } // string: what the plugins remembered before the last alarm

// decisions is a list of decisions as JSON, the newest first.
func (p *partition) decisions(id string) string { return p.base + "d:" + id }

// once is a string: the batch that a client's key stands for, and of which selection.
func (p *partition) once(key string) string { return p.base + "k:" + key }

// changed is a sorted set: asset id → how often it changed that day (UTC).
func (p *partition) changed(day time.Time) string { return p.changedOn(day.UTC().Format(dayForm)) }

func (p *partition) changedOn(day string) string { return p.base + "changed:" + day }

const dayForm = "20060102"

// The members of a partition's index. Assets have ids in the order of their
// creation, so that a range of a prefix is a page in that order. Only scripts
// write two more kinds: "j:<batch>:<job>", the queued jobs of a batch, and
// "b:<batch>", the batches.
func memberAsset(id string) string    { return "a:" + id }
func memberDisabled(id string) string { return "d:" + id }
func memberVerdict(v plugins.Verdict, id string) string {
	return prefixVerdict(v) + id
}
func memberTag(tag, id string) string { return prefixTag(tag) + id }

func prefixVerdict(v plugins.Verdict) string { return "v:" + strconv.Itoa(v.Rank()) + ":" }
func prefixTag(tag string) string            { return "t:" + tag + "\x00" }

// of is the partition of an asset.
func (k *keyspace) of(assetID string) *partition {
	return &k.partitions[partitionOf(assetID)]
}

func partitionOf(assetID string) int {
	h := fnv.New32a()
	h.Write([]byte(assetID))
	return int(h.Sum32() % Partitions)
}

func newID() string { return xid.New().String() }

func validID(id string) bool {
	_, err := xid.FromString(id)
	return err == nil
}

// A job's id is its asset's id, a point and a number in hexadecimal that grows
// within the partition. So the id alone leads to all keys of the job.
func splitJobID(job string) (asset string, seq uint64, ok bool) {
	asset, hex, found := strings.Cut(job, ".")
	if !found || !validID(asset) {
		return "", 0, false
	}
	seq, err := strconv.ParseUint(hex, 16, 63)
	return asset, seq, err == nil && hex == strconv.FormatUint(seq, 16)
}

func jobID(asset string, seq uint64) string { return asset + "." + strconv.FormatUint(seq, 16) }
