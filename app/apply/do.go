package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"webmon/roles/api/client"
)

const (
	addChunk = 1000 // assets that are added by one call
	atOnce   = 8    // calls at a time
)

// Refused are the steps that could not be done.
type Refused []Failure

// Failure is a step that could not be done, and why.
type Failure struct {
	Step *Step
	Err  error
}

// Error implements error.
func (r Refused) Error() string { return fmt.Sprintf("%d changes could not be made", len(r)) }

// Do does what the plan says, each step by itself, and counts what was done.
// Steps that the API refuses are a [Refused]; any other error ends it. An asset
// that was changed since the plan was made is refused with a *[client.Problem]
// of status 412.
func (p *Plan) Do(ctx context.Context, api *client.Client) (done map[Action]int, err error) {
	d := &doing{api: api, done: map[Action]int{}}
	var adds []*Step
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range p.Steps {
		step := &p.Steps[i]
		switch step.Action {
		case Add:
			adds = append(adds, step)
		case Change, Remove:
			group.Go(func() error { return d.one(groupCtx, step) })
		}
	}
	if err := group.Wait(); err != nil {
		return d.done, err
	}
	// What was removed makes room before what is new comes. One after the
	// other, so that the assets are listed in the order of the file.
	for len(adds) > 0 {
		chunk := adds[:min(len(adds), addChunk)]
		adds = adds[len(chunk):]
		if err := d.add(ctx, chunk); err != nil {
			return d.done, err
		}
	}
	if len(d.refused) > 0 {
		return d.done, d.refused
	}
	return d.done, nil
}

// doing is how far a plan is.
type doing struct {
	api *client.Client

	mu      sync.Mutex
	done    map[Action]int
	refused Refused
}

// one changes or removes an asset.
func (d *doing) one(ctx context.Context, step *Step) error {
	var err error
	if step.Action == Remove {
		err = d.api.DeleteAsset(ctx, step.ID, step.Revision)
	} else {
		_, err = d.api.PatchAsset(ctx, step.ID, step.Revision, step.Body)
	}
	var problem *client.Problem
	if err != nil && !errors.As(err, &problem) {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.refused = append(d.refused, Failure{step, err})
	} else {
		d.done[step.Action]++
	}
	return nil
}

// add adds assets by an import, which makes one call of many.
func (d *doing) add(ctx context.Context, steps []*Step) error {
	bodies := make([]json.RawMessage, len(steps))
	for i, step := range steps {
		bodies[i] = step.Body
	}
	text, err := json.Marshal(bodies)
	if err != nil {
		return err
	}
	answer, err := d.api.Import(ctx, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	d.done[Add] += answer.Imported
	for _, row := range answer.Refused {
		if row.Row < 1 || row.Row > len(steps) {
			return fmt.Errorf("the API refused row %d of %d: %s", row.Row, len(steps), row.Error)
		}
		d.refused = append(d.refused, Failure{steps[row.Row-1], errors.New(row.Error)})
	}
	return nil
}
