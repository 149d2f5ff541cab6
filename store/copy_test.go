package store_test

import (
	"strings"
	"testing"

	"webmon/store"
	"webmon/store/storetest"
)

// What a newer webmon wrote is not lost in silence.
func TestCopyOfUnknownField(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	visit := func(*store.AssetCopy) error { return nil }
	for field, value := range map[string]string{"future": "1", "s": "soon", "v": "99", "d": "{", "r": "0"} {
		s := storetest.Open(t)
		a := create(t, s, newAsset("http://a/"))
		if err := s.Copies(ctx, visit); err != nil {
			t.Fatal(err)
		}
		if err := s.SetField(ctx, a.ID, field, value); err != nil {
			t.Fatal(err)
		}
		if err := s.Copies(ctx, visit); err == nil || !strings.Contains(err.Error(), a.ID) {
			t.Errorf("field %s is %s: %v", field, value, err)
		}
	}
}
