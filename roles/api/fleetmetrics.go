package api

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"webmon/plugins"
	"webmon/store"
)

// fleetCollector asks the store at every scrape.
type fleetCollector struct {
	store *store.Store
	log   *slog.Logger
}

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe sends nothing: which counters the members have is known only when
// they are read.
func (f *fleetCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the whole webmon's state. With Redis away only that is told.
func (f *fleetCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeBudget)
	defer cancel()
	up := 1.0
	for _, collect := range []func(context.Context, chan<- prometheus.Metric) error{f.summary, f.jobs, f.snapshot, f.memory, f.members} {
		if err := collect(ctx, out); err != nil {
			f.log.Debug("a scrape could not read everything", "err", err)
			up = 0
			break
		}
	}
	out <- gauge(newDesc("webmon_redis_up", "Whether Redis answers."), up)
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (f *fleetCollector) summary(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Summary(ctx)
	if err != nil {
		return err
	}
	assets := newDesc("webmon_assets", "Assets by verdict.", "verdict")
	for _, v := range plugins.Verdicts {
		out <- gauge(assets, float64(found.Verdicts[v]), string(v))
	}
	incidents := newDesc("webmon_incidents", "Open incidents by severity.", "severity")
	for severity, n := range found.Incidents {
		out <- gauge(incidents, float64(n), string(severity))
	}
	out <- prometheus.MustNewConstMetric(newDesc("webmon_checks_total", "Checks that ended since the beginning."),
		prometheus.CounterValue, float64(found.Checks))
	out <- prometheus.MustNewConstMetric(newDesc("webmon_checks_skipped_total", "Scheduled checks left out: one before was still pending, or webmon was away."),
		prometheus.CounterValue, float64(found.Skipped))
	out <- prometheus.MustNewConstMetric(newDesc("webmon_jobs_failed_total", "Jobs that were given up because no executor finished them. It says nothing of the pages."),
		prometheus.CounterValue, float64(found.Failed))
	out <- gauge(newDesc("webmon_checks_per_minute", "Checks that ended in a minute of late."), found.ChecksPerMinute)
	return nil
}

func (f *fleetCollector) jobs(ctx context.Context, out chan<- prometheus.Metric) error {
	depths, err := f.store.QueueDepths(ctx)
	if err != nil {
		return err
	}
	oldest, err := f.store.OldestQueued(ctx)
	if err != nil {
		return err
	}
	out <- gauge(newDesc("webmon_jobs_oldest_queued_seconds", "How long the oldest queued job has waited; 0 when none waits."), oldest.Seconds())
	jobs := newDesc("webmon_jobs", "Jobs by state.", "state")
	for _, state := range store.JobStates {
		if n, ok := depths[state]; ok {
			out <- gauge(jobs, float64(n), string(state))
		}
	}
	return nil
}

func (f *fleetCollector) snapshot(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Snapshots(ctx)
	if err != nil {
		return err
	}
	out <- gauge(newDesc("webmon_snapshot_running", "Whether a snapshot of Redis is under way."), number(found.Running))
	out <- gauge(newDesc("webmon_snapshot_allowed", "Whether Redis lets webmon take snapshots."), number(found.Allowed))
	if !found.Ended.IsZero() {
		out <- gauge(newDesc("webmon_snapshot_last_success", "Whether the last snapshot held."), number(found.Held))
		out <- gauge(newDesc("webmon_snapshot_last_end_timestamp_seconds", "When the last snapshot ended."),
			float64(found.Ended.UnixMilli())/1000)
	}
	return nil
}

func (f *fleetCollector) memory(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.RedisMemory(ctx)
	if err != nil {
		return err
	}
	out <- gauge(newDesc("webmon_redis_memory_used_bytes", "Memory that Redis uses."), float64(found.Used))
	out <- gauge(newDesc("webmon_redis_memory_limit_bytes", "Memory that Redis may use; 0: no limit."), float64(found.Limit))
	out <- gauge(newDesc("webmon_redis_evicts", "Whether Redis may drop what is stored when it is full: its maxmemory-policy is not noeviction."), number(found.Evicts()))
	return nil
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// memberHelp says what members count. What is missing here still is a metric,
// with a plainer help: a member may be of another version.
var memberHelp = map[string]string{
	"alerts_failed_total":   "Attempts to send an alert that failed.",
	"alerts_file_broken":    "Whether the alerts file changed and cannot be used; what it said before still holds.",
	"alerts_given_up_total": "Notices of incidents that were given up.",
	"alerts_leading":        "Whether this dispatcher is the one that sends alerts.",
	"alerts_sent_total":     "Alerts that were sent.",
	"alerts_unknown_total":  "Notices of incidents that may not have arrived, and are not sent again.",
	"alerts_waiting":        "Notices of incidents that wait to be sent.",
	"bad_messages_total":    "Malformed messages that were dropped.",
	"checks_total":          "Checks whose result was stored.",
	"dropped_ids_total":     "Job ids that led to no job any more, or to one that another executor has.",
	"expired_total":         "Jobs that were taken back because their lease ran out, to be tried again.",
	"fetch_seconds_total":   "Time that fetches took, all together.",
	"fetches_max":           "Fetches that may run at once.",
	"fetches_running":       "Fetches that run.",
	"fetches_total":         "Fetches that ended, well or not.",
	"handed_back_total":     "Jobs that were handed back: a stop, a busy host, or an asset that was changed meanwhile.",
	"ids_total":             "Job ids that were handed on.",
	"lost_leases_total":     "Jobs that were lost to another executor while they ran.",
	"messages_total":        "Messages that were handed on.",
	"outbox_ids":            "Job ids that wait to be sent.",
	"redelivered_total":     "Job ids that were sent again because nobody took the job.",
	"refetched_total":       "Fetches that were made again because this process had stood still.",
	"refused_peers_total":   "Connections whose handshake failed.",
	"rescued_total":         "Damaged entries of jobs that were mended.",
	"scheduled_total":       "Jobs that the schedule made.",
}

// memberRoles are the roles of live processes.
var memberRoles = []string{"api", "dispatcher", "executor"}

var counterName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// members tells what each live process counts. A name in _total is a counter,
// any other a gauge; one with a slash is of the channel of alerts after it.
func (f *fleetCollector) members(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Members(ctx)
	if err != nil {
		return err
	}
	alive := map[string]int{}
	for _, m := range found {
		alive[m.Role]++
	}
	members := newDesc("webmon_members", "Live processes by role.", "role")
	for _, role := range memberRoles {
		out <- gauge(members, float64(alive[role]), role)
	}
	started := newDesc("webmon_member_start_timestamp_seconds", "When a live process started.", "role", "name")
	for _, m := range found {
		if !utf8.ValidString(m.Role) || !utf8.ValidString(m.Name) {
			continue
		}
		out <- gauge(started, float64(m.Since.UnixMilli())/1000, m.Role, m.Name)
		for name, value := range m.Counters {
			name, channel, ofChannel := strings.Cut(name, "/")
			if !counterName.MatchString(name) || !utf8.ValidString(channel) {
				continue // another version's, perhaps: one bad name must not spoil the scrape
			}
			kind := prometheus.GaugeValue
			if strings.HasSuffix(name, "_total") {
				kind = prometheus.CounterValue
			}
			help, known := memberHelp[name]
			if !known {
				help = "What a live process reports as " + name + "."
			}
			if ofChannel {
				desc := newDesc("webmon_channel_"+name, help, "role", "name", "channel")
				out <- prometheus.MustNewConstMetric(desc, kind, value, m.Role, m.Name, channel)
				continue
			}
			desc := newDesc("webmon_member_"+name, help, "role", "name")
			out <- prometheus.MustNewConstMetric(desc, kind, value, m.Role, m.Name)
		}
	}
	return nil
}
