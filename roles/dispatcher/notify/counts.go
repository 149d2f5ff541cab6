package notify

import (
	"sync"
)

// counts is what is counted, by name and channel.
type counts struct {
	mu sync.Mutex
	by map[string]float64
}

// The names of what is counted.
const (
	countSent    = "alerts_sent_total"     // messages
	countFailed  = "alerts_failed_total"   // attempts
	countGivenUp = "alerts_given_up_total" // notices
	countUnknown = "alerts_unknown_total"  // notices that may not have arrived, and are not sent again
	countWaiting = "alerts_waiting"        // notices
)

func (c *counts) add(name, channel string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]float64{}
	}
	c.by[name+"/"+channel] += float64(n)
}

// Counters gives what is counted. A name with a slash is of the channel after it.
func (n *Notifier) Counters() map[string]float64 {
	all := map[string]float64{}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return all
	}
	all["alerts_file_broken"] = number(n.broken)
	all["alerts_leading"] = number(n.workers != nil)
	for i := range n.settings.Channels {
		for _, name := range []string{countSent, countFailed, countGivenUp, countUnknown, countWaiting} {
			all[name+"/"+n.settings.Channels[i].Name] = 0
		}
	}
	n.count.mu.Lock()
	for name, value := range n.count.by {
		all[name] = value
	}
	n.count.mu.Unlock()
	for name, w := range n.workers {
		all[countWaiting+"/"+name] = float64(w.waiting())
	}
	return all
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
