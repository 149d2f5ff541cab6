package htmlstats

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Whatever it says and however it looks: words that push down those a page began
// with, which is otherwise as it was, are a banner.
func TestBannerInOtherWords(t *testing.T) {
	t.Parallel()
	body := site(30, seeded(1))
	for _, banner := range []string{
		"<div>The owners of this page did not listen, so here we are.</div>",
		`<p style="color:red;font-size:40px">Remember the night of the long silence</p>`,
		"<center><font size=7>We come back</font></center>",
		"<div><p>" + strings.Repeat("we speak for those without a voice ", 30) + "</p></div>",
	} {
		w := newWatch(t, "")
		for range 3 {
			w.calm(body)
		}
		attacked := strings.Replace(body, "<body>", "<body>"+banner, 1)
		report := w.alarmed(attacked)
		if !slices.Contains(codes(report), "put_before") {
			t.Errorf("%s: %s", banner, messages(report))
		}
		// It is still one at the next check, also when something else changes a little.
		w.alarmed(attacked)
		w.alarmed(strings.Replace(attacked, "The end", "The END", 1))
	}
}

// Other words at the beginning, without those of before after them, are an edit,
// and so is much new text further up beside other changes.
func TestNewBeginningIsNoBanner(t *testing.T) {
	t.Parallel()
	body := site(30, seeded(1))
	for _, edited := range []string{
		strings.Replace(body, "Home</a><a href=/new>New</a>", "Start</a><a href=/new>Novelties</a>", 1),
		strings.Replace(body, "<a href=/>", "<a href=/about>About</a> <a href=/>", 1) + "<p>and more text in the end</p>",
	} {
		w := newWatch(t, "")
		for range 3 {
			w.calm(body)
		}
		w.calm(edited)
	}
}

// A page that often announces something is known for it.
func TestAnnouncementsAreLearned(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	body := site(30, seeded(1))
	for range 5 {
		w.calm(body)
	}
	alarms := 0
	for i := range 12 {
		announced := strings.Replace(body, "<body>", fmt.Sprintf("<body><div>Notice of the %s: we are closed</div>", vocabulary[i]), 1)
		for range 4 {
			if w.check(htmlPage(announced)).Changed {
				alarms++
			}
		}
		w.check(htmlPage(body))
	}
	if alarms < 1 || alarms > 12 {
		t.Errorf("%d alarms of 48 checks with an announcement, want them to end", alarms)
	}
}
