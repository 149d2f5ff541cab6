package timing

import "webmon/plugins"

// Baselines implements [plugins.Baseliner]. A time above its band is slow; some
// slow checks in a row are a finding.
func (t *timing) Baselines(past []byte) (all []plugins.Baseline) {
	m, ok := decode(past)
	if !ok || !t.drift {
		return nil
	}
	for i := range m {
		if b, ok := m[i].Baseline(watched[i].metric, watched[i].limits); ok {
			all = append(all, b)
		}
	}
	return all
}
