package api

import (
	"testing"
	"time"
)

// A picture must not change from one second to the next.
func TestChartEndsAtAWholePixel(t *testing.T) {
	t.Parallel()
	const px = 108 * time.Second // of a day on 800 px
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Truncate(px)
	first := chartEnd(begin, 24*time.Hour, 800)
	if last := chartEnd(begin.Add(px-1), 24*time.Hour, 800); !first.Equal(last) || !first.Equal(begin.Add(px)) {
		t.Errorf("a window that begins in the same px ends at %v and at %v", first, last)
	}
	if next := chartEnd(begin.Add(px), 24*time.Hour, 800); !next.Equal(first.Add(px)) {
		t.Errorf("the next px ends at %v", next)
	}
	if to := chartEnd(begin, time.Second, 2000); !to.After(begin) || to.After(begin.Add(time.Millisecond)) {
		t.Errorf("a second ends at %v, at %v", to, begin)
	}
}
