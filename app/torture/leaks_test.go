package torture

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
)

// usage is what a process holds.
type usage struct{ files, threads, kilobytes int }

var statusLine = regexp.MustCompile(`(?m)^(VmRSS|Threads):\s+(\d+)`)

func usageOf(pid int) (usage, error) {
	var u usage
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return u, err
	}
	u.files = len(files)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	for _, match := range statusLine.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(match[2]))
		if string(match[1]) == "Threads" {
			u.threads = n
		} else {
			u.kilobytes = n
		}
	}
	return u, nil
}

// watched are the processes that are looked at for leaks. The dispatcher and the
// executor are those that live through everything.
func (s *system) watched() map[string]*slot {
	return map[string]*slot{"api": s.api, "dispatcher": s.dispatcher[len(s.dispatcher)-1], "executor": s.executor[len(s.executor)-1]}
}

// measure says what processes hold.
func measure(watched map[string]*slot) map[string]usage {
	found := map[string]usage{}
	for name, p := range watched {
		found[name], _ = usageOf(p.program().PID()) // a process that is gone holds nothing
	}
	return found
}

// leaked says which process still holds more, after a while, than before the torture.
func (s *system) leaked(before map[string]usage, logf func(string, ...any)) error {
	const moreFiles, moreThreads, moreKilobytes = 12, 12, 48 << 10
	for name, p := range s.watched() {
		var now usage
		err := patiently("the "+name+" holds no more than before", func() (err error) {
			if now, err = usageOf(p.program().PID()); err != nil {
				return err
			}
			was := before[name]
			// The race detector's own memory grows with all that was ever shared.
			if now.files > was.files+moreFiles || now.threads > was.threads+moreThreads || !*race && now.kilobytes > was.kilobytes+moreKilobytes {
				return fmt.Errorf("%+v, and before %+v", now, was)
			}
			return nil
		})
		logf("%s: %d files, %d threads, %d MB; before %d files, %d threads, %d MB", name,
			now.files, now.threads, now.kilobytes>>10, before[name].files, before[name].threads, before[name].kilobytes>>10)
		if err != nil {
			return err
		}
	}
	return nil
}
