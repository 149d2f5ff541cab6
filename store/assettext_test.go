package store_test

import (
	"testing"

	"webmon/store"
	"webmon/store/storetest"
)

// A text is found whatever it is made of, and only in what people see.
func TestTextFilter(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	for _, name := range []string{`Bread & <b>Butter</b>`, `He said "no\yes"`, "Café Élan", "line\u2028break", "plain enabled timeout"} {
		a := newAsset("http://a/?x=1&y=2")
		a.Name = name
		create(t, s, a)
	}
	for text, want := range map[string]int{
		"& <B>b": 1, `"no\yes`: 1, "CAFÉ é": 1, "\u2028": 1, "X=1&Y": 5, "&": 5, "plain ENABLED": 1, "u0026": 0, "interval": 0, "\ufffd": 0,
	} {
		page, err := s.Assets(t.Context(), store.AssetQuery{Limit: 10, Text: text})
		if err != nil || len(page.Assets) != want || page.Next != "" {
			t.Errorf("%q is in %d assets, want %d; next %q, %v", text, len(page.Assets), want, page.Next, err)
		}
	}
}
