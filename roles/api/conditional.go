package api

import (
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// etag is the entity tag of a revision.
func etag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }

// IfMatch makes a change conditional.
type IfMatch struct {
	ETag string `header:"If-Match" example:"\"3\"" doc:"An ETag: the change is made only if it is still true, else the answer is 412."`
}

// revision is the revision that the asset must have: 0 for any.
func (m *IfMatch) revision() (int64, error) {
	tag := strings.TrimSpace(m.ETag)
	if tag == "" || tag == "*" {
		return 0, nil
	}
	inner, opened := strings.CutPrefix(tag, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	revision, err := strconv.ParseInt(inner, 10, 64)
	if opened && closed && err == nil && revision > 0 {
		return revision, nil
	}
	if strings.Contains(tag, ",") {
		return 0, invalid("header.If-Match", shorten(tag), "give one ETag, not several")
	}
	if !opened && !strings.HasPrefix(tag, `W/"`) {
		return 0, invalid("header.If-Match", shorten(tag), `an ETag is in quotes, such as "3"`)
	}
	// No asset ever has this tag: another system's, or a weak one.
	return 0, huma.Error412PreconditionFailed("the asset does not have this ETag")
}
