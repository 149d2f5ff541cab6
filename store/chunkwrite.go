package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"webmon/plugins"
)

// A chunk is sealed when it holds this many results, or this many bytes.
const (
	chunkResults = 64
	chunkBytes   = 16 << 10
)

// appendResult makes the frame that stores a result after a chunk. When the
// chunk is full it is given sealed, and the frame begins a new one.
func appendResult(chunk string, r Result) (frame, sealed string, err error) {
	state := chunkStates.Get().(*chunkState)
	defer chunkStates.Put(state)
	defer state.reset() // or it would hold on to the chunk
	switch err := state.read(chunk, func(*chunkState) bool { return true }); {
	case err != nil:
		// Nothing can follow what cannot be read: it is put away as it is, with
		// the time of now, so that it is kept as long as what is known to be good.
		sealed = seal(chunk, r.At.UnixMilli())
		state.reset()
	case state.results >= chunkResults || len(chunk) >= chunkBytes:
		sealed = seal(chunk, state.at)
		state.reset()
	}
	frame, err = state.append(r)
	return frame, sealed, err
}

// chunkStates are used again, since their slots are a great part of what a check
// would allocate.
var chunkStates = sync.Pool{New: func() any { return new(chunkState) }}

// reset makes the state that of a chunk that begins. Its slots keep their room.
func (c *chunkState) reset() {
	clear(c.plugins)
	clear(c.metrics)
	clear(c.facts)
	*c = chunkState{plugins: c.plugins[:0], metrics: c.metrics[:0], facts: c.facts[:0]}
}

// append makes the frame of the next result and brings the state to it.
func (c *chunkState) append(r Result) (string, error) {
	_, seq, ok := splitJobID(r.Job)
	if !ok {
		return "", fmt.Errorf("%q is no job id", r.Job)
	}
	if r.Verdict.Rank() < 0 {
		return "", fmt.Errorf("%q is no verdict", r.Verdict)
	}
	w := frameWriter{state: c, plugins: len(c.plugins), metrics: len(c.metrics), facts: len(c.facts)}
	if err := w.compare(r.Reports); err != nil {
		return "", err
	}
	flags := byte(0)
	set := func(flag byte, when bool) {
		if when {
			flags |= flag
		}
	}
	set(flagChanged, r.Changed)
	set(flagNames, w.plugins < len(c.plugins) || w.metrics < len(c.metrics) || w.facts < len(c.facts))
	set(flagPlugins, w.presence)
	set(flagFacts, w.factChanges > 0)
	set(flagFindings, w.findingChanges > 0)

	at := r.At.UnixMilli()
	step := at - c.at
	const most = 64 // of what comes before the changes, but for new names
	b := make([]byte, 0, most+len(w.metricBytes)+len(w.factBytes)+len(w.findingBytes))
	b = append(b, flags, byte(r.Verdict.Rank()))
	b = binary.AppendUvarint(b, zigzag(step-c.step))
	b = binary.AppendUvarint(b, zigzag(int64(seq-c.seq)))
	c.at, c.step, c.seq = at, step, seq
	if flags&flagNames != 0 {
		b = w.appendNames(b)
	}
	if flags&flagPlugins != 0 {
		for _, p := range c.plugins {
			b = append(b, boolArg(p.present)[0]-'0')
		}
	}
	b = append(binary.AppendUvarint(b, uint64(w.metricChanges)), w.metricBytes...)
	if flags&flagFacts != 0 {
		b = append(binary.AppendUvarint(b, uint64(w.factChanges)), w.factBytes...)
	}
	if flags&flagFindings != 0 {
		b = append(binary.AppendUvarint(b, uint64(w.findingChanges)), w.findingBytes...)
	}
	c.results++
	return string(binary.AppendUvarint(nil, uint64(len(b)))) + string(b), nil
}

// frameWriter collects what differs between the state and the next result.
type frameWriter struct {
	state                   *chunkState
	plugins, metrics, facts int // how many names there were before

	presence       bool // the set of reporting plugins changed
	metricChanges  int
	metricBytes    []byte
	factChanges    int
	factBytes      []byte
	findingChanges int
	findingBytes   []byte
}

func (w *frameWriter) compare(reports []plugins.Report) error {
	c := w.state
	place := 0 // metrics mostly come in the same order as last time
	for _, report := range reports {
		p := w.plugin(report.Plugin)
		c.plugins[p].seen = true
		for _, m := range report.Metrics {
			place = w.metric(p, m.Name, place)
			c.metrics[place].next, c.metrics[place].seen = m.Value, true
			place++
		}
		w.noteFacts(p, report.Facts)
		if report.Error != "" {
			w.noteFact(p, errorFact, report.Error)
		}
		if err := w.compareFindings(p, report.Findings); err != nil {
			return err
		}
	}
	for i := range c.plugins {
		p := &c.plugins[i]
		if !p.seen && p.findings != "" {
			if err := w.compareFindings(i, nil); err != nil {
				return err
			}
		}
		w.presence = w.presence || p.present != p.seen
		p.present, p.seen = p.seen, false
	}
	w.compareMetrics()
	w.compareFacts()
	return nil
}

func (w *frameWriter) compareMetrics() {
	last := -1
	for i := range w.state.metrics {
		m := &w.state.metrics[i]
		seen := m.seen
		m.seen = false
		if seen == m.present && (!seen || m.next == m.value) {
			continue
		}
		w.metricBytes = binary.AppendUvarint(w.metricBytes, uint64(i-last-1))
		if seen {
			w.metricBytes = appendValue(w.metricBytes, m.value, m.next)
			m.value = m.next
		} else {
			w.metricBytes = binary.AppendUvarint(w.metricBytes, valueAbsent)
		}
		m.present = seen
		w.metricChanges++
		last = i
	}
}

// noteFacts notes facts: those that are known in any order, which costs least,
// and new ones in that of their names.
func (w *frameWriter) noteFacts(plugin int, facts map[string]string) {
	var unknown []string
	for name, value := range facts {
		if i := w.findFact(plugin, name); i >= 0 {
			w.state.facts[i].next, w.state.facts[i].seen = value, true
		} else {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		w.noteFact(plugin, name, facts[name])
	}
}

func (w *frameWriter) noteFact(plugin int, name, value string) {
	i := w.fact(plugin, name)
	w.state.facts[i].next, w.state.facts[i].seen = value, true
}

func (w *frameWriter) compareFacts() {
	last := -1
	for i := range w.state.facts {
		f := &w.state.facts[i]
		seen := f.seen
		f.seen = false
		if seen == f.present && (!seen || f.next == f.value) {
			continue
		}
		w.factBytes = binary.AppendUvarint(w.factBytes, uint64(i-last-1))
		if seen {
			w.factBytes = append(binary.AppendUvarint(w.factBytes, uint64(len(f.next)+1)), f.next...)
			f.value = f.next
		} else {
			w.factBytes = binary.AppendUvarint(w.factBytes, 0)
		}
		f.present = seen
		w.factChanges++
		last = i
	}
}

func (w *frameWriter) compareFindings(p int, findings []plugins.Finding) error {
	text := ""
	if len(findings) > 0 {
		b, err := json.Marshal(findings)
		if err != nil {
			return fmt.Errorf("findings of %s: %w", w.state.plugins[p].name, err)
		}
		text = string(b)
	}
	slot := &w.state.plugins[p]
	if text == slot.findings {
		return nil
	}
	slot.findings = text
	w.findingBytes = appendText(binary.AppendUvarint(w.findingBytes, uint64(p)), text)
	w.findingChanges++
	return nil
}

// plugin is the number of a plugin's name, a new one when need be; metric and
// fact likewise.
func (w *frameWriter) plugin(name string) int {
	c := w.state
	if i := slices.IndexFunc(c.plugins, func(p pluginSlot) bool { return p.name == name }); i >= 0 {
		return i
	}
	c.plugins = append(c.plugins, pluginSlot{name: name})
	return len(c.plugins) - 1
}

func (w *frameWriter) metric(plugin int, name string, guess int) int {
	c := w.state
	is := func(m metricSlot) bool { return m.plugin == plugin && m.name == name }
	if guess < len(c.metrics) && is(c.metrics[guess]) {
		return guess
	}
	if i := slices.IndexFunc(c.metrics, is); i >= 0 {
		return i
	}
	c.metrics = append(c.metrics, metricSlot{plugin: plugin, name: name})
	return len(c.metrics) - 1
}

// findFact is -1 when the fact has no number yet.
func (w *frameWriter) findFact(plugin int, name string) int {
	return slices.IndexFunc(w.state.facts, func(f factSlot) bool { return f.plugin == plugin && f.name == name })
}

func (w *frameWriter) fact(plugin int, name string) int {
	if i := w.findFact(plugin, name); i >= 0 {
		return i
	}
	c := w.state
	c.facts = append(c.facts, factSlot{plugin: plugin, name: name})
	return len(c.facts) - 1
}

func (w *frameWriter) appendNames(b []byte) []byte {
	c := w.state
	b = binary.AppendUvarint(b, uint64(len(c.plugins)-w.plugins))
	for _, p := range c.plugins[w.plugins:] {
		b = appendText(b, p.name)
	}
	b = binary.AppendUvarint(b, uint64(len(c.metrics)-w.metrics))
	for _, m := range c.metrics[w.metrics:] {
		b = appendText(binary.AppendUvarint(b, uint64(m.plugin)), m.name)
	}
	b = binary.AppendUvarint(b, uint64(len(c.facts)-w.facts))
	for _, f := range c.facts[w.facts:] {
		b = appendText(binary.AppendUvarint(b, uint64(f.plugin)), f.name)
	}
	return b
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}
