package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/redis/rueidis"

	"webmon/plugins"
	"webmon/store/secret"
)

// Finish stores what the executor found out and ends the job. It counts once:
// when the lease is gone it fails with ErrLeaseLost and nothing is written. When
// the asset was changed since the lease, or somebody decided what is normal for
// it, it fails with ErrAssetChanged: the job is still leased, and is best handed
// back to be run on the asset as it is now.
func (s *Store) Finish(ctx context.Context, l *Lease, o Outcome) error {
	id := l.Asset.ID
	p := s.keys.of(id)
	retention := s.retention(&l.Asset)
	now := s.now()
	keys := []string{p.jobs, p.leased, p.pending, p.batches, p.index, p.done, p.meta, p.slow, p.changed(now),
		p.asset(id), p.memory(id), p.open(id), p.sealed(id), p.before(id)}
	seconds := ""
	if o.Seconds > 0 {
		seconds = strconv.FormatFloat(o.Seconds, 'f', 6, 64)
	}
	// A calm asset that stays what it is has nothing to tell, and pays for nothing.
	tells := o.Result.Verdict.Rank() > plugins.Up.Rank() || l.watched || l.verdict != strconv.Itoa(o.Result.Verdict.Rank())
	for {
		frame, sealed, err := appendResult(l.chunk, o.Result)
		if err != nil {
			return fmt.Errorf("job %s: %w", l.Job, err)
		}
		keys, args := keys, []string{
			s.nowArg(), l.Job, plainName(l.Executor), strconv.Itoa(l.Attempt),
			strconv.Itoa(o.Result.Verdict.Rank()), millis(o.Result.At), frame,
			strconv.Itoa(len(l.chunk)), sealed,
			strconv.Itoa(retention.Count/chunkResults + 1), millis(now.Add(-time.Duration(retention.Age))),
			boolArg(!bytes.Equal(o.Memory, l.Memory)), rueidis.BinaryString(o.Memory),
			seconds, boolArg(o.Result.Changed), strconv.FormatInt(l.Asset.Revision, 10), l.memoryOf,
		}
		if tells {
			keys = append(append(keys, p.queued), p.incidentKeys()...)
			args = append(args, judgement(&l.Asset, &o.Result)...)
		}
		answer, err := s.run(ctx, scriptFinish, keys, args...)
		if err != nil {
			return err
		}
		switch {
		case answer.IsString(): // another job of the same asset stored a result meanwhile
			if l.chunk, err = answer.ToString(); err != nil {
				return err
			}
			continue
		case answer.IsArray():
			made, err := answer.AsStrSlice()
			l.Confirm = strings.Join(made, "")
			return err
		}
		stored, err := answer.AsInt64()
		switch {
		case err != nil:
			return err
		case stored == 0:
			return fmt.Errorf("job %s: %w", l.Job, ErrLeaseLost)
		case stored == -1:
			return fmt.Errorf("job %s: %w", l.Job, ErrAssetChanged)
		case stored == 1:
			return nil
		}
		tells = true // since another job
	}
}

// judgement gives the arguments by which finish.lua decides of incidents.
func judgement(a *Asset, r *Result) []string {
	reason, severity := reasonOf(r)
	if secrets := a.Hider(); secrets != nil {
		reason = secrets.Replace(reason) // before it is cut, or half a secret would stay
	}
	reason = sentence(reason)
	if !a.Enabled {
		return []string{"", reason, ""}
	}
	rules := a.Alerts.Effective()
	bad := slices.Contains(rules.On, r.Verdict)
	about := ""
	if bad {
		about = text(IncidentAbout{Name: a.Name, URL: shownURL(a.URL), Tags: a.Tags})
	}
	settings := []string{
		boolArg(bad), strconv.Itoa(rules.Bad), strconv.Itoa(rules.Of), strconv.Itoa(rules.Good), boolArg(*rules.Confirm), boolArg(rules.Mute),
		msArg(time.Duration(rules.Remind)), msArg(a.damping()), boolArg(severity == plugins.Critical),
	}
	return []string{strings.Join(settings, "|"), reason, about}
}

// reasonOf gives the message of what made a result's verdict, and how severe that
// is: what changed a page or took it down always is critical. The message is empty
// for a result that is up.
func reasonOf(r *Result) (reason string, severity plugins.Severity) {
	severity = plugins.Warning
	if r.Verdict.Rank() <= plugins.Up.Rank() {
		return "", severity
	}
	var worst *plugins.Told
	for i := range r.Reports {
		for _, f := range r.Reports[i].Findings {
			told := plugins.Told{Plugin: r.Reports[i].Plugin, Finding: f}
			if f.Verdict == r.Verdict && (worst == nil || told.Compare(worst) < 0) {
				worst = &told
			}
		}
	}
	if worst != nil {
		reason, severity = strings.TrimSpace(worst.Message), worst.Severity
	}
	if r.Verdict == plugins.Changed || r.Verdict == plugins.Down {
		severity = plugins.Critical
	}
	return cmp.Or(reason, "the page is "+string(r.Verdict)), severity
}

// sentence is a message in one line of at most MaxReason bytes.
func sentence(message string) string {
	message = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(message, "�"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(message) <= MaxReason {
		return message
	}
	const more = "…"
	end := MaxReason - len(more)
	for !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end] + more
}

// shownURL is a URL without its user and password, and with its secrets masked.
func shownURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return secret.MaskURL(u.String())
}
