package dashboard

import (
	"net/url"
	"strings"
)

// pager leads through the pages of a list. The API's cursors lead forward only,
// so the way back is kept in the address: the cursors of the pages before.
type pager struct {
	First, Previous, Next string // addresses; empty where there is none
}

const (
	maxBack   = 20  // cursors of pages before that an address holds
	firstPage = "-" // stands for the cursor of the first page, which is empty
)

// pagerOf makes the pager of a page, whose address is that of u. next is the
// cursor of the next page, empty after the last.
func pagerOf(u *url.URL, next string) pager {
	query := u.Query()
	here := query.Get("cursor")
	var back []string
	if given := query.Get("back"); given != "" {
		back = strings.Split(given, ".")
	}
	to := func(cursor string, back []string) string {
		q := url.Values{}
		for name, values := range query {
			if name != "cursor" && name != "back" && values[0] != "" {
				q[name] = values
			}
		}
		if cursor != "" && cursor != firstPage {
			q.Set("cursor", cursor)
			if len(back) > 0 {
				q.Set("back", strings.Join(back, "."))
			}
		}
		if len(q) == 0 {
			return u.Path
		}
		return u.Path + "?" + q.Encode()
	}
	var p pager
	if here != "" {
		p.First = to("", nil)
		if n := len(back); n > 0 {
			p.Previous = to(back[n-1], back[:n-1])
		}
	}
	if next != "" {
		if here == "" {
			here = firstPage
		}
		back = append(back, here)
		p.Next = to(next, back[max(0, len(back)-maxBack):])
	}
	return p
}
