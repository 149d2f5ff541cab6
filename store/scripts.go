package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/redis/rueidis"
)

//go:embed scripts/*.lua
var scriptFiles embed.FS

// script is one of the files in scripts/, with the prelude before it, and for
// those that decide of incidents incidents.lua.
type script struct {
	name string
	lua  *rueidis.Lua
}

func newScript(name string, more ...string) *script {
	read := func(name string) string {
		text, err := scriptFiles.ReadFile("scripts/" + name + ".lua")
		if err != nil {
			panic(err) // the file is part of the executable
		}
		return string(text)
	}
	text := read("prelude")
	for _, part := range append(more, name) {
		text += read(part)
	}
	return &script{name: name, lua: rueidis.NewLuaScript(text)}
}

var (
	scriptPutAsset    = newScript("putasset", "incidents")
	scriptDeleteAsset = newScript("deleteasset", "incidents")
	scriptEnqueue     = newScript("enqueue")
	scriptClaim       = newScript("claim")
	scriptRedeliver   = newScript("redeliver")
	scriptExpire      = newScript("expire")
	scriptLease       = newScript("lease")
	scriptOldest      = newScript("oldest")
	scriptRescue      = newScript("rescue")
	scriptRenew       = newScript("renew")
	scriptHandBack    = newScript("handback")
	scriptFinish      = newScript("finish", "incidents", "judge")
	scriptCancel      = newScript("cancel")
	scriptForget      = newScript("forget")
	scriptDecide      = newScript("decide")
	scriptBeat        = newScript("beat")
	scriptMembers     = newScript("members")
	scriptCopyAsset   = newScript("copyasset")
	scriptPutCopy     = newScript("putcopy", "incidents")
	scriptUseToken    = newScript("usetoken")

	scriptAcknowledge   = newScript("acknowledge", "incidents")
	scriptCloseIncident = newScript("closeincident", "incidents")
	scriptPutIncident   = newScript("putincident", "incidents")

	scriptHold        = newScript("hold")
	scriptNoticesDue  = newScript("noticesdue")
	scriptNoticesDrop = newScript("noticesdrop")
	scriptNoticePlan  = newScript("noticeplan", "deliveries")
	scriptNoticeClaim = newScript("noticeclaim", "deliveries")
	scriptNoticeEnd   = newScript("noticeend", "deliveries")
)

// run runs a script and gives its answer.
func (s *Store) run(ctx context.Context, sc *script, keys []string, args ...string) (rueidis.RedisMessage, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return rueidis.RedisMessage{}, err
	}
	answer, err := sc.lua.Exec(ctx, c, keys, args).ToMessage()
	if err = s.check(err); err != nil {
		return rueidis.RedisMessage{}, fmt.Errorf("%s in Redis: %w", sc.name, err)
	}
	return answer, nil
}

// runInt runs a script that answers with a number.
func (s *Store) runInt(ctx context.Context, sc *script, keys []string, args ...string) (int64, error) {
	answer, err := s.run(ctx, sc, keys, args...)
	if err != nil {
		return 0, err
	}
	return answer.AsInt64()
}

// runStrings runs a script that answers with a list of strings.
func (s *Store) runStrings(ctx context.Context, sc *script, keys []string, args ...string) ([]string, error) {
	answer, err := s.run(ctx, sc, keys, args...)
	if err != nil {
		return nil, err
	}
	return answer.AsStrSlice()
}

// runMany runs a script many times in one go, in chunks. The errors stand for
// the calls one by one.
func (s *Store) runMany(ctx context.Context, sc *script, calls []rueidis.LuaExec, each func(i int, answer rueidis.RedisMessage, err error)) {
	const chunk = 1000 // bounds what waits in Redis's buffers
	for from := 0; from < len(calls); from += chunk {
		part := calls[from:min(from+chunk, len(calls))]
		c, err := s.conn(ctx)
		if err != nil {
			for i := range part {
				each(from+i, rueidis.RedisMessage{}, err)
			}
			continue
		}
		for i, r := range sc.lua.ExecMulti(ctx, c, part...) {
			answer, err := r.ToMessage()
			each(from+i, answer, s.check(err))
		}
	}
}

// pipeline sends commands in one go and gives their answers in order. The
// first error, but for "no such key", is the call's.
func (s *Store) pipeline(ctx context.Context, commands ...rueidis.Completed) ([]rueidis.RedisResult, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	answers := c.DoMulti(ctx, commands...)
	for _, a := range answers {
		if err := s.check(a.Error()); err != nil && !rueidis.IsRedisNil(err) {
			return nil, err
		}
	}
	return answers, nil
}
