package jsonshape

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"webmon/plugins"
)

const (
	warmup     = 3  // checks to learn from
	adopt      = 10 // checks in a row with alarms, after which the answer is learned anew
	maxAlarms  = 8
	maxNews    = 5   // new keys named at once
	maxCounted = 200 // versions; then all is halved

	// surprising is the chance, by the answer's own rate of changes, below
	// which one is worth an alarm.
	surprising = 0.03
)

// known is what is remembered of a path.
type known struct {
	types    types
	optional bool // was missing at times, or came later
}

// compare takes in a new version of the answer. It returns what is worth
// noting once, and keeps what is worth an alarm.
func (m *memory) compare(now shape) (news []plugins.Finding) {
	m.gone, m.retyped = nil, nil
	if now == nil {
		return nil // no JSON: alarms tells so
	}
	if len(now) >= maxPaths {
		m.paths, m.checks, m.row = nil, 0, 0 // too many to keep track of
		return nil
	}
	if m.checks < warmup {
		m.learn(now)
		m.checks++
		return nil
	}
	gone, retyped := m.lost(now), m.changed(now)
	if len(gone)+len(retyped) > 0 {
		if m.row > 0 || (float64(m.changes)+0.1)/(float64(m.versions)+15.1) < surprising {
			m.gone, m.retyped = gone[:min(len(gone), maxAlarms)], retyped[:min(len(retyped), maxAlarms)]
		} else {
			m.learn(now)
		}
		if m.row == 0 {
			m.changes++
		}
	}
	if m.versions++; m.versions >= maxCounted {
		m.versions, m.changes = m.versions/2, m.changes/2
	}
	var fresh []string
	for _, path := range slices.Sorted(maps.Keys(now)) {
		if _, old := m.paths[path]; !old && len(m.paths) < maxPaths {
			fresh = append(fresh, path)
			m.paths[path] = known{now[path], true}
		}
	}
	if len(fresh) > 0 {
		names := strings.Join(fresh[:min(len(fresh), maxNews)], ", ")
		if more := len(fresh) - maxNews; more > 0 {
			names += fmt.Sprintf(" and %d more", more)
		}
		news = append(news, plugins.Finding{
			Severity: plugins.Info, Code: "new_key", Metric: "paths_count",
			Message: "The answer has new keys: " + names + ".", Observed: plugins.Text(names),
		})
	}
	return news
}

// lost lists keys that were always there and are not, though their object is.
func (m *memory) lost(now shape) (gone []string) {
	for path, before := range m.paths {
		object, ok := parent(path)
		if _, there := now[path]; there || !ok || before.optional {
			continue
		}
		// A list of several objects may have one without the key; one that has
		// none of them any more is what counts here.
		if now[object]&isObject != 0 {
			gone = append(gone, path)
		}
	}
	slices.Sort(gone)
	return gone
}

// changed lists keys whose values are all of other types than ever before. Null
// is a value that is missing, not of another type.
func (m *memory) changed(now shape) (retyped []string) {
	for path, types := range now {
		if before, old := m.paths[path]; old && types&^isNull != 0 && before.types&^isNull != 0 && types&before.types&^isNull == 0 {
			retyped = append(retyped, fmt.Sprintf("%s is %s, not %s", path, types&^isNull, before.types&^isNull))
		}
	}
	slices.Sort(retyped)
	return retyped
}

// learn takes in a version as it is: what it lacks is optional.
func (m *memory) learn(now shape) {
	if m.paths == nil {
		m.paths = make(map[string]known, len(now))
	}
	for path, before := range m.paths {
		if _, there := now[path]; !there {
			before.optional = true
			m.paths[path] = before
		}
	}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		before, old := m.paths[path]
		if !old && len(m.paths) >= maxPaths {
			continue
		}
		m.paths[path] = known{before.types | now[path], before.optional || !old && m.checks > 0}
	}
}

// alarms tells what is wrong with the version looked at last.
func (m *memory) alarms() (findings []plugins.Finding) {
	alarm := func(code, message, observed string) {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: code, Message: message, Observed: plugins.Text(observed), Verdict: plugins.Changed,
		})
	}
	if !m.valid && m.checks >= warmup {
		alarm("json_gone", "The answer is no JSON any more.", "no JSON")
	}
	if list := strings.Join(m.gone, ", "); list != "" {
		alarm("key_gone", "Keys that were always there are gone: "+list+".", list)
	}
	if list := strings.Join(m.retyped, "; "); list != "" {
		alarm("type_changed", "Values are of another type than before: "+list+".", list)
	}
	return findings
}

// tire counts the checks with alarms. An interface that stays changed has a new
// version; it is learned anew from the next one on.
func (m *memory) tire() {
	if len(m.gone)+len(m.retyped) == 0 && m.valid {
		m.row = 0
		return
	}
	if m.row++; m.row >= adopt {
		*m = memory{valid: true}
	}
}
