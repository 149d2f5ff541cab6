package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/text"
	"webmon/store"
)

// current is what is known of incidents just before they are told.
type current struct {
	notices   []store.Notice // that still are to be told
	incidents map[string]*store.Incident
}

// current reads the incidents of notices again, and ends those notices that
// nobody wants to be told any more. It leaves out what is to wait for the end of a
// maintenance window.
func (w *worker) current(ctx context.Context, notices []store.Notice) (c current, err error) {
	ids := make([]string, len(notices))
	for i, notice := range notices {
		ids[i] = notice.Incident
	}
	if c.incidents, err = w.n.opts.Store.IncidentsOf(ctx, ids); err != nil {
		return current{}, err
	}
	w.n.mu.Lock()
	settings := w.n.settings
	w.n.mu.Unlock()
	obsolete := map[string][]store.Notice{}
	for _, notice := range notices {
		i := c.incidents[notice.Incident]
		switch {
		case i == nil:
		case i.Muted:
			obsolete["it was muted"] = append(obsolete["it was muted"], notice)
		case isReminder(notice.Kind) && !i.Acknowledged.IsZero():
			obsolete["it was acknowledged"] = append(obsolete["it was acknowledged"], notice)
		case isClear(notice.Kind) && i.IsOpen():
			obsolete["it came back"] = append(obsolete["it came back"], notice)
		case isReminder(notice.Kind) && !i.IsOpen():
			obsolete["it is over"] = append(obsolete["it is over"], notice)
		default:
			if window, _ := settings.Maintained(i.Tags, time.Now()); window == nil {
				c.notices = append(c.notices, notice)
			} // else look gives it again
		}
	}
	for why, list := range obsolete {
		w.n.drop(ctx, w.settings.Name, list, why)
	}
	return c, nil
}

// message makes the message of claimed notices.
func (w *worker) message(ctx context.Context, claimed []store.Notice, c current) *channel.Message {
	w.n.mu.Lock()
	base := w.n.settings.BaseURL
	w.n.mu.Unlock()
	slices.SortFunc(claimed, func(a, b store.Notice) int { // the oldest first, and always the same
		if d := c.incidents[a.Incident].Opened.Compare(c.incidents[b.Incident].Opened); d != 0 {
			return d
		}
		return strings.Compare(a.String(), b.String())
	})
	m := &channel.Message{At: time.Now(), Kind: claimed[0].Kind}
	for _, notice := range claimed {
		m.Incidents = append(m.Incidents, view(c.incidents[notice.Incident], base))
		if notice.Kind != m.Kind {
			m.Kind = [...]string{alarm: store.NoticeOpened, reminder: "reminder", allClear: store.NoticeClosed}[classOf(notice.Kind)]
		}
	}
	kind := m.Kind
	if isReminder(m.Kind) {
		m.Kind = "reminder"
	}
	if len(claimed) == 1 {
		m.ID = messageID(c.incidents[claimed[0].Incident], kind) + "." + w.settings.Name
		m.Incidents[0].LastGood = w.lastGood(ctx, c.incidents[claimed[0].Incident])
		m.Subject, m.Text = text.One(kind, &m.Incidents[0], m.At)
		return m
	}
	all := sha256.New()
	for _, notice := range claimed {
		all.Write([]byte(messageID(c.incidents[notice.Incident], notice.Kind) + "\n"))
	}
	m.ID = "group." + hex.EncodeToString(all.Sum(nil)[:12]) + "." + w.settings.Name
	total, page := 0, ""
	if group := c.incidents[claimed[0].Incident].ToldWith(w.settings.Name); group != "" && isClear(claimed[0].Kind) {
		total = groupSize(group)
	}
	if base != "" {
		page = base + "/"
	}
	m.Subject, m.Text = text.Many(kind, m.Incidents, total, page, m.At)
	return m
}

// messageID is a notice's name as part of a Message-ID and a header. The time is in it
// since a Redis that came back from a snapshot gives an incident's number again.
func messageID(i *store.Incident, kind string) string {
	return fmt.Sprintf("%s.%s.%s", strings.ReplaceAll(i.ID, "!", "."), strconv.FormatInt(i.Opened.UnixMilli(), 36), kind)
}

func view(i *store.Incident, base string) channel.Incident {
	v := channel.Incident{
		ID: i.ID, Asset: i.Asset, Name: i.Name, URL: i.URL, Tags: i.Tags, Verdict: i.Verdict, Severity: i.Severity, Reason: i.Reason,
		Opened: i.Opened.UTC(), Closed: i.Closed, Why: i.ClosedWhy, Checks: i.Checks,
	}
	if !v.Closed.IsZero() {
		v.Closed = v.Closed.UTC()
	}
	if base != "" {
		v.Link = base + "/assets/" + i.Asset
	}
	return v
}

// lastGood is when the last good check before an incident was, if that is among
// the latest results; zero otherwise.
func (w *worker) lastGood(ctx context.Context, i *store.Incident) time.Time {
	page, err := w.n.opts.Store.Results(ctx, store.ResultQuery{Asset: i.Asset, To: i.Opened, Limit: 50})
	if err != nil {
		return time.Time{} // the asset was deleted, perhaps
	}
	for _, r := range page.Results {
		if r.Verdict == plugins.Up {
			return r.At.UTC()
		}
	}
	return time.Time{}
}

// refresh sends a channel the open incidents again that it knows of.
func (w *worker) refresh(ctx context.Context, refresher channel.Refresher) {
	w.n.mu.Lock()
	base := w.n.settings.BaseURL
	w.n.mu.Unlock()
	var open []channel.Incident
	q := store.IncidentQuery{State: store.IncidentOpen, Limit: 500}
	for {
		page, err := w.n.opts.Store.Incidents(ctx, q)
		if err != nil {
			w.n.report("read open incidents", err)
			return
		}
		for at := range page.Incidents {
			if i := &page.Incidents[at]; !i.Muted && i.ToldTo(w.settings.Name) {
				open = append(open, view(i, base))
			}
		}
		if page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	if err := refresher.Refresh(ctx, open); err != nil && ctx.Err() == nil {
		w.n.count.add(countFailed, w.settings.Name, 1)
		w.n.opts.Logger.Warn("open incidents could not be sent again; it is tried again", "channel", w.settings.Name, "err", err)
	}
}
