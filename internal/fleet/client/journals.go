package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// Begin implements [engine.Journals].
func (w *World) Begin(ctx context.Context, p engine.Plan) (engine.Journal, error) {
	if p.Spec.Environment != w.environment || p.Spec.PluginID != w.plugin {
		return nil, fmt.Errorf("rollout %s is of %s in %s, and this is the fleet of %s in %s", p.Rollout, p.Spec.PluginID, p.Spec.Environment, w.plugin, w.environment)
	}
	s, err := w.c.Service(ctx)
	if err != nil {
		return nil, err
	}
	l := w.named(p.Rollout, engine.Targets{Instances: p.Instances, Tenants: p.Tenants})
	if err := w.upload(ctx, l); err != nil {
		return nil, err
	}
	deployment, err := json.Marshal(p.Spec)
	if err != nil {
		return nil, err
	}
	state := engine.NewState()
	start := contract.Start{
		Plan: string(engine.EncodePlan(&p)), Digest: p.Digest, Targets: l.digest, Head: engine.HeadOf(&p, &state, 0, time.Time{}), Deployment: deployment,
	}
	var began contract.Started
	err = w.withTargets(ctx, l, &ask{
		method: http.MethodPut, url: w.url("rollouts", p.Rollout), header: map[string]string{"If-None-Match": "*"}, body: start, again: true, zipped: s.Takes("gzip"),
	}, &began)
	if err != nil {
		return nil, begunOf(p.Rollout, err)
	}
	if began.Ordinal < 1 {
		return nil, fmt.Errorf("rollout %s got the ordinal %d from the fleet, which is not above 0", p.Rollout, began.Ordinal)
	}
	return &journal{w: w, rollout: p.Rollout, ordinal: began.Ordinal, plan: &p}, nil
}

// begunOf is what the answer to a beginning means.
func begunOf(rollout string, err error) error {
	p, ok := asProblem(err)
	if !ok {
		return err
	}
	switch {
	case p.Reason == contract.RolloutTaken:
		return &engine.RolloutTakenError{Rollout: rollout}
	case p.Reason == contract.UnfinishedRollout && p.Unfinished != nil:
		u := p.Unfinished
		return &engine.UnfinishedError{Rollout: u.Rollout, Candidate: u.Candidate, Phase: engine.Phase(u.Phase), Stage: u.Stage, Since: u.Since}
	}
	return err
}

// Open implements [engine.Journals].
func (w *World) Open(ctx context.Context, rollout string) (engine.Journal, error) {
	r, err := w.Rollout(ctx, rollout)
	if err != nil {
		return nil, err
	}
	return &journal{w: w, rollout: rollout, ordinal: r.Ordinal, kept: r}, nil
}

// Rollout is a rollout as the fleet keeps it, or ErrNoJournal.
func (w *World) Rollout(ctx context.Context, rollout string) (*contract.Rollout, error) {
	var r contract.Rollout
	err := w.c.call(ctx, get(w.url("rollouts", rollout)), &r)
	switch reasonOf(err) {
	case "":
		return &r, err
	case contract.UnknownRollout, contract.NotSupported:
		return nil, engine.ErrNoJournal
	}
	return nil, err
}

// List implements [engine.Journals].
func (w *World) List(ctx context.Context, e engine.Environment, plugin string, f engine.Filter) ([]engine.RolloutHead, error) {
	if e != w.environment || plugin != w.plugin {
		return nil, fmt.Errorf("this is the fleet of %s in %s, and not of %s in %s", w.plugin, w.environment, plugin, e)
	}
	s, err := w.c.Service(ctx)
	if err != nil {
		return nil, err
	}
	var heads []engine.RolloutHead
	for below := f.Below; ; {
		page, err := w.listPage(ctx, f, below, min(s.Limits.Page, limitOf(f, len(heads))))
		if err == nil {
			below, err = descending(page.Items, below)
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if f.Takes(&page.Items[i]) {
				heads = append(heads, page.Items[i])
			}
		}
		if !page.More || len(page.Items) == 0 || f.Full(len(heads)) {
			return heads, nil
		}
	}
}

// descending is the ordinal of the last of heads, which have to be below the one before,
// each below the other; before is 0 where none was.
func descending(heads []engine.RolloutHead, before int64) (int64, error) {
	for i := range heads {
		h := &heads[i]
		if before > 0 && h.Ordinal >= before || h.Ordinal < 1 {
			return 0, fmt.Errorf("the fleet's rollouts are not listed by ordinal: %s has %d, after %d", h.Rollout, h.Ordinal, before)
		}
		before = h.Ordinal
	}
	return before, nil
}

// limitOf is how many rollouts are wanted beside those that are there.
func limitOf(f engine.Filter, there int) int {
	if f.Limit == 0 {
		return contract.DefaultPage
	}
	return f.Limit - there
}

// listPage is a page of rollouts. A fleet that keeps none, as its capabilities say, has
// none: whoever wants to begin one is told.
func (w *World) listPage(ctx context.Context, f engine.Filter, below int64, limit int) (page contract.RolloutPage, err error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if f.Outcome != "" {
		query.Set("outcome", string(f.Outcome))
	}
	if below > 0 {
		query.Set("below", strconv.FormatInt(below, 10))
	}
	err = w.c.call(ctx, get(withQuery(w.url("rollouts"), query)), &page)
	if reasonOf(err) != contract.NotSupported {
		return page, err
	}
	if w.remembers.Load() {
		return contract.RolloutPage{}, w.contradicts("its capabilities name journal, and it answers 501, that it keeps no rollouts", "rollouts")
	}
	return contract.RolloutPage{}, nil
}

// journal is the memory of a rollout, kept by the fleet.
type journal struct {
	w       *World
	rollout string
	ordinal int64

	mu   sync.Mutex
	kept *contract.Rollout // as it was opened, until the plan is read
	plan *engine.Plan
}

// Ordinal implements [engine.Journal].
func (j *journal) Ordinal() int64 { return j.ordinal }

// Plan implements [engine.Journal].
func (j *journal) Plan(ctx context.Context) (*engine.Plan, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.plan != nil {
		return j.plan, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var list []byte
	if err := j.w.c.call(ctx, get(j.w.url("targets", j.kept.Targets)), &list); err != nil {
		return nil, fmt.Errorf("the targets of %s cannot be read: %w", j.rollout, err)
	}
	if got := contract.DigestOf(list); got != j.kept.Targets {
		return nil, fmt.Errorf("the targets of %s are others than were written: their digest is %.12s, and not %.12s", j.rollout, got, j.kept.Targets)
	}
	targets, err := contract.DecodeTargets(list, contract.MostTargets)
	if err != nil {
		return nil, fmt.Errorf("the targets of %s: %w", j.rollout, err)
	}
	plan, err := engine.DecodePlan([]byte(j.kept.Plan), j.kept.Digest, targets.Instances, targets.Tenants)
	if err != nil {
		return nil, err
	}
	j.plan, j.kept = plan, nil
	return plan, nil
}

// Events implements [engine.Journal].
func (j *journal) Events(ctx context.Context, after int64) ([]engine.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var events []engine.Event
	for {
		var page contract.EventPage
		err := j.w.c.call(ctx, get(withQuery(j.w.url("rollouts", j.rollout, "events"), url.Values{"after": {strconv.FormatInt(after, 10)}})), &page)
		if reasonOf(err) == contract.UnknownRollout {
			return nil, engine.ErrNoJournal
		}
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			event, err := engine.DecodeEvent([]byte(e.Event))
			if err != nil {
				return nil, fmt.Errorf("journal of %s, event %d: %w", j.rollout, e.Seq, err)
			}
			if after++; e.Seq != after || event.Seq != after {
				return nil, fmt.Errorf("journal of %s: event %d comes where %d is the next", j.rollout, e.Seq, after)
			}
			events = append(events, event)
		}
		if !page.More || len(page.Items) == 0 {
			return events, nil
		}
	}
}

// Append implements [engine.Journal].
func (j *journal) Append(ctx context.Context, e engine.Event, h engine.RolloutHead) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	err = j.w.c.call(ctx, &ask{
		method: http.MethodPost, url: j.w.url("rollouts", j.rollout, "events"), header: map[string]string{"If-Match": `"` + strconv.FormatInt(e.Seq, 10) + `"`},
		body: contract.Append{Writer: e.Writer, Event: string(text), Head: h},
	}, nil)
	switch reasonOf(err) {
	case contract.SequenceConflict:
		return errors.Join(engine.ErrConflict, err)
	case contract.UnknownRollout:
		return errors.Join(engine.ErrNoJournal, err)
	}
	return err
}
