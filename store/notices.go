package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// Notice is something to tell of an incident. What becomes of it is kept with
// the incident: see [Delivery].
type Notice struct {
	Incident string // id
	Kind     string // NoticeOpened and so on
}

func (n Notice) String() string { return n.Incident + "/" + n.Kind }

// partition is where a notice is kept; nil when it is of no incident.
func (s *Store) noticePartition(n Notice) *partition {
	asset, _, ok := splitIncidentID(n.Incident)
	if !ok {
		return nil
	}
	return s.keys.of(asset)
}

// HoldNotices makes a dispatcher the one that sends notices, or keeps it that, for
// some time; it tells whether it is. With ttl zero it is no more. All it decides
// is who reads the notices: that each is sent once is up to ClaimNotices.
func (s *Store) HoldNotices(ctx context.Context, owner string, ttl time.Duration) (bool, error) {
	held, err := s.runInt(ctx, scriptHold, []string{s.keys.notifier}, plainName(owner), msArg(ttl))
	return held == 1, err
}

// DueNotices gives the notices that are to be looked at, at most 200 of each
// partition, those that waited longest first. They are given again after some
// time, unless they are over by then.
func (s *Store) DueNotices(ctx context.Context, again time.Duration) (due []Notice, err error) {
	calls := make([]rueidis.LuaExec, Partitions)
	for i := range calls {
		p := &s.keys.partitions[i]
		calls[i] = rueidis.LuaExec{Keys: []string{p.notices, p.incidents}, Args: []string{s.nowArg(), strconv.Itoa(some), msArg(again)}}
	}
	s.runMany(ctx, scriptNoticesDue, calls, func(i int, answer rueidis.RedisMessage, failure error) {
		var members []string
		if failure == nil {
			members, failure = answer.AsStrSlice()
		}
		if failure != nil {
			err = failure
			return
		}
		for _, member := range members {
			incident, kind, _ := strings.Cut(member, "/")
			due = append(due, Notice{incident, kind})
		}
	})
	return due, err
}

// DropNotices drops the notices that nobody has looked at for so long, because
// there is nobody who sends them.
func (s *Store) DropNotices(ctx context.Context, age time.Duration) (err error) {
	calls := make([]rueidis.LuaExec, Partitions)
	for i := range calls {
		calls[i] = rueidis.LuaExec{Keys: []string{s.keys.partitions[i].notices}, Args: []string{s.nowArg(), strconv.Itoa(some), msArg(age)}}
	}
	s.runMany(ctx, scriptNoticesDrop, calls, func(_ int, _ rueidis.RedisMessage, failure error) {
		if failure != nil {
			err = failure
		}
	})
	return err
}

// IncidentsOf reads incidents, leaving out those that are not there or damaged.
func (s *Store) IncidentsOf(ctx context.Context, ids []string) (map[string]*Incident, error) {
	found, err := s.readIncidents(ctx, ids, s.leaveOut)
	if err != nil {
		return nil, err
	}
	by := make(map[string]*Incident, len(found))
	for i := range found {
		by[found[i].ID] = &found[i]
	}
	return by, nil
}

// NoticePlan says to which channels a notice goes.
type NoticePlan struct {
	Notice
	Channels []string
	Again    time.Duration // until it is looked at again, when nothing happens before
	Reminder string        // kind of the reminder that follows; empty for none
	After    time.Duration // when it does
}

// PlanNotices writes plans down, beside what is written already, and gives what
// then is known of the deliveries of each incident; their Retry is zero when it is
// time. A notice that goes to no channel is over. Deliveries whose dispatcher died are
// unknown from then on.
func (s *Store) PlanNotices(ctx context.Context, plans []NoticePlan) (deliveries [][]Delivery, err error) {
	calls := make([]rueidis.LuaExec, len(plans))
	for i, p := range plans {
		args := []string{s.nowArg(), p.Incident, p.Kind, msArg(p.Again), p.Reminder, msArg(p.After)}
		calls[i] = rueidis.LuaExec{Keys: s.noticeKeys(p.Notice), Args: append(args, p.Channels...)}
	}
	deliveries = make([][]Delivery, len(plans))
	s.runMany(ctx, scriptNoticePlan, calls, func(i int, answer rueidis.RedisMessage, failure error) {
		if failure == nil {
			deliveries[i], failure = readPlan(answer)
		}
		if failure != nil {
			err = failure
		}
	})
	return deliveries, err
}

// readPlan reads the answer of noticeplan.lua.
func readPlan(answer rueidis.RedisMessage) ([]Delivery, error) {
	f, err := answer.ToArray()
	if err != nil {
		return nil, err
	}
	text, err := f[0].ToString()
	if err != nil {
		return nil, err
	}
	now, err := f[1].AsInt64()
	if err != nil {
		return nil, err
	}
	deliveries, err := decodeDeliveries(text)
	for i := range deliveries {
		if d := &deliveries[i]; !d.Retry.After(timeOf(now)) {
			d.Retry = time.Time{}
		}
	}
	return deliveries, err
}

// ClaimNotices lets the caller send notices to a channel, and gives those that it
// may send: whoever else claims one gets it no more. What became of each it must
// say within ttl by EndNotices, or the delivery is unknown for ever. owner is unique to
// the message: after an error the same owner may ask again, as only the answer may have
// been lost.
func (s *Store) ClaimNotices(ctx context.Context, owner, channel string, notices []Notice, ttl time.Duration) (claimed []Notice, err error) {
	calls := make([]rueidis.LuaExec, len(notices))
	for i, n := range notices {
		calls[i] = rueidis.LuaExec{Keys: s.noticeKeys(n), Args: []string{s.nowArg(), n.Incident, n.Kind, channel, plainName(owner), msArg(ttl)}}
	}
	s.runMany(ctx, scriptNoticeClaim, calls, func(i int, answer rueidis.RedisMessage, failure error) {
		var got int64
		if failure == nil {
			got, failure = answer.AsInt64()
		}
		if failure != nil {
			err = failure
		} else if got == 1 {
			claimed = append(claimed, notices[i])
		}
	})
	return claimed, err
}

// NoticeEnd is what became of notices on their way to a channel.
type NoticeEnd struct {
	State DeliveryState
	Retry time.Duration // when it failed: until it is tried again
	Group string        // when they were sent as one message: its id
	Error string
	Over  bool // when they were sent: the message said that the incidents were over
}

// EndNotices says what became of claimed notices.
func (s *Store) EndNotices(ctx context.Context, owner, channel string, notices []Notice, end NoticeEnd) (err error) {
	calls := make([]rueidis.LuaExec, len(notices))
	for i, n := range notices {
		calls[i] = rueidis.LuaExec{Keys: s.noticeKeys(n), Args: []string{s.nowArg(), n.Incident, n.Kind, channel, plainName(owner),
			string(end.State), msArg(end.Retry), lineText(end.Group), lineText(end.Error), boolArg(end.Over)}}
	}
	s.runMany(ctx, scriptNoticeEnd, calls, func(_ int, _ rueidis.RedisMessage, failure error) {
		if failure != nil {
			err = failure
		}
	})
	return err
}

func (s *Store) noticeKeys(n Notice) []string {
	p := s.noticePartition(n)
	if p == nil { // nobody wrote such a notice; its script finds no incident
		p = &s.keys.partitions[0]
	}
	return []string{p.incidents, p.notices}
}
