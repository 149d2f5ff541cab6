package plugins

// How a [Streak] judges. It takes a few checks to show that something belongs
// to an asset, and many to show that it is gone for good.
const (
	StreakAgree  = 3   // checks in a row that make a thing usual
	streakForget = 100 // checks in a row without it, after which it is not missed any more
)

// Streak remembers whether an asset has something, such as a header, so that
// its loss can be told from its never having been there. Its zero value knows
// of nothing.
type Streak struct {
	present int // checks in a row with it, at most StreakAgree
	absent  int // checks in a row without it since then, fewer than streakForget
}

// Learn takes in whether it is there at a check. It returns for how many checks
// in a row it has been missed, which is 0 for what was not usual.
func (s *Streak) Learn(there bool) (missed int) {
	switch {
	case there: // a single sighting shows that it is not gone
		s.present, s.absent = min(s.present+1, StreakAgree), 0
	case s.present < StreakAgree, s.absent+1 >= streakForget:
		*s = Streak{}
	default:
		s.absent++
	}
	return s.absent
}

// Write adds the streak to a past.
func (s Streak) Write(w *PastWriter) {
	w.Int(s.present)
	w.Int(s.absent)
}

// ReadStreak reads what [Streak.Write] wrote.
func ReadStreak(r *PastReader) Streak {
	return Streak{present: r.Int(StreakAgree), absent: r.Int(streakForget - 1)}
}
