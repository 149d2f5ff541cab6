package maintenance

import "time"

// A clock's reading is written as a time in UTC that looks the same. Among
// readings no hour is missing and none comes twice, so a cron expression is
// looked up there; only then it is asked when the clock shows that.

func readClock(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
}

// whenClockReads is when the zone's clock first shows a reading, or, when it
// never does because it is put forward over it, when that happens.
func whenClockReads(reading time.Time, zone *time.Location) time.Time {
	_, before := reading.Add(-24 * time.Hour).In(zone).Zone()
	_, after := reading.Add(24 * time.Hour).In(zone).Zone()
	first := reading.Add(-time.Duration(before) * time.Second)
	if readClock(first, zone).Equal(reading) {
		return first
	}
	second := reading.Add(-time.Duration(after) * time.Second)
	if readClock(second, zone).Equal(reading) {
		return second
	}
	change, _ := first.In(zone).ZoneBounds()
	return change
}
