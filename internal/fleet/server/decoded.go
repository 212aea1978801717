package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// decoded is the store over journals of the engine, which keep plans and events by what
// they say: it takes those of this program alone.
type decoded struct {
	*world

	journals   journals
	references sync.Mutex
	refers     map[string]string // lists that rollouts refer to, by what is kept of these; nil: not read yet
}

// journals are those of a world that were opened: each remembers how far it has read.
type journals struct {
	mu     sync.Mutex
	opened map[string]*opened
}

// opened is a journal, and what the rollout has come to.
type opened struct {
	engine.Journal
	plan  *engine.Plan
	mu    sync.Mutex
	state engine.State
}

// mostOpen is how many are remembered: those who are asked about come again.
const mostOpen = 16

// open is the journal of a rollout.
func (d *decoded) open(ctx context.Context, id string) (*opened, error) {
	js := &d.journals
	js.mu.Lock()
	known := js.opened[id]
	js.mu.Unlock()
	if known != nil {
		return known, nil
	}
	j, err := d.Journals.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if !d.is(plan) {
		return nil, fmt.Errorf("%s: %w", id, engine.ErrNoJournal)
	}
	known = &opened{Journal: j, plan: plan, state: engine.NewState()}
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.opened == nil || len(js.opened) >= mostOpen {
		js.opened = map[string]*opened{}
	}
	js.opened[id] = known
	return known, nil
}

func (d *decoded) has(ctx context.Context, id string) error {
	_, err := d.open(ctx, id)
	return err
}

// begin implements store. What is kept beside a journal is kept first: a journal has all
// that belongs to it from its first moment on.
func (d *decoded) begin(ctx context.Context, id string, s *contract.Start) (ordinal int64, fresh bool, err error) {
	before, err := d.begun(ctx, id, s.Digest)
	if err != nil || before != nil {
		if before != nil {
			ordinal = before.Ordinal()
		}
		return ordinal, false, err
	}
	last, err := d.Journals.List(ctx, d.Environment, d.Plugin, engine.Filter{Limit: 1})
	if err == nil && len(last) > 0 {
		err = engine.RefuseUnfinished(&last[0])
	}
	if err != nil {
		return 0, false, err
	}
	l, err := d.lists.find(s.Targets)
	if err != nil {
		return 0, false, err
	}
	plan, err := d.decode(id, s, l)
	if err != nil {
		return 0, false, err
	}
	if err := d.keep(&beside{Rollout: id, Targets: s.Targets, Deployment: s.Deployment}); err != nil {
		return 0, false, err
	}
	j, err := d.Journals.Begin(ctx, *plan)
	if err != nil {
		return 0, false, err
	}
	return j.Ordinal(), true, d.forget(context.WithoutCancel(ctx)) // it has begun
}

// begun is the journal of the same request before; nil: there was none.
func (d *decoded) begun(ctx context.Context, id, digest string) (engine.Journal, error) {
	j, err := d.Journals.Open(ctx, id)
	if errors.Is(err, engine.ErrNoJournal) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if !d.is(plan) || plan.Digest != digest {
		return nil, &engine.RolloutTakenError{Rollout: id}
	}
	return j, nil
}

// is says whether a plan is of this world.
func (d *decoded) is(p *engine.Plan) bool {
	return p.Spec.Environment == d.Environment && p.Spec.PluginID == d.Plugin
}

// decode is the plan that a text is. It has to be written down as the journal would do it.
func (d *decoded) decode(id string, s *contract.Start, l *list) (*engine.Plan, error) {
	plan, err := engine.DecodePlan([]byte(s.Plan), s.Digest, l.targets.Instances, l.targets.Tenants)
	if err != nil {
		return nil, exchange.Wrong("plan", "%v", err)
	}
	switch {
	case plan.Rollout != id || !d.is(plan):
		return nil, exchange.Wrong("plan", "is that of %s, %s in %s, and not of the rollout of the path", plan.Rollout, plan.Spec.PluginID, plan.Spec.Environment)
	case string(engine.EncodePlan(plan)) != s.Plan:
		return nil, exchange.Wrong("plan", "is not written as this fleet writes plans down, and so could not be given back byte for byte")
	}
	return plan, nil
}

func (d *decoded) get(ctx context.Context, id string) (*contract.Rollout, error) {
	j, err := d.open(ctx, id)
	if err != nil {
		return nil, err
	}
	heads, err := d.Journals.List(ctx, d.Environment, d.Plugin, engine.Filter{Limit: 1, Below: j.Ordinal() + 1})
	if err != nil {
		return nil, err
	}
	if len(heads) == 0 || heads[0].Rollout != id {
		return nil, fmt.Errorf("%s: %w", id, engine.ErrNoJournal)
	}
	b, err := d.beside(id, j.plan)
	if err != nil {
		return nil, err
	}
	return &contract.Rollout{
		Ordinal: j.Ordinal(), Plan: string(engine.EncodePlan(j.plan)), Digest: j.plan.Digest, Targets: b.Targets, Head: heads[0], Deployment: b.Deployment, Owner: b.Owner,
	}, nil
}

func (d *decoded) list(ctx context.Context, f engine.Filter) ([]contract.RolloutHead, error) {
	return d.Journals.List(ctx, d.Environment, d.Plugin, f)
}

func (d *decoded) events(ctx context.Context, id string, after int64, most int) (some []contract.Event, more bool, next int64, err error) {
	j, err := d.open(ctx, id)
	if err != nil {
		return nil, false, 0, err
	}
	events, err := j.Events(ctx, after)
	if err != nil {
		return nil, false, 0, err
	}
	next = after + 1 + int64(len(events))
	if len(events) == 0 && after >= 0 { // then after may be any number
		all, err := j.Events(ctx, -1)
		if err != nil {
			return nil, false, 0, err
		}
		next = int64(len(all))
	}
	for i := range min(most, len(events)) {
		text, err := json.Marshal(events[i])
		if err != nil {
			return nil, false, 0, err
		}
		some = append(some, contract.Event{Seq: events[i].Seq, Event: string(text)})
	}
	return some, len(events) > most, next, nil
}

func (d *decoded) append(ctx context.Context, id string, seq int64, a *contract.Append) error {
	j, err := d.open(ctx, id)
	if err != nil {
		return err
	}
	event, err := decodeEvent(a.Event, seq)
	if err != nil {
		return err
	}
	a.Head.Ordinal, a.Head.Events = j.Ordinal(), seq+1 // which are the fleet's to say
	return j.write(ctx, event, a.Head)
}

// write writes an event, where it is one that can follow: another one would leave a
// journal that nobody can read.
func (o *opened) write(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	events, err := o.Events(ctx, o.state.Seq-1)
	if err != nil {
		return err
	}
	for i := range events {
		if o.state, err = o.state.Apply(o.plan, events[i]); err != nil {
			return err
		}
	}
	if e.Seq == o.state.Seq { // else the journal refuses it
		if _, err := o.state.Apply(o.plan, e); err != nil {
			return exchange.Wrong("event", "%v", err)
		}
	}
	return o.Append(ctx, e, h)
}

// decodeEvent is the event that a text is. It has to be written down as the journal would
// do it.
func decodeEvent(text string, seq int64) (engine.Event, error) {
	e, err := engine.DecodeEvent([]byte(text))
	if err != nil {
		return e, exchange.Wrong("event", "%v", err)
	}
	if e.Seq != seq {
		return e, exchange.Wrong("event", "is number %d, and If-Match says %d", e.Seq, seq)
	}
	if again, err := json.Marshal(e); err != nil || string(again) != text {
		return e, exchange.Wrong("event", "is not written as this fleet writes events down, and so could not be given back byte for byte")
	}
	return e, nil
}

func (d *decoded) own(ctx context.Context, id string, o *contract.Owner) error {
	j, err := d.open(ctx, id)
	if err != nil {
		return err
	}
	b, err := d.beside(id, j.plan)
	if err != nil {
		return err
	}
	if b.Owner != o.Previous {
		return otherOwner(b.Owner, o.Previous)
	}
	b.Owner = o.Owner
	return d.keep(b)
}
