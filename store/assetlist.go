package store

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/redis/rueidis"
	"github.com/rs/xid"

	"webmon/plugins"
)

// AssetQuery selects a page of assets. The filters that are set must all hold.
type AssetQuery struct {
	Limit   int    // most assets in the page; 1 or more
	Cursor  string // AssetPage.Next of the page before; empty for the first
	Tag     string
	Verdict plugins.Verdict
	Text    string // part of the name or the URL, in any case
}

// AssetPage is a page of assets in the order of their creation. Next is the
// cursor of the next page, empty after the last. With a filter that few assets
// pass, a page may be short, even empty, and still have a next one, because a
// call looks at a bounded number of assets.
type AssetPage struct {
	Assets []Asset
	Next   string
}

// scanBudget is how many assets one call looks at for its filters.
const scanBudget = 5000

// Assets lists assets. A cursor that was not made here fails with ErrCursor.
func (s *Store) Assets(ctx context.Context, q AssetQuery) (AssetPage, error) {
	after, err := decodeIDCursor(q.Cursor)
	if err != nil {
		return AssetPage{}, err
	}
	// One filter is answered by the index, the others by looking.
	prefix := memberAsset("")
	switch {
	case q.Tag != "":
		prefix = prefixTag(q.Tag)
	case q.Verdict != "":
		prefix = prefixVerdict(q.Verdict)
	}
	text := strings.ToLower(q.Text)
	page := AssetPage{}
	for looked := 0; looked < scanBudget; {
		want := q.Limit - len(page.Assets)
		if text != "" || (q.Tag != "" && q.Verdict != "") {
			want = max(want, 500)
		}
		ids, more, err := s.ids(ctx, prefix, after, want)
		if err != nil {
			return AssetPage{}, err
		}
		likely := ids
		if inJSON(text) {
			if likely, err = s.withText(ctx, ids, text); err != nil {
				return AssetPage{}, err
			}
		}
		assets, err := s.assets(ctx, likely)
		if err != nil {
			return AssetPage{}, err
		}
		looked += len(ids)
		for _, a := range assets {
			if q.Verdict != "" && a.Status.Verdict != q.Verdict || text != "" && !contains(&a, text) {
				continue
			}
			page.Assets = append(page.Assets, a)
			if len(page.Assets) == q.Limit {
				if more || a.ID != ids[len(ids)-1] {
					page.Next = encodeCursor(a.ID)
				}
				return page, nil
			}
		}
		if !more {
			return page, nil
		}
		after = ids[len(ids)-1]
	}
	page.Next = encodeCursor(after)
	return page, nil
}

// inJSON tells whether a text that is not empty is the same in JSON, where some
// characters are written in another way.
func inJSON(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool {
		return c < ' ' || c == utf8.RuneError || strings.ContainsRune("\"\\<>&\u2028\u2029", c)
	})
}

// withText leaves the assets whose definitions hold a text, in lower case,
// anywhere: most others need not be read at all.
func (s *Store) withText(ctx context.Context, ids []string, text string) ([]string, error) {
	c, err := s.conn(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	commands := make([]rueidis.Completed, len(ids))
	for i, id := range ids {
		commands[i] = c.B().Hget().Key(s.keys.of(id).asset(id)).Field("d").Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	var likely []string
	for i, answer := range answers {
		definition, err := answer.ToString()
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, err
		}
		if strings.Contains(strings.ToLower(definition), text) {
			likely = append(likely, ids[i])
		}
	}
	return likely, nil
}

func contains(a *Asset, text string) bool {
	return strings.Contains(strings.ToLower(a.URL), text) || strings.Contains(strings.ToLower(a.Name), text)
}

// ids gives the first ids after a given one that the index holds under prefix,
// over all partitions in order, and whether there are more.
func (s *Store) ids(ctx context.Context, prefix, after string, limit int) (ids []string, more bool, err error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, false, err
	}
	// Ids are spread evenly, so a little over the average is mostly enough; if
	// not, the loop asks again from where it got to.
	chunk := int64(limit/Partitions*3/2 + 8)
	for len(ids) <= limit {
		commands := make([]rueidis.Completed, Partitions)
		for i := range commands {
			from := "[" + prefix
			if after != "" {
				from = "(" + prefix + after
			}
			commands[i] = c.B().Zrangebylex().Key(s.keys.partitions[i].index).Min(from).Max("("+successor(prefix)).Limit(0, chunk).Build()
		}
		answers, err := s.pipeline(ctx, commands...)
		if err != nil {
			return nil, false, err
		}
		var found []string
		horizon := "" // beyond it some partition may hold ids that were not read
		for _, answer := range answers {
			members, err := answer.AsStrSlice()
			if err != nil {
				return nil, false, err
			}
			for _, m := range members {
				found = append(found, m[len(prefix):])
			}
			if int64(len(members)) == chunk {
				last := members[len(members)-1][len(prefix):]
				if horizon == "" || last < horizon {
					horizon = last
				}
			}
		}
		slices.Sort(found)
		if horizon == "" {
			ids = append(ids, found...)
			break
		}
		end, _ := slices.BinarySearch(found, horizon)
		ids = append(ids, found[:end+1]...)
		after = horizon
	}
	if len(ids) > limit {
		return ids[:limit], true, nil
	}
	return ids, false, nil
}

// successor is the first string after all that begin with prefix.
func successor(prefix string) string {
	b := []byte(prefix)
	b[len(b)-1]++ // a prefix ends with ':' or NUL
	return string(b)
}

// A cursor is opaque to its users: the last id seen, wrapped.
func encodeCursor(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("1" + id))
}

func decodeCursor(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < 2 || b[0] != '1' {
		return "", ErrCursor
	}
	return string(b[1:]), nil
}

// decodeIDCursor reads the cursor of a list that goes by ids: that of another
// list would look like its end.
func decodeIDCursor(cursor string) (string, error) {
	id, err := decodeCursor(cursor)
	if err != nil || id == "" {
		return "", err
	}
	if _, err := xid.FromString(id); err != nil {
		return "", ErrCursor
	}
	return id, nil
}
