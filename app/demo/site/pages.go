package site

import (
	"encoding/json"
	"net/http"
	"time"
)

const (
	usualInterval = 2 * time.Second
	usualTimeout  = 2 * time.Second
)

// pages is the whole site. A page without a name is only there to be led to.
//
// The attacks come after any reasonable time of learning, and last for two
// checks: a monitor that learns may take a page that stays as it is for its
// new normal.
func pages() []*page {
	list := []*page{
		{Page: Page{Name: "home", Path: "/", Description: "calm: never changes"},
			render: func(v visit) view { return listing(v.steady, "Harbour Town", 12) }},
		{Page: Page{Name: "about", Path: "/about", Description: "calm: never changes"},
			render: func(v visit) view { return article(v.steady, "About us", 4) }},
		{Page: Page{Name: "terms", Path: "/terms", Description: "calm: long and never changes"},
			render: func(v visit) view { return article(v.steady, "Terms of use", 30) }},
		{Page: Page{Name: "login", Path: "/login", Description: "calm: a form with a new token each time"},
			render: login},
		{Page: Page{Name: "news", Path: "/news", Description: "lively: headlines come and go"},
			render: func(v visit) view { return listing(v.fresh, "News", about(v.fresh, 40)) }},
		{Page: Page{Name: "shop", Path: "/shop", Description: "lively: offers come and go"},
			render: func(v visit) view { return shop(v, about(v.fresh, 30)) }},
		{Page: Page{Name: "forum", Path: "/forum", Description: "lively: new text each time"},
			render: func(v visit) view { return article(v.fresh, "Forum", about(v.fresh, 20)) }},
		{Page: Page{Name: "wien", Path: "/wien", Description: "calm: gzip and windows-1252"},
			render: func(visit) view { return vienna() }, deliver: oldFashioned},
		{Page: Page{Name: "old", Path: "/old", Description: "redirects twice"},
			deliver: redirecting("/older")},
		{Page: Page{Name: "reports", Path: "/reports", Description: "slow: 300 to 800 ms",
			Plugins: map[string]json.RawMessage{"timing": json.RawMessage(`{"slow_after": "250ms"}`)}},
			render:  func(v visit) view { return article(v.steady, "Yearly reports", 8) },
			deliver: slowly(300*time.Millisecond, 800*time.Millisecond)},
		{Page: Page{Name: "search", Path: "/search", Description: "hangs every 12th time", Timeout: 500 * time.Millisecond},
			render:  func(v visit) view { return listing(v.steady, "Search", 10) },
			deliver: hanging(12)},
		{Page: Page{Name: "stats", Path: "/stats", Description: "broken: always answers 500"},
			status: http.StatusInternalServerError,
			render: func(v visit) view { return article(v.steady, "Internal error", 1) }},
		{Page: Page{Name: "council", Path: "/council", Description: "calm, until it is defaced", Interval: 3 * time.Second},
			attack: attack{first: 10, lasts: 2, every: 30, ways: len(defacements)},
			render: council},
		{Page: Page{Name: "checkout", Path: "/checkout", Description: "calm, until a script is injected", Interval: 3 * time.Second},
			attack: attack{first: 16, lasts: 2, every: 30, ways: 2},
			render: checkout},

		{Page: Page{Path: "/older"}, deliver: redirecting("/archive")},
		{Page: Page{Path: "/archive"}, render: func(v visit) view { return article(v.steady, "Archive", 6) }},
	}
	for _, p := range list {
		if p.Interval == 0 {
			p.Interval = usualInterval
		}
		if p.Timeout == 0 {
			p.Timeout = usualTimeout
		}
		p.AttackedAt = p.attack.first
	}
	return list
}
