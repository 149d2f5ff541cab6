package htmlstats

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// history makes pages as sites bring them: mostly as before or a little changed,
// now and then changed much, attacked or out of order, for a check or for long.
func history(random *rand.Rand, checks int) []*plugins.Page {
	items := 5 + random.IntN(60)
	everyCheck := random.IntN(2) == 0
	good := site(items, random)
	var pages []*plugins.Page
	for len(pages) < checks {
		page := htmlPage(good)
		stay := 1
		switch random.IntN(14) {
		case 0: // the page grows or shrinks for good
			items = 5 + random.IntN(90)
			good = site(items, random)
			page = htmlPage(good)
		case 1: // something small, of the same size
			good = strings.Replace(good, "The end", fmt.Sprintf("The %c%c%c", 'a'+random.IntN(26), 'a'+random.IntN(26), 'a'+random.IntN(26)), 1)
			page = htmlPage(good)
		case 2:
			names := []string{"deface", "blank", "template", "half", "script", "frame", "strange script", "spam", "error page", "title"}
			page = htmlPage(attacks[names[random.IntN(len(names))]].do(good))
			stay = 1 + random.IntN(6)
		case 3:
			page = htmlPage("down")
			page.Status = 500
		case 4:
			page = htmlPage(`{"items": [1, 2, 3]}`)
			page.Header.Set("Content-Type", "application/json")
			stay = 1 + random.IntN(4)
		case 5: // another title stays
			good = strings.Replace(good, "<title>", fmt.Sprintf("<title>%s ", vocabulary[random.IntN(len(vocabulary))]), 1)
			page = htmlPage(good)
		case 6: // another state for a while
			page = htmlPage(strings.Replace(good, "<main>", "<main>"+strings.Repeat("<div><table><tr><td>0</table></div>", 40), 1))
			stay = 1 + random.IntN(3)
		default:
			if everyCheck {
				good = lively(items, random)
				page = htmlPage(good)
			}
		}
		for range stay {
			pages = append(pages, page)
		}
	}
	return pages
}

// play runs pages through the plugin, and gives its reports as they are stored.
func play(t *testing.T, options string, pages []*plugins.Page) []plugins.Report {
	t.Helper()
	w := newWatch(t, options)
	reports := make([]plugins.Report, len(pages))
	for i, page := range pages {
		reports[i] = w.check(page)
		reports[i].Past, reports[i].Changed = nil, false
	}
	return reports
}

// again judges stored reports by other options.
func again(t *testing.T, was, options string, whole bool, reports []plugins.Report) []plugins.Rejudged {
	t.Helper()
	make := func(options string) plugins.Plugin {
		plugin, err := New(json.RawMessage(options))
		if err != nil {
			t.Fatal(err)
		}
		return plugin
	}
	judge, err := make(options).(plugins.Rejudger).Rejudge(plugins.Origin{Was: make(was), Whole: whole})
	if err != nil {
		t.Fatal(err)
	}
	var all []plugins.Rejudged
	for i := range reports {
		all = append(all, judge(plugins.StoredCheck{At: firstCheck.Add(time.Duration(i) * time.Hour), Report: &reports[i]}))
	}
	return all
}

func alarmingIn(findings []plugins.Finding) bool {
	return slices.ContainsFunc(findings, func(f plugins.Finding) bool { return f.Alarming() })
}

var rejudgedOptions = []string{
	"", `{"profile": "strict"}`, `{"profile": "calm"}`, `{"k": 2}`, `{"k": 9}`, `{"ignore": ["page_bytes", "text_bytes", "words_count"]}`,
	`{"profile": "strict", "k": 2.5, "ignore": ["tags_count"]}`, `{"ignore": ["scripts_count", "tag_title_count"]}`,
}

// The same options find what was found, to the letter.
func TestRejudgeWithTheSameOptions(t *testing.T) {
	t.Parallel()
	alarms := 0
	for seed := range uint64(16) {
		options := rejudgedOptions[seed%uint64(len(rejudgedOptions))]
		reports := play(t, options, history(seeded(seed), 120))
		for i, got := range again(t, options, options, true, reports) {
			if want := reports[i].Findings; !reflect.DeepEqual(got.Findings, want) && len(got.Findings)+len(want) > 0 {
				t.Fatalf("seed %d, options %s, check %d:\n%+v\nwant\n%+v", seed, options, i, got.Findings, want)
			}
			if got.Estimate {
				t.Fatalf("seed %d, options %s, check %d is an estimate", seed, options, i)
			}
			if alarmingIn(got.Findings) {
				alarms++
			}
		}
	}
	if alarms < 150 {
		t.Errorf("only %d alarms were compared", alarms)
	}
}

// When the first checks are gone, the same options alarm as they did.
func TestRejudgeFromTheMiddle(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		options := rejudgedOptions[seed%uint64(len(rejudgedOptions))]
		reports := play(t, options, history(seeded(seed), 150))[50:]
		for i, got := range again(t, options, options, false, reports) {
			if alarmingIn(got.Findings) != alarmingIn(reports[i].Findings) || got.Estimate {
				t.Fatalf("seed %d, options %s, check %d:\n%+v\nwant\n%+v", seed, options, i, got, reports[i].Findings)
			}
		}
	}
}

// Results of older versions do not say which pages were unchanged.
func TestRejudgeOldResults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		steady := site(20, seeded(seed))
		other := htmlPage(strings.Replace(steady, "<title>News", "<title>Wars", 1)) // as long
		reports := play(t, "", append(slices.Repeat([]*plugins.Page{htmlPage(steady)}, 4), append([]*plugins.Page{other}, history(seeded(seed), 100)...)...))
		if !alarmingIn(reports[4].Findings) {
			t.Fatal("another title is no alarm")
		}
		for i := range reports {
			reports[i].Metrics = slices.DeleteFunc(reports[i].Metrics, func(m plugins.Metric) bool { return m.Name == unchangedName })
		}
		strict := again(t, "", `{"profile": "strict"}`, true, reports)
		for i, got := range again(t, "", "", true, reports) {
			if alarmingIn(got.Findings) != alarmingIn(reports[i].Findings) {
				t.Fatalf("seed %d, check %d: %+v\nwant\n%+v", seed, i, got.Findings, reports[i].Findings)
			}
			if len(reports[i].Metrics) > 0 && !strict[i].Estimate {
				t.Fatalf("seed %d, check %d: other options give no estimate", seed, i)
			}
		}
	}
}

// Other options find what they would have found on the pages themselves, up to
// the first check at which the two alarm differently; later mostly so.
func TestRejudgeWithOtherOptions(t *testing.T) {
	t.Parallel()
	exact, estimates, right, naive := 0, 0, 0, 0
	for seed := range uint64(8) {
		pages := history(seeded(seed), 120)
		for i, was := range rejudgedOptions {
			if was != "" && seed%4 != 0 {
				continue
			}
			stored := play(t, was, pages)
			for j, options := range rejudgedOptions {
				if i == j {
					continue
				}
				real := play(t, options, pages)
				parted := false
				for n, got := range again(t, was, options, true, stored) {
					same := alarmingIn(got.Findings) == alarmingIn(real[n].Findings)
					if !got.Estimate {
						exact++
						if !same {
							t.Fatalf("seed %d, %s judged by %s, check %d: %+v\nwant %+v\nstored %+v", seed, was, options, n, got.Findings, real[n].Findings, stored[n].Findings)
						}
					}
					if parted = parted || alarmingIn(stored[n].Findings) != alarmingIn(real[n].Findings); parted {
						estimates++
						if same {
							right++
						}
						if alarmingIn(stored[n].Findings) == alarmingIn(real[n].Findings) {
							naive++
						}
					}
				}
			}
		}
	}
	t.Logf("%d exact checks; of %d others %d were right, and %d by what was stored", exact, estimates, right, naive)
	if exact < 2_000 || estimates < 5_000 || right < estimates*94/100 || estimates-right > (estimates-naive)/2 {
		t.Errorf("%d exact checks; of %d others %d were right, and %d by what was stored", exact, estimates, right, naive)
	}
}

// What cannot be known without the page is said to be an estimate.
func TestRejudgeSaysWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	steady := site(40, seeded(1))
	for name, test := range map[string]struct {
		was, options, body string
		estimate           bool
	}{
		"another profile":                {"", `{"profile": "calm"}`, hacked, false},
		"something in place of the page": {"", `{"ignore": ["words_count"]}`, strings.Replace(steady, "All the news", "Hacked by nobody", 1), true},
		"reasons that are not listed":    {"", `{"ignore": ["links_count"]}`, site(1, seeded(2)), true},
		"numbers that are not listed":    {"", `{"ignore": ["depth_count"]}`, site(1, seeded(2)), false},
		"reasons that were ignored":      {`{"ignore": ["scripts_count"]}`, "", steady, true},
		"numbers that were ignored":      {`{"ignore": ["depth_count"]}`, "", steady, false},
	} {
		pages := slices.Repeat([]*plugins.Page{htmlPage(steady)}, 5)
		reports := play(t, test.was, append(pages, htmlPage(test.body)))
		if len(reports[5].Findings) == 0 && test.body != steady {
			t.Errorf("%s: nothing was found", name)
		}
		if got := again(t, test.was, test.options, true, reports)[5]; got.Estimate != test.estimate {
			t.Errorf("%s: estimate is %t, with\n%+v\nand before\n%+v", name, got.Estimate, got.Findings, reports[5].Findings)
		}
	}
	// What strict alarms on, and standard does not, parts the two from then on.
	parting := play(t, "", append(slices.Repeat([]*plugins.Page{htmlPage(steady)}, 5), htmlPage(before(steady, "</body>", "<img src=own.png>")), htmlPage(steady)))
	if got := again(t, "", `{"profile": "strict"}`, true, parting); !alarmingIn(got[5].Findings) || alarmingIn(parting[5].Findings) || got[5].Estimate || !got[6].Estimate {
		t.Errorf("at the first difference: %+v, before %+v; then %+v", got[5], parting[5].Findings, got[6])
	}
	whole := again(t, "", `{"k": 9}`, true, play(t, "", []*plugins.Page{htmlPage(steady)}))
	part := again(t, "", `{"k": 9}`, false, play(t, "", []*plugins.Page{htmlPage(steady)}))
	if whole[0].Estimate || !part[0].Estimate {
		t.Error("what was before the first check is not told apart")
	}
}

// Elements that are ignored, or no longer, need the page.
func TestRejudgeRefusesOtherSelectors(t *testing.T) {
	t.Parallel()
	made := func(options string) *htmlstats {
		plugin, err := New(json.RawMessage(options))
		if err != nil {
			t.Fatal(err)
		}
		return plugin.(*htmlstats)
	}
	with, without := made(`{"ignore_selectors": [".ad"]}`), made("{}")
	for _, test := range []struct {
		was, tried *htmlstats
		refused    bool
	}{{with, with, false}, {without, with, true}, {with, without, true}} {
		_, err := test.tried.Rejudge(plugins.Origin{Was: test.was})
		if (err != nil) != test.refused || err != nil && !strings.Contains(err.Error(), "ignore_selectors") {
			t.Errorf("%v after %v: %v", test.tried.selectors, test.was.selectors, err)
		}
	}
}
