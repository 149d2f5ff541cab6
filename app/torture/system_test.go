package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"webmon/app/apptest"
	"webmon/zmqwire"
)

// system is a whole webmon of processes: an API, two dispatchers, three
// executors, with links between them and to a Redis of their own.
//
// The last dispatcher and the last executor are never killed or restarted, so
// that what they may leak adds up.
type system struct {
	t      *testing.T
	binary string
	redis  *redisServer

	toRedis struct{ api, dispatcher, executor *link }
	front   *link    // from the API to the first dispatcher
	back    [2]*link // from executors to each dispatcher

	api        *slot
	dispatcher [2]*slot
	executor   [3]*slot
}

// slot is the place of a process that may die and be started again.
type slot struct {
	sys  *system
	name string
	args []string
	// begun is called with each new process.
	begun func(*apptest.Program) error
	busy  sync.Mutex // held by the fault that is using the process

	mu  sync.Mutex
	now *apptest.Program
	all []*apptest.Program
}

func startSystem(t *testing.T, binary string) *system {
	t.Helper()
	s := &system{t: t, binary: binary, redis: startRedis(t), front: newLink(t), back: [2]*link{newLink(t), newLink(t)}}
	for _, l := range []**link{&s.toRedis.api, &s.toRedis.dispatcher, &s.toRedis.executor} {
		*l = newLink(t)
		(*l).lead("unix", s.redis.socket)
	}
	common := func(role string, redis *link, more ...string) []string {
		return append([]string{role, "--redis", "redis://" + redis.at}, more...)
	}
	for i := range s.dispatcher {
		s.dispatcher[i] = s.slot(fmt.Sprintf("dispatcher %d", i+1), common("dispatcher", s.toRedis.dispatcher,
			"--jobs-in", "tcp://127.0.0.1:*", "--jobs-out", "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*", "--redeliver", "500ms"))
		s.dispatcher[i].begun = func(p *apptest.Program) error { return s.lead(i, p) }
	}
	for i := range s.executor {
		s.executor[i] = s.slot(fmt.Sprintf("executor %d", i+1), common("executor", s.toRedis.executor,
			"--jobs-out", "tcp://"+s.back[i%2].at, "--lease", "3s", "--per-host", "200"))
	}
	s.api = s.slot("api", common("api", s.toRedis.api, "--listen", "127.0.0.1:0", "--jobs-in", "tcp://"+s.front.at, "--redeliver", "500ms"))
	// The spared ones come last in their lists.
	for _, p := range s.slots() {
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.close)
	return s
}

func (s *system) slots() []*slot {
	return append(append(s.dispatcher[:], s.executor[:]...), s.api)
}

func (s *system) links() []*link {
	return []*link{s.toRedis.api, s.toRedis.dispatcher, s.toRedis.executor, s.front, s.back[0], s.back[1]}
}

func (s *system) close() {
	for _, p := range s.slots() {
		for i, program := range p.all {
			if err := program.Close(); err != nil {
				s.t.Error(err)
			}
			if s.t.Failed() {
				s.t.Logf("%s, life %d:\n%s", p.name, i+1, end(program.Log()))
			}
		}
	}
}

// end is the end of a log.
func end(log string) string {
	const most = 3000
	return log[max(0, len(log)-most):]
}

// lead makes the links to a dispatcher lead to where it is now.
func (s *system) lead(i int, p *apptest.Program) error {
	var status struct {
		JobsIn  string `json:"jobs_in"`
		JobsOut string `json:"jobs_out"`
	}
	if err := askDispatcher(p.Address("dispatcher"), "STATUS", &status); err != nil {
		return err
	}
	if i == 0 {
		s.front.lead("tcp", strings.TrimPrefix(status.JobsIn, "tcp://"))
	}
	s.back[i].lead("tcp", strings.TrimPrefix(status.JobsOut, "tcp://"))
	return nil
}

func askDispatcher(endpoint, command string, into any) error {
	wire, err := zmqwire.NewContext(zmqwire.Options{})
	if err != nil {
		return err
	}
	defer wire.Term()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	reply, err := wire.Ask(ctx, endpoint, command)
	if err != nil {
		return err
	}
	return json.Unmarshal(reply, into)
}

func (s *system) slot(name string, args []string) *slot {
	return &slot{sys: s, name: name, args: args, begun: func(*apptest.Program) error { return nil }}
}

func (p *slot) start() error {
	program, err := apptest.Launch(p.sys.binary, p.args...)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.now, p.all = program, append(p.all, program)
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := program.Started(ctx, 1); err != nil {
		return err
	}
	return p.begun(program)
}

func (p *slot) program() *apptest.Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// stop ends the process as a service manager does: it must leave well.
func (p *slot) stop() error {
	program := p.program()
	program.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return program.WaitExit(ctx, 0)
}
