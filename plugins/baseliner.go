package plugins

// Baseline is what a plugin holds as normal for one metric, in the metric's
// unit. A value from Low to High is usual, both included.
type Baseline struct {
	Metric    string
	Expected  float64 // what a finding of the next check would give as expected
	StdDev    float64 // σ around Expected, after any floor
	Low, High float64
	N         int // values that it was learned from
}

// Baseliner is a plugin that learns what is normal for numbers.
type Baseliner interface {
	// Baselines lists what past, a Report.Past, says of the metrics that would
	// be judged at the next check. It is empty for a past that cannot be read.
	Baselines(past []byte) []Baseline
}

// Baselines returns what the plugins hold as normal, by "plugin.metric".
// memory is the Outcome.Memory of the last check of the asset, or nil.
func (s *Suite) Baselines(memory []byte) map[string]Baseline {
	all := map[string]Baseline{}
	pasts, _ := decodeMemory(memory, s.entries)
	for i, past := range pasts {
		baseliner, ok := s.entries[i].plugin.(Baseliner)
		if !ok {
			continue
		}
		for _, b := range baseliner.Baselines(past) {
			if finite(b.Expected) && finite(b.StdDev) && finite(b.Low) && finite(b.High) {
				all[s.entries[i].name+"."+b.Metric] = b
			}
		}
	}
	return all
}
