package engine

import "context"

// LoadState reads a journal and folds it.
func LoadState(ctx context.Context, j Journal) (*Plan, []Event, State, error) {
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, nil, State{}, err
	}
	events, err := j.Events(ctx, -1)
	if err != nil {
		return nil, nil, State{}, err
	}
	state, err := Fold(plan, events)
	return plan, events, state, err
}

// Completed returns the plan of the last rollout of an environment and plugin that
// succeeded, or ErrNoJournal.
func Completed(ctx context.Context, js Journals, e Environment, plugin string) (Plan, error) {
	last, err := js.List(ctx, e, plugin, Filter{Limit: 1, Outcome: Succeeded})
	if err != nil {
		return Plan{}, err
	}
	if len(last) == 0 {
		return Plan{}, ErrNoJournal
	}
	j, err := js.Open(ctx, last[0].Rollout)
	if err != nil {
		return Plan{}, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return Plan{}, err
	}
	return *plan, nil
}
