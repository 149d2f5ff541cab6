package plugins

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Target is what a person decides about: everything, one plugin, one code of
// its findings, or one piece of evidence of it. What is empty is not narrowed.
type Target struct {
	Plugin   string `json:"plugin,omitempty"`
	Code     string `json:"code,omitempty"`
	Evidence string `json:"evidence,omitempty"` // one of [Finding.Evidence]; the metric, for findings without evidence
}

// Exact tells whether the target is one thing, so that it can be decided about
// before it is ever found.
func (t Target) Exact() bool { return t.Plugin != "" && t.Code != "" && t.Evidence != "" }

// Matches tells whether a finding of a plugin is about the target.
func (t Target) Matches(plugin string, f *Finding) bool {
	return (t.Plugin == "" || t.Plugin == plugin) && (t.Code == "" || t.Code == f.Code) &&
		(t.Evidence == "" || slices.Contains(f.Evidence, t.Evidence) || len(f.Evidence) == 0 && t.Evidence == f.Metric)
}

// Find lists what target means among the alarms of one check: a target for each
// piece of evidence, the weightiest findings first. An asset that is down is
// left out: that can be neither normal nor learned. So are assertions: they are
// what people set, and not what was learned.
func Find(reports []Report, target Target) (found []Target) {
	for i := range reports {
		report := &reports[i]
		if report.Plugin == AssertionsName {
			continue
		}
		for j := range report.Findings {
			f := &report.Findings[j]
			if !f.Alarming() || f.Verdict == Down || !target.Matches(report.Plugin, f) {
				continue
			}
			pieces := f.Evidence
			if target.Evidence != "" {
				pieces = []string{target.Evidence}
			} else if len(pieces) == 0 {
				pieces = []string{f.Metric}
			}
			for _, piece := range pieces {
				if one := (Target{report.Plugin, f.Code, piece}); !slices.Contains(found, one) {
					found = append(found, one)
				}
			}
		}
	}
	return found
}

// Gist is [Find], but of a whole plugin it lists only what marks the alarm out:
// the findings with at least half the points of the weightiest one, and of
// these those with evidence, if there are any. The rest comes with many a
// change: to refuse that would keep a page from being learned for ever.
func Gist(reports []Report, target Target) []Target {
	if target.Code != "" || target.Evidence != "" {
		return Find(reports, target)
	}
	main := make([]Report, len(reports))
	for i := range reports {
		main[i] = Report{Plugin: reports[i].Plugin, Findings: weightiest(reports[i].Findings)}
	}
	return Find(main, target)
}

func weightiest(findings []Finding) []Finding {
	findings = slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return !f.Alarming() || f.Verdict == Down })
	most := 0.0
	for _, f := range findings {
		most = max(most, f.Points)
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.Points < most/2 })
	if named := slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return len(f.Evidence) == 0 }); len(named) > 0 {
		return named
	}
	return findings
}

// Accepter is a plugin that can learn a single finding. All others accept by
// forgetting what they remember.
type Accepter interface {
	// Accept returns what to remember instead of past, so that what target
	// names is normal from the next check on. Without a code it is about what
	// the plugin found at the last check, with one it may name what was never
	// seen. When there is nothing to accept, or past cannot be read, it returns
	// past. Like Inspect it is a pure function, and accepting twice is the same
	// as accepting once.
	Accept(past []byte, target Target) []byte
}

// The limits of what is refused of one asset.
const (
	MaxRefused    = 128 // targets
	MaxTargetText = 200 // bytes of a code or a piece of evidence
)

// ErrTooManyRefused says that no more targets can be refused of an asset.
var ErrTooManyRefused = errors.New("too much is refused already")

// Plugins lists the names of the suite's plugins, sorted.
func (s *Suite) Plugins() []string {
	names := make([]string, len(s.entries))
	for i, e := range s.entries {
		names[i] = e.name
	}
	return names
}

// AcceptsInAdvance tells whether a plugin can be told what is normal before it
// finds it.
func (s *Suite) AcceptsInAdvance(plugin string) bool {
	i := s.index(plugin)
	if i < 0 {
		return false
	}
	_, ok := s.entries[i].plugin.(Accepter)
	return ok
}

// Accept returns the memory after somebody said that target is normal. found is
// what target means, as [Find] has it, or target itself when it is to be
// accepted in advance. What was refused of it is refused no more.
//
// A plugin that is to accept without a code takes its last page as a whole. If
// it has not learned of that page, because it is refused, it accepts its part of
// found, one by one.
func (s *Suite) Accept(memory []byte, target Target, found []Target) ([]byte, error) {
	pasts, refused := decodeMemory(memory, s.entries)
	for i, e := range s.entries {
		mine := slices.DeleteFunc(slices.Clone(found), func(t Target) bool { return t.Plugin != e.name })
		if len(mine) == 0 {
			continue
		}
		held := slices.ContainsFunc(mine, func(t Target) bool { return slices.Contains(refused, t) })
		after, err := e.accept(pasts[i], target.Code == "", held, mine)
		if err != nil {
			return nil, err
		}
		pasts[i] = after
	}
	refused = slices.DeleteFunc(refused, func(t Target) bool { return slices.Contains(found, t) })
	return encodeMemory(s.entries, pasts, refused), nil
}

// accept asks one plugin, and turns a panic and a past that is too large into
// errors. held says that the plugin was kept from learning what was found.
func (e entry) accept(past []byte, whole, held bool, found []Target) (after []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			after, err = nil, fmt.Errorf("plugin %s panicked: %v", e.name, cause)
		}
	}()
	accepter, ok := e.plugin.(Accepter)
	if !ok {
		return nil, nil
	}
	after = past
	if whole {
		after = accepter.Accept(past, Target{Plugin: e.name})
	}
	if !whole || held && bytes.Equal(after, past) {
		for _, one := range found {
			after = accepter.Accept(after, one)
		}
	}
	if len(after) > MaxPast {
		return nil, fmt.Errorf("plugin %s wants to remember %d bytes, the limit is %d", e.name, len(after), MaxPast)
	}
	return after, nil
}

// Never returns the memory after somebody said that what was found must never
// become normal: a plugin that alarms about any of it does not learn the page.
//
// before is a memory of the time before the alarm, or nil. What the plugins of
// found remembered then comes back, in case they have learned it since; restored
// names those that had something to remember. It fails with ErrTooManyRefused.
func (s *Suite) Never(memory, before []byte, found []Target) (after []byte, restored []string, err error) {
	pasts, refused := decodeMemory(memory, s.entries)
	for _, one := range found {
		if len(one.Code) > MaxTargetText || len(one.Evidence) > MaxTargetText {
			return nil, nil, fmt.Errorf("a code or a piece of evidence has more than %d bytes", MaxTargetText)
		}
		if !slices.Contains(refused, one) {
			refused = append(refused, one)
		}
	}
	if len(refused) > MaxRefused {
		return nil, nil, fmt.Errorf("%w: %d targets, the limit is %d", ErrTooManyRefused, len(refused), MaxRefused)
	}
	old, _ := decodeMemory(before, s.entries)
	for i, e := range s.entries {
		if old[i] != nil && slices.ContainsFunc(found, func(t Target) bool { return t.Plugin == e.name }) {
			pasts[i] = old[i]
			restored = append(restored, e.name)
		}
	}
	return encodeMemory(s.entries, pasts, refused), restored, nil
}

// Reset returns the memory without what one plugin remembers and what was
// refused of it, and nil when no plugin is named: all is forgotten.
func (s *Suite) Reset(memory []byte, plugin string) []byte {
	if plugin == "" {
		return nil
	}
	pasts, refused := decodeMemory(memory, s.entries)
	if i := s.index(plugin); i >= 0 {
		pasts[i] = nil
	}
	refused = slices.DeleteFunc(refused, func(t Target) bool { return t.Plugin == plugin })
	return encodeMemory(s.entries, pasts, refused)
}

func (s *Suite) index(plugin string) int {
	return slices.IndexFunc(s.entries, func(e entry) bool { return e.name == plugin })
}

// refuses tells whether an alarm of a plugin is about something that must not
// become normal.
func refuses(refused []Target, plugin string, findings []Finding) bool {
	for i := range findings {
		f := &findings[i]
		if f.Alarming() && slices.ContainsFunc(refused, func(t Target) bool { return t.Matches(plugin, f) }) {
			return true
		}
	}
	return false
}

// refusedVersion is of the part of a memory that says what is refused.
const refusedVersion = 1

func encodeRefused(refused []Target) []byte {
	if len(refused) == 0 {
		return nil
	}
	w := NewPast(refusedVersion)
	w.Int(len(refused))
	for _, t := range refused {
		w.Text(t.Plugin)
		w.Text(t.Code)
		w.Text(t.Evidence)
	}
	return w.Bytes()
}

// decodeRefused reads what encodeRefused wrote. What is damaged is as nothing.
func decodeRefused(b []byte) []Target {
	r := ReadPast(b, refusedVersion)
	refused := make([]Target, r.Int(MaxRefused))
	for i := range refused {
		refused[i] = Target{r.Text(MaxTargetText), r.Text(MaxTargetText), r.Text(MaxTargetText)}
	}
	if !r.OK() {
		return nil
	}
	return refused
}
