package availability

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// statuses is a set of HTTP statuses, as ranges that include both ends.
type statuses [][2]int

func parseStatuses(items []json.RawMessage) (statuses, error) {
	if len(items) == 0 {
		return nil, errors.New("list at least one status")
	}
	set := make(statuses, 0, len(items))
	for _, item := range items {
		text := string(item)
		if text != "" && text[0] == '"' {
			if err := json.Unmarshal(item, &text); err != nil {
				return nil, fmt.Errorf("%s: %w", item, err)
			}
		}
		low, high, isRange := strings.Cut(text, "-")
		if !isRange {
			high = low
		}
		from, err1 := strconv.Atoi(strings.TrimSpace(low))
		to, err2 := strconv.Atoi(strings.TrimSpace(high))
		if err1 != nil || err2 != nil || from < 100 || to > 999 || from > to {
			return nil, fmt.Errorf(`%s is neither a status nor a range of them: write 200 or "200-299"`, item)
		}
		set = append(set, [2]int{from, to})
	}
	return set, nil
}

func (s statuses) contain(status int) bool {
	for _, span := range s {
		if span[0] <= status && status <= span[1] {
			return true
		}
	}
	return false
}

// String writes the set as in "200, 301–308".
func (s statuses) String() string {
	parts := make([]string, len(s))
	for i, span := range s {
		parts[i] = strconv.Itoa(span[0])
		if span[1] != span[0] {
			parts[i] += "–" + strconv.Itoa(span[1])
		}
	}
	return strings.Join(parts, ", ")
}

// statusText writes a status as in "404 Not Found".
func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}
