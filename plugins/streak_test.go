package plugins_test

import (
	"testing"

	"webmon/plugins"
)

func TestStreak(t *testing.T) {
	t.Parallel()
	var streak plugins.Streak
	for i, step := range []struct {
		there bool
		want  int
	}{
		{false, 0}, {true, 0}, {true, 0}, {false, 0}, {true, 0}, {true, 0}, {true, 0}, {false, 1}, {false, 2}, {true, 0}, {false, 1},
	} {
		if got := streak.Learn(step.there); got != step.want {
			t.Errorf("step %d: missed %d times, want %d", i, got, step.want)
		}
		w := plugins.NewPast(1)
		streak.Write(w)
		r := plugins.ReadPast(w.Bytes(), 1)
		if again := plugins.ReadStreak(r); again != streak || !r.OK() {
			t.Errorf("step %d: %+v became %+v", i, streak, again)
		}
	}
	for range 200 {
		streak.Learn(false)
	}
	if streak != (plugins.Streak{}) {
		t.Errorf("what is long gone is still missed: %+v", streak)
	}
}
