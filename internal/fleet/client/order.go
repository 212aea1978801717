package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// lists are the lists of targets of rollouts that were talked about.
type lists struct {
	mu    sync.Mutex
	known map[string]*targetList // by rollout
	taken time.Time              // the last order, on the fleet's clock
}

// targetList is a list of targets and its name.
type targetList struct {
	digest string
	of     engine.Targets
}

// named is the list of a rollout's targets. Its name is worked out once.
func (w *World) named(rollout string, t engine.Targets) *targetList {
	w.lists.mu.Lock()
	defer w.lists.mu.Unlock()
	if l := w.lists.known[rollout]; l != nil && l.is(&t) {
		return l
	}
	if w.lists.known == nil {
		w.lists.known = map[string]*targetList{}
	}
	l := &targetList{contract.DigestOf(contract.EncodeTargets(t)), t}
	w.lists.known[rollout] = l
	return l
}

// is says whether t is the very list.
func (l *targetList) is(t *engine.Targets) bool {
	return len(l.of.Instances) == len(t.Instances) && len(l.of.Tenants) == len(t.Tenants) &&
		(len(t.Instances) == 0 || &l.of.Instances[0] == &t.Instances[0]) && (len(t.Tenants) == 0 || &l.of.Tenants[0] == &t.Tenants[0])
}

// upload gives the fleet a list of targets.
func (w *World) upload(ctx context.Context, l *targetList) error {
	s, err := w.c.Service(ctx)
	if err != nil {
		return err
	}
	if n := len(l.of.Instances) + len(l.of.Tenants); n > s.Limits.Targets {
		return fmt.Errorf("the rollout has %d targets, and the fleet takes lists of %d", n, s.Limits.Targets)
	}
	return w.c.call(ctx, &ask{
		method: http.MethodPut, url: w.url("targets", l.digest), raw: contract.EncodeTargets(l.of), media: contract.NDJSON, again: true, zipped: s.Takes("gzip"),
	}, nil)
}

// withTargets asks something that refers to a list of targets, which the fleet gets first
// where it has none.
func (w *World) withTargets(ctx context.Context, l *targetList, a *ask, to any) error {
	err := w.c.call(ctx, a, to)
	if l == nil || reasonOf(err) != contract.TargetsMissing {
		return err
	}
	if err := w.upload(ctx, l); err != nil {
		return err
	}
	return w.c.call(ctx, a, to)
}

// Make implements [engine.Fleet].
func (w *World) Make(ctx context.Context, o engine.Order) error {
	order := contract.Order{Ordinal: o.Ordinal, Candidate: o.Candidate, Change: o.Change, Except: left(&o)}
	var l *targetList
	if o.Change.Instances.Len()+o.Change.Tenants.Len() > 0 {
		l = w.named(o.Rollout, o.Targets)
		order.Targets = l.digest
	}
	s, err := w.c.Service(ctx)
	if err != nil {
		return err
	}
	var taken contract.Taken
	err = w.withTargets(ctx, l, &ask{
		method: http.MethodPut, url: w.url("rollouts", o.Rollout, "orders", strconv.FormatInt(o.Seq, 10)), body: order, zipped: s.Takes("gzip"),
	}, &taken)
	if err == nil {
		w.took(taken.At)
	}
	return madeOf(err)
}

// took remembers when the fleet took an order last.
func (w *World) took(at time.Time) {
	w.lists.mu.Lock()
	defer w.lists.mu.Unlock()
	if at.After(w.lists.taken) {
		w.lists.taken = at
	}
}

// stale says why a condition cannot be that of now: a cache, or a copy that lags, answered
// with one from before the last order, in which nothing of that is pending.
func (w *World) stale(at time.Time) error {
	w.lists.mu.Lock()
	defer w.lists.mu.Unlock()
	if !at.Before(w.lists.taken) {
		return nil
	}
	return fmt.Errorf("the condition is of %s, and an order was taken at %s: it is an old one", at.UTC().Format(time.RFC3339Nano), w.lists.taken.UTC().Format(time.RFC3339Nano))
}

// left are the instances of an order's range that are left out.
func left(o *engine.Order) (ids []string) {
	in := o.Targets.Instances[o.Change.Instances.From:o.Change.Instances.To]
	if len(in) == len(o.Instances) {
		return nil
	}
	asked := make(map[string]bool, len(o.Instances))
	for i := range o.Instances {
		asked[o.Instances[i].ID] = true
	}
	for i := range in {
		if !asked[in[i].ID] {
			ids = append(ids, in[i].ID)
		}
	}
	return ids
}

// madeOf is what the answer to an order means to a rollout.
func madeOf(err error) error {
	p, ok := asProblem(err)
	if !ok {
		return err
	}
	switch p.Reason {
	case contract.Superseded, contract.OrderDiffers:
		return fmt.Errorf("%w: %w", engine.ErrSuperseded, err)
	case contract.Refused: // which the error says itself
		return &engine.Refused{Reason: cmp.Or(p.Detail, "it does not say why")}
	case contract.NotSupported, contract.InvalidRequest, contract.TooLarge, contract.UnsupportedMedia, contract.NotFound, contract.UnknownPlugin:
		return &engine.Refused{Reason: p.Problem.Error()}
	case contract.Busy, contract.Unavailable:
		return &engine.Unavailable{After: p.After, Err: errors.New(p.Problem.Error())}
	}
	return err
}

// Look implements [engine.Fleet].
func (w *World) Look(ctx context.Context, watch engine.Watch) (engine.Condition, error) {
	q := contract.Watch{
		Candidate: watch.Candidate, Named: watch.Named, Slot: watch.Slot, Except: watch.Except, Failures: watch.Failures,
		Since: watch.Since, AnyVersion: watch.AnyVersion,
	}
	l := w.place(watch.Rollout, watch.Targets, watch.Instances, &q.Targets, &q.Instances)
	if l == nil && len(watch.Instances) > 0 { // they are not of a list, and so have to be named
		q.Named = slices.Clone(q.Named)
		for i := range watch.Instances {
			q.Named = append(q.Named, watch.Instances[i].ID)
		}
	}
	var c contract.Condition
	if err := w.withTargets(ctx, l, &ask{method: http.MethodPost, url: w.url("rollouts", watch.Rollout, "condition"), body: q}, &c); err != nil {
		return engine.Condition{}, err
	}
	if err := w.stale(c.At); err != nil {
		return engine.Condition{}, err
	}
	return c, nil
}

// place puts a view of a rollout's targets into digest and range; nil: it is none, or nobody.
func (w *World) place(rollout string, t engine.Targets, view []engine.PlanInstance, digest *string, in *engine.Range) *targetList {
	at, ok := t.Place(view)
	if !ok || at.Len() == 0 {
		return nil
	}
	l := w.named(rollout, t)
	*digest, *in = l.digest, at
	return l
}

// Measure implements [engine.Meter].
func (w *World) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	question := contract.Question{
		Rollout: q.Rollout, Version: q.Version, From: q.From.UTC(), To: q.To.UTC(), Candidate: contract.WantsOf(q.Candidate), Baseline: contract.WantsOf(q.Baseline),
		Bounds: q.Bounds, TenantBound: q.TenantBound, Slot: q.Slot,
	}
	l := w.place(q.Rollout, q.Targets, q.Instances, &question.Targets, &question.Instances)
	var got engine.Answer
	for {
		var a contract.Answer
		if err := w.withTargets(ctx, l, &ask{method: http.MethodPost, url: w.url("measurements"), body: question}, &a); err != nil {
			return engine.Answer{}, err
		}
		if question.Cursor == "" {
			got = engine.Answer{Candidate: engine.Measurement(a.Candidate), Baseline: engine.Measurement(a.Baseline), Coverage: a.Coverage}
		} else {
			got.Candidate.PerTenant = append(got.Candidate.PerTenant, a.Candidate.PerTenant...)
			got.Baseline.PerTenant = append(got.Baseline.PerTenant, a.Baseline.PerTenant...)
		}
		switch a.Next {
		case "":
			return got, nil
		case question.Cursor:
			return engine.Answer{}, fmt.Errorf("the measurement does not end: the page at cursor %q names itself as the next", a.Next)
		}
		question.Cursor = a.Next
	}
}
