package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"webmon/roles/api/client"
)

// Action is what a step does.
type Action string

// The actions.
const (
	Add    Action = "add"
	Change Action = "change"
	Remove Action = "remove"
	Keep   Action = "keep" // is in the set and not in the file, and stays
)

// Step is what is to be done about one asset.
type Step struct {
	Action  Action       `json:"action"`
	Line    int          `json:"line,omitempty"` // of the file; 0: not in it
	ID      string       `json:"id,omitempty"`   // empty for what is to be added
	Name    string       `json:"name"`
	URL     string       `json:"url"`
	Changes []Difference `json:"changes,omitempty"`

	Revision int64           `json:"-"` // that the plan is about
	Body     json.RawMessage `json:"-"` // the asset to add, or the merge patch
}

// Label is what people know the asset by.
func (s *Step) Label() string {
	if s.Name != "" {
		return s.Name + "  " + s.URL
	}
	return s.URL
}

// Difference is a value of an asset that is other than it should be. Secrets
// are not in it.
type Difference struct {
	Field  string `json:"field"` // such as request.method
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Plan is what is to be done, and how many assets are as they should be.
type Plan struct {
	Steps []Step
	Same  int
}

// Count is how many steps do something.
func (p *Plan) Count(action Action) int {
	n := 0
	for i := range p.Steps {
		if p.Steps[i].Action == action {
			n++
		}
	}
	return n
}

// Changes tells whether the plan changes anything.
func (p *Plan) Changes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Action != Keep })
}

// Make compares the file with the assets that have its tag. With prune, those
// of them that are not in the file are removed.
func Make(file *File, current []client.Asset, prune bool) (*Plan, error) {
	matched, left := match(file.Assets, current)
	plan := new(Plan)
	for i := range file.Assets {
		wanted := &file.Assets[i]
		step, err := stepFor(wanted, matched[i])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", wanted.Line, err)
		}
		if step == nil {
			plan.Same++
			continue
		}
		plan.Steps = append(plan.Steps, *step)
	}
	for _, a := range left {
		action := Keep
		if prune {
			action = Remove
		}
		plan.Steps = append(plan.Steps, Step{Action: action, ID: a.ID, Name: a.Name, URL: a.URL, Revision: a.Revision})
	}
	return plan, nil
}

// match finds the asset of each entry: by its key, or, where its name is new,
// by a URL that no other has. What no entry is about is left.
func match(wanted []Wanted, current []client.Asset) (matched map[int]*client.Asset, left []*client.Asset) {
	matched = map[int]*client.Asset{}
	keys := map[string]int{}
	for i := range wanted {
		keys[wanted[i].Key] = i
	}
	byURL := map[string][]*client.Asset{}
	for i := range current {
		a := &current[i]
		// Of two with one key, which only an apply at the same time makes, the
		// older one counts.
		if at, known := keys[a.Label()]; known && matched[at] == nil {
			matched[at] = a
		} else {
			byURL[a.URL] = append(byURL[a.URL], a)
		}
	}
	open := map[string][]int{}
	for i := range wanted {
		if address := fmt.Sprint(wanted[i].Fields["url"]); matched[i] == nil {
			open[address] = append(open[address], i)
		}
	}
	for address, entries := range open {
		if len(entries) == 1 && len(byURL[address]) == 1 {
			matched[entries[0]] = byURL[address][0]
			delete(byURL, address)
		}
	}
	for _, assets := range byURL {
		left = append(left, assets...)
	}
	slices.SortFunc(left, func(a, b *client.Asset) int { return strings.Compare(a.ID, b.ID) })
	return matched, left
}

// stepFor is what to do so that an asset is as it is wanted: nil when it is.
func stepFor(wanted *Wanted, a *client.Asset) (*Step, error) {
	after, err := json.Marshal(wanted.Fields)
	if err != nil {
		return nil, err
	}
	step := &Step{Action: Add, Line: wanted.Line, Name: fmt.Sprint(wanted.Fields["name"]), URL: fmt.Sprint(wanted.Fields["url"]), Body: after}
	if a == nil {
		return step, nil
	}
	var whole map[string]any
	if err := json.Unmarshal(a.JSON, &whole); err != nil {
		return nil, fmt.Errorf("asset %s: %w", a.ID, err)
	}
	now := map[string]any{}
	for name := range wanted.Fields {
		now[name] = whole[name]
	}
	step.Changes = Differences(now, wanted.Fields)
	if len(step.Changes) == 0 {
		return nil, nil
	}
	before, err := json.Marshal(now)
	if err != nil {
		return nil, err
	}
	step.Action, step.ID, step.Revision = Change, a.ID, a.Revision
	step.Body, err = jsonpatch.CreateMergePatch(before, after)
	return step, err
}

// Differences compares what is said of an asset with what is to be said.
func Differences(before, after map[string]any) []Difference { return differences("", before, after) }

// differences compares two objects, value by value.
func differences(prefix string, before, after map[string]any) []Difference {
	names := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(names)
	var all []Difference
	for _, name := range slices.Compact(names) {
		was, now, field := before[name], after[name], prefix+name
		if reflect.DeepEqual(was, now) {
			continue
		}
		wasObject, isObject := was.(map[string]any)
		nowObject, staysObject := now.(map[string]any)
		if isObject && staysObject || was == nil && staysObject || isObject && now == nil {
			inner := differences(field+".", wasObject, nowObject)
			all = append(all, inner...)
			if isObject && staysObject || len(inner) > 0 {
				continue
			}
		}
		if was == mask && now != nil {
			continue // whether it is another cannot be told
		}
		if secret(field) {
			was, now = hide(was), hide(now)
		}
		all = append(all, Difference{field, was, now})
	}
	return all
}

// secret tells whether a value may be a secret.
func secret(field string) bool {
	return slices.ContainsFunc([]string{"request.headers", "request.basic_auth", "request.bearer_token", "request.body"},
		func(prefix string) bool { return strings.HasPrefix(field, prefix) })
}

// mask stands for a secret that is not shown: here, and in answers of the API to
// those who may not see it.
const mask = "***"

func hide(value any) any {
	if value == nil {
		return nil
	}
	return mask
}
