package htmlstats

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// An alarm is about what a page was before it began. What is still there at the
// next check is still an alarm, until it is adopted.
func TestSilentAlarmLasts(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	body := site(30, seeded(1))
	for range 5 {
		w.calm(body)
	}
	attacked := strings.Replace(body, "<body>", `<body><a href="/n"><img src="/uploads/b.png"></a>`, 1)
	for i := range adoptAfter {
		if report := w.alarmed(attacked); !slices.Contains(codes(report), "silent_picture") {
			t.Errorf("check %d: %s", i, messages(report))
		}
	}
	w.calm(attacked)
	if m, _ := read(w.past); m.lastNormal != nil {
		t.Error("a calm page keeps what was normal twice")
	}
}

// However often a page is checked, what alarms is an alarm for an hour at least.
func TestAdoptionTakesTime(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	w.every = time.Minute
	body := site(30, seeded(1))
	for range 5 {
		w.calm(body)
	}
	redone := site(5, seeded(2))
	for range 60 {
		w.alarmed(redone)
	}
	w.check(htmlPage(redone))
	w.calm(redone)
	// The hour begins anew with each alarm.
	for range 3 {
		w.alarmed(site(90, seeded(3)))
	}
}

// A memory from before a kind or a number was added is still good.
func TestMemoryOfFewerKinds(t *testing.T) {
	t.Parallel()
	m, ok := read(learnedMemory(t, 20, false))
	if !ok {
		t.Fatal("the memory cannot be read")
	}
	var kept [2][]byte
	for i := range kept {
		b := m.appendHead(make([]byte, memoryHeader))
		b[0] = memoryVersion
		kept[i] = sealed(m.appendBodyOf(b, numJudged-i, int(numKinds)-i))
	}
	older, ok := read(kept[1])
	if !ok {
		t.Fatal("the memory of one kind less cannot be read")
	}
	if older.windows[0] == nil || older.windows[numJudged-1] != nil || len(older.sets[numKinds-1].items) != 0 || older.hash != m.hash || older.lastNormal == nil {
		t.Errorf("%+v", older)
	}
	if _, ok := read(kept[0]); !ok {
		t.Error("the memory of all kinds cannot be read")
	}
}
