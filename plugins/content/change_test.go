package content

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const news = `<title>News</title><nav><a href=/>Home</a></nav><main><h1>All the news</h1><p>The bridge is open again. It had been closed for repairs since the spring of last year. Cars may pass.</p>
<table><tr><td>Bread<td>2.40<tr><td>Milk<td>1.10</table></main><footer>Sunday, 22 November 2026, 14:03 <span id=count>Visitors: 10,482</span> updated 5 minutes ago</footer>`

func TestDiff(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	a.finding(news)
	changed := strings.NewReplacer("since the spring", "for all", "1.10", "1.25", "</nav>", " <a href=/x>Shop</a></nav>").Replace(news)
	report := a.check(page("text/html", changed))
	finding := report.Findings[0]
	if want := "3 lines added, 3 removed: “Home Shop”."; finding.Message != want {
		t.Errorf("message %q, want %q", finding.Message, want)
	}
	want := []string{"- Home", "+ Home Shop", "- It had been closed for repairs since the spring of last year.", "+ It had been closed for repairs for all of last year.", "- Milk 1.10", "+ Milk 1.25"}
	if !slices.Equal(finding.Evidence, want) {
		t.Errorf("evidence %q, want %q", finding.Evidence, want)
	}
	const diff = `- Home
+ Home Shop
  All the news
  The bridge is open again.
- It had been closed for repairs since the spring of last year.
+ It had been closed for repairs for all of last year.
  Cars may pass.
  Bread 2.40
- Milk 1.10
+ Milk 1.25
  Sunday, 22 November 2026, 14:03 Visitors: 10,482 updated 5 minutes ago`
	if got := report.Facts["diff"]; got != diff {
		t.Errorf("diff\n%s\nwant\n%s", got, diff)
	}
	if d := metric(report, "simhash_distance_count"); d < 1 || d > 25 {
		t.Errorf("the text is %v bits away, want a few", d)
	}
}

// Whatever two texts are, taking away what is gone and adding what is new makes
// the one out of the other.
func TestDiffIsTrue(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		old := make([]string, random.IntN(12))
		for i := range old {
			old[i] = string(rune('a' + random.IntN(6)))
		}
		now := slices.Clone(old)
		for range random.IntN(4) {
			if i := random.IntN(len(now) + 1); i < len(now) && random.IntN(2) == 0 {
				now = slices.Delete(now, i, i+1)
			} else {
				now = slices.Insert(now, i, string(rune('a'+random.IntN(6))))
			}
		}
		var c change
		c.read(strings.Join(old, "\n"), []byte(strings.Join(now, "\n")), false)
		left := make(map[string]int)
		for _, l := range old {
			left[l]++
		}
		for _, l := range c.lines {
			switch l.kind {
			case '+':
				left[l.text]++
			case '-':
				left[l.text]--
			}
		}
		for _, l := range now {
			left[l]--
		}
		for l, n := range left {
			if n != 0 {
				t.Errorf("%q to %q: %d of %q are not accounted for in %q", old, now, n, l, c.lines)
			}
		}
		if c.added-c.removed != len(now)-len(old) {
			t.Errorf("%q to %q: %d added, %d removed", old, now, c.added, c.removed)
		}
	}
}
