package extract

import "webmon/plugins"

// Baselines implements [plugins.Baseliner]. The bounds min and max of the
// options are no part of it: they are set, not learned.
func (e *extract) Baselines(past []byte) (all []plugins.Baseline) {
	m, ok := e.decode(past)
	if !ok {
		return nil
	}
	for i, value := range e.values {
		if b, ok := m.numbers[i].window.Baseline(value.metric(), value.limits); ok {
			all = append(all, b)
		}
	}
	return all
}
