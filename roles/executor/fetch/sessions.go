package fetch

import (
	"container/list"
	"crypto/tls"
	"sync"
	"time"
)

const (
	// maxSessions bounds the memory: some 2 KB a session.
	maxSessions = 4096

	// maxSessionAge is how long a session may be resumed after the full
	// handshake that began it. The server does not show its certificate on
	// resumption, so this is also how late a new certificate is noticed.
	maxSessionAge = 5 * time.Minute
)

// sessions is a tls.ClientSessionCache that drops the session used least
// recently, and any that grew old. (The cache of crypto/tls does not age:
// resumed sessions get new tickets, and would live for days.)
type sessions struct {
	capacity int
	age      time.Duration
	now      func() time.Time

	mu     sync.Mutex
	byKey  map[string]*list.Element
	recent *list.List // of *session, the one used last in front
}

type session struct {
	key   string
	since time.Time // of the first ticket, that is of the full handshake
	state *tls.ClientSessionState
}

func newSessions(capacity int, age time.Duration) *sessions {
	return &sessions{
		capacity: capacity, age: age, now: time.Now,
		byKey: make(map[string]*list.Element), recent: list.New(),
	}
}

// Get implements tls.ClientSessionCache.
func (s *sessions) Get(key string) (*tls.ClientSessionState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key]
	if !ok {
		return nil, false
	}
	kept := e.Value.(*session)
	if s.now().Sub(kept.since) >= s.age {
		s.remove(e)
		return nil, false
	}
	s.recent.MoveToFront(e)
	return kept.state, true
}

// Put implements tls.ClientSessionCache; a nil state removes the session.
func (s *sessions) Put(key string, state *tls.ClientSessionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key]
	switch {
	case state == nil && ok:
		s.remove(e)
	case state == nil:
	case ok:
		e.Value.(*session).state = state
		s.recent.MoveToFront(e)
	default:
		s.byKey[key] = s.recent.PushFront(&session{key: key, since: s.now(), state: state})
		if s.recent.Len() > s.capacity {
			s.remove(s.recent.Back())
		}
	}
}

func (s *sessions) remove(e *list.Element) {
	s.recent.Remove(e)
	delete(s.byKey, e.Value.(*session).key)
}
