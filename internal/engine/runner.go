package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Runner walks one rollout: it asks the machine for moves, makes them on the
// fleet, and writes what came of them to the journal. It holds no truth of its
// own: a new Runner on the same journal goes on where the last one was.
type Runner struct {
	fleet   Fleet
	meter   Meter
	journal Journal
	judge   Judge
	now     func() time.Time

	plan   Plan
	events []Event
	state  State
	broken error // the journal's; what it holds is not known
	pen    pen
	seen   seen
	memo   memo
}

// memo is what one look leaves to the next, so that it need not be worked out again.
type memo struct {
	priors    []*Prior // by stage; nil: not worked out yet
	past      *shrunk  // see Runner.past
	pastKnown bool
	noise     float64 // see Runner.noise; 0: nobody asked
	gate      Gate    // with what bake gateAt may spend
	gateAt    int
	bounds    []float64 // of the gate of stage boundsAt-1
	boundsAt  int
	before    *Measurement
	usual     float64   // the 99th percentile of before
	slow      []float64 // the bound of the guard on latency
	evidence  Evidence  // of the last look
	newest    time.Time // sample of the candidate, by the last answer
	watch     Watch     // of all that has settled by stage watchAt-1
	watchAt   int
	inSlot    int // instances that were asked for in the slot of watch
	had       map[string]bool
	planned   map[string]bool // see changed
	glimpses  bool            // see Glimpse
	unready   []string        // of the instances in unreadyIn, see there
	unreadyIn Range

	unreadyKnown bool
	next         State // room for write
}

// Plan is what the runner walks.
func (r *Runner) Plan() *Plan { return &r.plan }

// State is where it is.
func (r *Runner) State() State { return r.state }

// Phase is that of its state, which is large.
func (r *Runner) Phase() Phase { return r.state.Phase }

// Events are all that have happened. The slice is the runner's own.
func (r *Runner) Events() []Event { return r.events }

// Advance does all that can be done now and says when to call again. A zero wake
// means that nothing more is to be done: the rollout ended, or waits for a person
// and has no guard to look after. An error is one of the journal's, of ctx, or
// ErrSuperseded: nothing is lost, a new Runner goes on.
func (r *Runner) Advance(ctx context.Context) (wake time.Time, err error) {
	if err := r.absorb(ctx); err != nil {
		return time.Time{}, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return time.Time{}, err
		}
		now := r.now()
		move := r.state.Next(&r.plan, now)
		switch wait, err := r.do(ctx, &move, now); {
		case err != nil:
			return time.Time{}, err
		case wait:
			return move.Until, ctx.Err()
		}
	}
}

// do makes a move; wait: nothing came of it, and there is nothing else to do now.
func (r *Runner) do(ctx context.Context, move *Move, now time.Time) (wait bool, err error) {
	switch move.Kind {
	case MoveWrite:
		return false, r.write(ctx, Event{Kind: move.Event, Outcome: move.Outcome, Error: move.Reason})
	case MoveMeasure:
		return false, r.measureBefore(ctx, now)
	case MoveMake:
		if e := r.notReady(ctx, move, now); e == nil {
			return false, r.make(ctx, move.Change)
		} else if e.Kind != "" {
			return false, r.write(ctx, r.exposed(*e))
		}
	case MoveSurvey:
		return false, r.survey(ctx, move)
	case MoveLook:
		if e, found := r.look(ctx, move, now); found {
			return false, r.write(ctx, e)
		}
	}
	return true, nil
}

// make asks the fleet for a change. An error is written down and tried again,
// unless it says that somebody else has taken over, or that ctx is done.
func (r *Runner) make(ctx context.Context, c Change) error {
	at := r.state.Made
	r.seen.known = false // until somebody looks again
	err := r.fleet.Make(ctx, r.order(c))
	var refused *Refused
	var away *Unavailable
	e := Event{Kind: Failed, Change: at, Did: c.String()}
	switch {
	case err == nil:
		return r.write(ctx, Event{Kind: Made, Change: at, Did: c.String()})
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrSuperseded):
		return err
	case errors.As(err, &refused):
		e.Refused = true
	case errors.As(err, &away) && away.After > 0:
		e.Until = r.now().Add(min(away.After, r.plan.retries(r.state.Phase == PhaseRollingBack)))
	}
	e.Error = e.Did + ": " + err.Error()
	return r.write(ctx, e)
}

// order is a change as the fleet hears of it. On the way forward it does not name what the
// rollout goes on without: from an instance that could not be given the candidate nobody
// takes what it serves.
func (r *Runner) order(c Change) Order {
	o := Order{
		Rollout: r.plan.Rollout, Ordinal: r.journal.Ordinal(), Seq: r.state.Seq, Candidate: r.plan.Candidate, Change: c,
		Instances: r.plan.Instances[c.Instances.From:c.Instances.To], Tenants: r.plan.Tenants[c.Tenants.From:c.Tenants.To],
		Targets: r.targets(),
	}
	if behind := r.state.Behind; len(behind) > 0 && r.state.Phase != PhaseRollingBack {
		o.Instances = slices.DeleteFunc(slices.Clone(o.Instances), func(i PlanInstance) bool { return slices.Contains(behind, i.ID) })
	}
	return o
}

// targets are those of the plan.
func (r *Runner) targets() Targets { return Targets{r.plan.Instances, r.plan.Tenants} }

// beforeWindow is how far the measurement before the first stage looks back.
const beforeWindow = time.Hour

// measureBefore keeps what the fleet's traffic was like. A fleet that cannot say is
// no reason not to begin: absolute checks need no history.
func (r *Runner) measureBefore(ctx context.Context, now time.Time) error {
	q := Question{From: now.Add(-beforeWindow), To: now, Baseline: WantCounts | WantHistogram}
	var a Answer
	err := r.measure(ctx, &q, &a)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := Event{Kind: Measured, Before: &a.Baseline}
	if err != nil {
		e.Error = err.Error()
	}
	return r.write(ctx, e)
}

// survey finds the instances that joined while the rollout ran: on the way forward
// those that do not serve the candidate, on the way back those that do, unless that is
// the baseline too. A plan that restores has given each instance its own version.
func (r *Runner) survey(ctx context.Context, m *Move) error {
	back := r.state.Phase == PhaseRollingBack
	e := Event{Kind: Surveyed}
	if r.plan.Restores == "" {
		var err error
		e.Targets, err = r.strangers(ctx, back)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return r.write(ctx, Event{Kind: Failed, Error: "the fleet cannot be read: " + err.Error()})
		}
	}
	if !back {
		e.Behind = r.state.Behind
	}
	found := len(e.Targets)
	e.Targets = e.Targets[:min(found, r.plan.lateBatch())]
	switch {
	case back && found == 0:
		e = Event{Kind: Finished, Outcome: m.Outcome}
	case found > 0 && r.state.Surveys >= maxSurveys+len(r.plan.Had):
		e.Kind, e.Error = RanOut, fmt.Sprintf("instances keep joining: after %d rounds %d are on another version", r.state.Surveys, found)
	}
	return r.write(ctx, e)
}

// strangers are the instances that serve something else than they should.
func (r *Runner) strangers(ctx context.Context, back bool) (ids []string, err error) {
	head, err := r.fleet.Describe(ctx)
	if err != nil {
		return nil, err
	}
	slot, listed := head.ActiveSlot(), false
	for i, err := range r.fleet.Instances(ctx) {
		if err != nil {
			return nil, err
		}
		listed = true
		if i.Slot == slot && r.strange(&i, back) {
			ids = append(ids, i.ID)
		}
	}
	if !listed && len(r.plan.Had) > 0 {
		return nil, errors.New("it lists no instance")
	}
	return ids, nil
}

// strange says whether i serves something else than it should, and is not one that the
// rollout goes on without.
func (r *Runner) strange(i *Instance, back bool) bool {
	serves := i.Default == r.plan.Candidate
	if back {
		return serves && r.plan.Baseline != r.plan.Candidate && (r.joined(i.ID) || i.Ready && r.changed(i.ID))
	}
	return !serves && !slices.Contains(r.state.Behind, i.ID)
}

// joined says whether an instance is not one of those that the fleet had.
func (r *Runner) joined(id string) bool {
	if r.memo.had == nil {
		r.memo.had = setOf(r.plan.Had)
	}
	return !r.memo.had[id]
}

// changed says whether an instance is one that the plan brings to the candidate.
func (r *Runner) changed(id string) bool {
	if r.memo.planned == nil {
		r.memo.planned = make(map[string]bool, len(r.plan.Instances))
		for i := range r.plan.Instances {
			if p := &r.plan.Instances[i]; p.Default != r.plan.Candidate {
				r.memo.planned[p.ID] = true
			}
		}
	}
	return r.memo.planned[id]
}

// lateBatch is how many of those who joined are brought along at a time: as many as
// the plan may take out of service at once (promise 9), a quarter where it says nothing.
func (p *Plan) lateBatch() int {
	n := max(1, len(p.Had))
	if r := p.Spec.Rolling; p.Spec.Strategy == Rolling && r != nil {
		return r.BatchSize.Of(n) * min(*r.MaxParallelBatches, n)
	}
	return BatchSize{N: 25, Percent: true}.Of(n)
}
