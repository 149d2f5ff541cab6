package api

import (
	"slices"
	"strings"

	"webmon/plugins"
)

// hide takes an asset's secrets out of a result.
func (r *result) hide(secrets *strings.Replacer) {
	if secrets == nil {
		return
	}
	for i := range r.Reports {
		report := &r.Reports[i]
		report.Error = secrets.Replace(report.Error)
		facts := make(map[string]string, len(report.Facts))
		for name, text := range report.Facts {
			facts[name] = secrets.Replace(text)
		}
		report.Facts = facts
		for j := range report.Findings {
			report.Findings[j].hide(secrets)
		}
	}
}

func (f *Finding) hide(secrets *strings.Replacer) {
	f.Message = secrets.Replace(f.Message)
	f.Observed, f.Expected = f.Observed.hide(secrets), f.Expected.hide(secrets)
	f.Evidence = slices.Clone(f.Evidence)
	for i, text := range f.Evidence {
		f.Evidence[i] = secrets.Replace(text)
	}
}

func (v value) hide(secrets *strings.Replacer) value {
	if _, isNumber := v.Number(); isNumber || v.IsZero() {
		return v
	}
	return value{plugins.Text(secrets.Replace(v.String()))}
}
