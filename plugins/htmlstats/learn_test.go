package htmlstats

import (
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
)

// An alarmed page teaches nothing, and is adopted when it stays.
func TestNewLevelIsAdopted(t *testing.T) {
	t.Parallel()
	old, redesigned := site(60, seeded(1)), "<html><head><title>News</title></head><body><h1>All the news</h1><table>"+
		strings.Repeat("<tr><td>other words altogether<td>in a table", 40)+"</table></body></html>"
	w := newWatch(t, "")
	for range 10 {
		w.calm(old)
	}
	w.alarmed(redesigned)
	w.calm(old)
	for range adoptAfter {
		w.alarmed(redesigned)
	}
	w.calm(redesigned)
	if !w.probe(hacked).Changed {
		t.Error("a new level is not watched")
	}
}

func TestSecurityIsNeverAdopted(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	for _, name := range []string{"script", "frame", "phishing", "redirect", "deface", "strange script"} {
		w := newWatch(t, "")
		for range 5 {
			w.calm(steady)
		}
		attacked := attacks[name].do(steady)
		for range 30 {
			w.alarmed(attacked)
		}
	}
}

// A state that came twice and went is known at its third coming.
func TestKnownVariant(t *testing.T) {
	t.Parallel()
	usual, sale := site(60, seeded(1)), site(12, seeded(2))
	w := newWatch(t, "")
	for range 10 {
		w.calm(usual)
	}
	for range knownAfter {
		w.alarmed(sale)
		w.calm(usual)
	}
	if got := codes(w.check(htmlPage(sale))); !slices.Equal(got, []string{"known_variant"}) {
		t.Errorf("the third time gives %v", got)
	}
	w.calm(usual)
	if !w.probe(hacked).Changed {
		t.Error("another state is a known variant, too")
	}
}

// What is shown in place of the page teaches nothing, and stays an alarm.
func TestInconclusiveTeachesNothing(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	steady := site(20, seeded(1))
	for range 5 {
		w.calm(steady)
	}
	for _, body := range []string{
		"", "<title>Just a moment...</title><p>Checking your browser", "<h1>Wartungsarbeiten</h1>",
		"<p>This domain is for sale", "<form><p>Please sign in<input type=password></form>", "<b>Fatal error</b>: no memory in index.php",
	} {
		for range 2 * relearnAfter {
			report := w.alarmed(body)
			if f := report.Findings[0]; f.Verdict != plugins.Inconclusive || f.Severity != plugins.Warning {
				t.Fatalf("%q is %s, %s", body, f.Verdict, f.Severity)
			}
		}
		w.calm(steady)
	}
}

// A page that becomes restless for good is learned anew.
func TestRestlessPageIsLearnedAnew(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 10 {
		w.calm(site(20, seeded(1)))
	}
	random := seeded(2)
	restless := func() string { return site(20+random.IntN(180), random) }
	for range 3 * relearnAfter {
		w.check(htmlPage(restless()))
	}
	alarms := 0
	for range 100 {
		if w.check(htmlPage(restless())).Changed {
			alarms++
		}
	}
	if alarms > 2 {
		t.Errorf("%d of 100 checks alarm, although the page is always restless", alarms)
	}
}
