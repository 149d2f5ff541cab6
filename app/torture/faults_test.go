package torture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"time"
)

// fault is one kind of harm. inject does it, for about as long as is said, undoes
// it, and returns; any number may be under way, of different targets.
type fault struct {
	name   string
	inject func(s *system, l *load, which int, lasts time.Duration) error
}

// injection is one fault that happened.
type injection struct {
	name         string
	began, ended time.Time
}

var faults = []fault{
	{"executor killed (-9)", func(s *system, _ *load, which int, _ time.Duration) error { return kill(s.executor[which%2]) }},
	{"dispatcher killed (-9)", func(s *system, _ *load, _ int, _ time.Duration) error { return kill(s.dispatcher[0]) }},
	{"api killed (-9)", func(s *system, _ *load, _ int, _ time.Duration) error { return kill(s.api) }},
	{"executor restarted", func(s *system, _ *load, which int, _ time.Duration) error { return restart(s.executor[which%2]) }},
	{"dispatcher restarted", func(s *system, _ *load, _ int, _ time.Duration) error { return restart(s.dispatcher[0]) }},
	{"api restarted", func(s *system, _ *load, _ int, _ time.Duration) error { return restart(s.api) }},
	{"executor paused", func(s *system, _ *load, which int, lasts time.Duration) error {
		return pause(s.executor[which%3], lasts)
	}},
	{"dispatcher paused", func(s *system, _ *load, which int, lasts time.Duration) error {
		return pause(s.dispatcher[which%2], lasts)
	}},
	{"Redis paused", func(s *system, _ *load, _ int, lasts time.Duration) error {
		s.redis.busy.Lock()
		defer s.redis.busy.Unlock()
		s.redis.signal(syscall.SIGSTOP)
		time.Sleep(lasts)
		s.redis.signal(syscall.SIGCONT)
		return nil
	}},
	{"Redis killed, back from its snapshot", killToSnapshot},
	{"Redis killed, back from its log", killToLog},
	{"Redis full", func(s *system, _ *load, _ int, lasts time.Duration) error {
		s.redis.busy.Lock()
		defer s.redis.busy.Unlock()
		if err := s.redis.set("maxmemory", "1"); err != nil {
			return err
		}
		time.Sleep(lasts)
		return s.redis.set("maxmemory", "0")
	}},
	{"Redis slow", func(s *system, _ *load, which int, lasts time.Duration) error {
		return bend(s.links()[which%3], lasts, func(l *link) { l.delay = 100 * time.Millisecond })
	}},
	{"way to Redis cut", func(s *system, _ *load, which int, lasts time.Duration) error {
		return bend(s.links()[which%3], lasts, func(l *link) { l.cut = true })
	}},
	{"way to Redis frozen", func(s *system, _ *load, which int, lasts time.Duration) error {
		return bend(s.links()[which%3], lasts, func(l *link) { l.frozen = true })
	}},
	{"api-dispatcher cut", func(s *system, _ *load, _ int, lasts time.Duration) error {
		return bend(s.front, lasts, func(l *link) { l.cut = true })
	}},
	{"api-dispatcher frozen", func(s *system, _ *load, _ int, lasts time.Duration) error {
		return bend(s.front, lasts, func(l *link) { l.frozen = true })
	}},
	{"dispatcher-executor cut", func(s *system, _ *load, which int, lasts time.Duration) error {
		return bend(s.back[which%2], lasts, func(l *link) { l.cut = true })
	}},
	{"dispatcher-executor frozen", func(s *system, _ *load, which int, lasts time.Duration) error {
		return bend(s.back[which%2], lasts, func(l *link) { l.frozen = true })
	}},
}

func kill(p *slot) error {
	p.busy.Lock()
	defer p.busy.Unlock()
	p.program().Kill()
	return p.start()
}

func restart(p *slot) error {
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.stop(); err != nil {
		return err
	}
	return p.start()
}

func pause(p *slot, lasts time.Duration) error {
	p.busy.Lock()
	defer p.busy.Unlock()
	program := p.program()
	program.Signal(syscall.SIGSTOP)
	time.Sleep(lasts)
	program.Signal(syscall.SIGCONT)
	return nil
}

func bend(l *link, lasts time.Duration, how func(*link)) error {
	l.busy.Lock()
	defer l.busy.Unlock()
	l.change(func() { how(l) })
	time.Sleep(lasts)
	l.heal()
	return nil
}

// killToSnapshot kills Redis, which comes back as it was when its last snapshot
// began. What was accepted later is lost, as docs/storage.md says; the clients send it again.
func killToSnapshot(s *system, l *load, _ int, lasts time.Duration) error {
	s.redis.busy.Lock()
	defer s.redis.busy.Unlock()
	covered, err := l.snapshot()
	if err != nil {
		return err
	}
	time.Sleep(lasts / 4) // so that something is lost
	s.redis.kill()
	if err := s.redis.start(false); err != nil {
		return err
	}
	return l.lost(covered)
}

// killToLog kills a Redis that writes an append-only file: nothing is lost.
func killToLog(s *system, _ *load, _ int, lasts time.Duration) error {
	s.redis.busy.Lock()
	defer s.redis.busy.Unlock()
	if err := s.redis.appendOnly(true); err != nil {
		return err
	}
	time.Sleep(lasts / 4)
	s.redis.kill()
	if err := s.redis.start(true); err != nil {
		return err
	}
	return s.redis.appendOnly(false)
}

// torture injects every fault so many times, in an order and at times that
// the seed decides, spread over a while.
func torture(s *system, l *load, random *rand.Rand, times int, during time.Duration) ([]injection, error) {
	plan := slices.Repeat(faults, times)
	random.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	var mu sync.Mutex
	var done []injection
	var failure error
	var running sync.WaitGroup
	every := during / time.Duration(len(plan))
	begin := time.Now()
	for i, f := range plan {
		at := every*time.Duration(i) + time.Duration(random.Int64N(int64(every)))
		which := random.IntN(6)
		lasts := 300*time.Millisecond + time.Duration(random.Int64N(int64(2500*time.Millisecond)))
		time.Sleep(time.Until(begin.Add(at))) // the plan's own pace
		running.Go(func() {
			this := injection{name: f.name, began: time.Now()}
			err := f.inject(s, l, which, lasts)
			this.ended = time.Now()
			mu.Lock()
			defer mu.Unlock()
			done = append(done, this)
			if err != nil && failure == nil {
				failure = fmt.Errorf("%s: %w", f.name, err)
			}
		})
	}
	running.Wait()
	return done, failure
}
