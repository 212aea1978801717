package engine

import "context"

// Glimpse is what there is to see of a rollout between two events.
type Glimpse struct {
	// Condition is that of the fleet; nil: it could not be seen, and Unseen says why.
	Condition *Condition
	Unseen    string
	// Verdict is what the gate would say if the bake ended now: its findings have what was
	// observed, what is allowed and about how many more requests are needed. nil: nothing is
	// baked now, or there is no gate.
	Verdict *Verdict
}

// Glimpse looks at the fleet and its traffic for somebody who watches. It writes nothing, and
// what it sees leads to nothing: a rollout that is watched goes on as any other. A runner
// that is there for this alone may be used by one caller at a time, beside the one that walks
// the rollout. The error is one of the journal or of ctx.
func (r *Runner) Glimpse(ctx context.Context) (Glimpse, error) {
	if err := r.follow(ctx); err != nil {
		return Glimpse{}, err
	}
	r.memo.glimpses = true // so that an A/B test is compared before it is over, as far as it is
	now := r.now()
	var g Glimpse
	c, _, err := r.lookAtAll(ctx, now)
	if err == nil {
		seen := *c
		g.Condition = &seen
	} else {
		g.Unseen = err.Error()
	}
	if r.state.InFlight() && r.state.Phase != PhaseRollingBack && r.state.Step == StepBake {
		if gate := r.gate(); !gate.IsZero() {
			v := r.verdict(ctx, gate, r.evidence(ctx, gate, now, true, gate.Compare != nil), now, true)
			g.Verdict = &v
		}
	}
	return g, ctx.Err()
}

// follow takes what others wrote, whoever they are: who only watches is in nobody's way.
func (r *Runner) follow(ctx context.Context) error {
	news, err := r.journal.Events(ctx, r.state.Seq-1)
	if err != nil {
		return err
	}
	for i := range news {
		r.memo.next = r.state
		if err := r.memo.next.apply(&r.plan, &news[i]); err != nil {
			return err
		}
		head := r.pen.head
		head.follow(&r.plan, &r.memo.next, news[i].At)
		r.take(news[i], head)
	}
	return nil
}
