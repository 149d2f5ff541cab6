package timing

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/baseline"
)

// watched are the metrics whose drift is told, each against its own window.
// Their order is remembered.
var watched = [...]struct {
	metric, code, what string
	limits             baseline.Limits
}{
	{"first_byte_seconds", "slow_first_byte", "The first byte", limits(24)},
	{"total_seconds", "slower_than_usual", "The check", limits(24)},
	{"connect_seconds", "slow_connect", "The connection", limits(12)},
	{"dns_seconds", "slow_dns", "The resolution of the name", limits(12)},
	{"tls_seconds", "slow_tls", "The TLS handshake", limits(12)},
	{"transfer_seconds", "slow_transfer", "The transfer of the body", limits(12)},
}

// limits are for a window of so many checks. A network is never steady: a time
// may be half again the usual, and a fifth of a second more, before it says
// anything. Even then one slow check says nothing; some in a row do.
func limits(size int) baseline.Limits {
	return baseline.Limits{Size: size, Warmup: 12, K: 4, AbsoluteFloor: 0.05, RelativeFloor: 0.15, OnlyAbove: true, Adopt: 30}
}

const (
	pastVersion = 2
	agree       = 3 // slow checks in a row that are a finding
)

// memory is what is remembered of an asset.
type memory [len(watched)]baseline.Window

// judge takes in the times of a check, and tells which have been slow for long.
func (m *memory) judge(metrics []plugins.Metric, at time.Time) (findings []plugins.Finding) {
	for i := range m {
		for _, metric := range metrics {
			if metric.Name != watched[i].metric {
				continue
			}
			if finding, slow := judgeDrift(&m[i], i, metric.Value, at); slow {
				findings = append(findings, finding)
			}
		}
	}
	return findings
}

// judgeDrift takes in a time of the i-th watched metric.
func judgeDrift(window *baseline.Window, i int, value float64, at time.Time) (finding plugins.Finding, slow bool) {
	judge := window.JudgeOnly
	if teaches(at) {
		judge = window.Judge
	}
	j := judge(value, watched[i].limits)
	if j.Row < agree {
		return plugins.Finding{}, false
	}
	return plugins.Finding{
		Severity: plugins.Warning, Code: watched[i].code, Metric: watched[i].metric,
		Message:  fmt.Sprintf("%s took %.3f s, usually %.3f ± %.3f; %d checks in a row were slow.", watched[i].what, value, j.Mean, j.Sigma, j.Row),
		Observed: plugins.Number(value), Expected: plugins.Number(j.Mean), StdDev: j.Sigma, ZScore: j.ZScore,
		Verdict: plugins.Degraded,
	}, true
}

// teaches tells whether a check teaches full windows: about one in four does,
// picked by its time. Were it each, all that is remembered of an asset would
// have to be stored anew after each check, for that alone. The time is as it is
// stored, so that to judge stored checks again comes to the same.
func teaches(at time.Time) bool {
	var ms [8]byte
	binary.LittleEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	return xxhash.Sum64(ms[:])%4 == 0
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	for i := range m {
		m[i].Write(w)
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	for i := range m {
		if m[i], ok = baseline.Read(r, watched[i].limits); !ok {
			return memory{}, false
		}
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
