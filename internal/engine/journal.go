package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// UnfinishedError refuses a rollout while another one is unfinished.
type UnfinishedError struct {
	Rollout   string // the one in the way
	Candidate string
	Phase     Phase
	Stage     string
	Since     time.Time
}

// Error names the rollout in the way and where it is.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("rollout %s to %q is unfinished: it is %s at stage %q, begun %s",
		e.Rollout, e.Candidate, e.Phase, e.Stage, e.Since.UTC().Format(time.RFC3339))
}

// LoadState reads a journal and folds it.
func LoadState(ctx context.Context, j Journal) (Plan, []Event, State, error) {
	plan, events, err := j.Load(ctx)
	if err != nil {
		return Plan{}, nil, State{}, err
	}
	state, err := Fold(&plan, events)
	return plan, events, state, err
}

// Completed returns the plan of the last rollout of an environment and plugin that
// succeeded, or ErrNoJournal.
func Completed(ctx context.Context, js Journals, e Environment, plugin string) (Plan, error) {
	if known, ok := js.(interface {
		LastSucceeded(ctx context.Context, e Environment, plugin string) (rollout string, err error)
	}); ok { // nothing has to be read for it
		id, err := known.LastSucceeded(ctx, e, plugin)
		if err != nil {
			return Plan{}, err
		}
		j, err := js.Open(ctx, id)
		if err != nil {
			return Plan{}, err
		}
		plan, _, err := j.Load(ctx)
		return plan, err
	}
	ids, err := js.List(ctx, e, plugin)
	if err != nil {
		return Plan{}, err
	}
	for at := len(ids) - 1; at >= 0; at-- {
		j, err := js.Open(ctx, ids[at])
		if err != nil {
			return Plan{}, err
		}
		plan, _, state, err := LoadState(ctx, j)
		if err != nil {
			return Plan{}, err
		}
		if state.Outcome == Succeeded {
			return plan, nil
		}
	}
	return Plan{}, ErrNoJournal
}

// refuseUnfinished is the rule of Journals.Begin.
func refuseUnfinished(ctx context.Context, js Journals, p Plan) error {
	if _, err := js.Open(ctx, p.Rollout); err == nil {
		return fmt.Errorf("there is a rollout %s already", p.Rollout)
	} else if !errors.Is(err, ErrNoJournal) {
		return err
	}
	latest, err := js.Latest(ctx, p.Spec.Environment, p.Spec.PluginID)
	if errors.Is(err, ErrNoJournal) {
		return nil
	}
	if err != nil {
		return err
	}
	plan, _, state, err := LoadState(ctx, latest)
	if err != nil {
		return err
	}
	if state.InFlight() || state.Outcome == Stuck {
		return &UnfinishedError{
			Rollout: plan.Rollout, Candidate: plan.Candidate, Phase: state.Phase,
			Stage: state.stage(&plan).Name, Since: state.Started,
		}
	}
	return nil
}

// checkPlan refuses a plan that was written by a newer version, or changed since.
func checkPlan(p *Plan) error {
	switch {
	case p.Format > PlanFormat:
		return fmt.Errorf("plan of %s has format %d, newer than %d: use a newer version of this program", p.Rollout, p.Format, PlanFormat)
	case p.Digest != p.digest():
		return fmt.Errorf("plan of %s does not match its digest %.12s: it was changed after it was compiled", p.Rollout, p.Digest)
	}
	return nil
}

// MemoryJournals keep journals in memory.
type MemoryJournals struct{ all []*memoryJournal }

// NewMemoryJournals returns an empty one.
func NewMemoryJournals() *MemoryJournals { return &MemoryJournals{} }

// Begin implements Journals.
func (m *MemoryJournals) Begin(ctx context.Context, p Plan) (Journal, error) {
	if err := refuseUnfinished(ctx, m, p); err != nil {
		return nil, err
	}
	j := &memoryJournal{plan: p}
	m.all = append(m.all, j)
	return j, nil
}

// Open implements Journals.
func (m *MemoryJournals) Open(_ context.Context, rollout string) (Journal, error) {
	for _, j := range m.all {
		if j.plan.Rollout == rollout {
			return j, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", rollout, ErrNoJournal)
}

// Latest implements Journals.
func (m *MemoryJournals) Latest(_ context.Context, e Environment, plugin string) (Journal, error) {
	for at := len(m.all) - 1; at >= 0; at-- {
		if s := m.all[at].plan.Spec; s.Environment == e && s.PluginID == plugin {
			return m.all[at], nil
		}
	}
	return nil, fmt.Errorf("%s of %s: %w", plugin, e, ErrNoJournal)
}

// List implements Journals.
func (m *MemoryJournals) List(_ context.Context, e Environment, plugin string) ([]string, error) {
	var ids []string
	for _, j := range m.all {
		if s := j.plan.Spec; s.Environment == e && s.PluginID == plugin {
			ids = append(ids, j.plan.Rollout)
		}
	}
	return ids, nil
}

type memoryJournal struct {
	plan   Plan
	events []Event
}

func (j *memoryJournal) Append(_ context.Context, e Event) error {
	if e.Seq != int64(len(j.events)) {
		return fmt.Errorf("event %d where %d is the next: %w", e.Seq, len(j.events), ErrConflict)
	}
	if j.events == nil {
		j.events = make([]Event, 0, usualEvents)
	}
	j.events = append(j.events, e)
	return nil
}

func (j *memoryJournal) Load(context.Context) (Plan, []Event, error) {
	return j.plan, append([]Event(nil), j.events...), nil
}
