package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

var rolloutPattern = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,300}$`)

// rollout is the id in the path.
func (x *exchange) rollout() (string, error) {
	id := x.PathValue("rollout")
	if !rolloutPattern.MatchString(id) {
		return "", refuse(contract.InvalidRequest, "%q is not the id of a rollout: 1..300 letters, digits, '.', '_', '-' or '@'", id)
	}
	return id, nil
}

// find is the rollout of the path, and its journal.
func (w *world) find(x *exchange) (string, *opened, error) {
	if w.Journals == nil {
		return "", nil, refuse(contract.NotSupported, "the fleet keeps no rollouts")
	}
	id, err := x.rollout()
	if err != nil {
		return "", nil, err
	}
	j, err := w.journals.open(x.Context(), w, id)
	return id, j, err
}

// beginRollout begins a rollout, once.
func (w *world) beginRollout(x *exchange) error {
	if w.Journals == nil {
		return refuse(contract.NotSupported, "the fleet keeps no rollouts")
	}
	id, err := x.rollout()
	if err != nil {
		return err
	}
	if x.asked("If-None-Match") != "*" {
		return refuse(contract.InvalidRequest, "If-None-Match is %q, and has to be *", x.asked("If-None-Match"))
	}
	var body contract.Start
	if err := x.body(&body); err != nil {
		return err
	}
	if err := w.checkStart(id, &body); err != nil {
		return err
	}
	w.rollouts.Lock()
	defer w.rollouts.Unlock()
	before, err := w.begun(x.Context(), id, body.Digest)
	if err != nil {
		return err
	}
	if before != nil {
		return x.answer(http.StatusOK, contract.Started{At: x.at(), Ordinal: before.Ordinal()})
	}
	j, err := w.begin(x.Context(), id, &body)
	if err != nil {
		return err
	}
	return x.answer(http.StatusCreated, contract.Started{At: x.at(), Ordinal: j.Ordinal()})
}

// checkStart finds what no rollout can begin with.
func (w *world) checkStart(id string, s *contract.Start) error {
	switch {
	case s.Plan == "":
		return wrong("plan", "is missing")
	case !digestPattern.MatchString(s.Digest):
		return wrong("digest", "%q is not 64 hex digits in lower case", s.Digest)
	case !digestPattern.MatchString(s.Targets):
		return wrong("targets", "%q is not 64 hex digits in lower case", s.Targets)
	}
	if err := w.checkHead(id, &s.Head); err != nil {
		return err
	}
	if s.Deployment == nil {
		return nil
	}
	var asked struct{ PluginID, Environment string }
	if err := json.Unmarshal(s.Deployment, &asked); err != nil || asked.PluginID == "" || asked.Environment == "" {
		return wrong("deployment", "is not an object with pluginId and environment")
	}
	return nil
}

// checkHead finds a head that is of another rollout.
func (w *world) checkHead(id string, h *contract.RolloutHead) error {
	switch {
	case h.Rollout != id:
		return wrong("head.rollout", "%q is not %q, of the path", h.Rollout, id)
	case h.Environment != w.Environment || h.Plugin != w.Plugin:
		return wrong("head", "%s in %s is not %s in %s, of the path", h.Plugin, h.Environment, w.Plugin, w.Environment)
	case h.Phase == "":
		return wrong("head.phase", "is missing")
	default:
		return nil
	}
}

// begun is the journal of the same request before; nil: there was none.
func (w *world) begun(ctx context.Context, id, digest string) (engine.Journal, error) {
	j, err := w.Journals.Open(ctx, id)
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
	if !w.is(plan) || plan.Digest != digest {
		return nil, &engine.RolloutTakenError{Rollout: id}
	}
	return j, nil
}

// is says whether a plan is of this world.
func (w *world) is(p *engine.Plan) bool {
	return p.Spec.Environment == w.Environment && p.Spec.PluginID == w.Plugin
}

// begin begins a rollout that is not there. What is kept beside its journal is kept first:
// a journal has all that belongs to it from its first moment on.
func (w *world) begin(ctx context.Context, id string, s *contract.Start) (engine.Journal, error) {
	last, err := w.Journals.List(ctx, w.Environment, w.Plugin, engine.Filter{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(last) > 0 {
		if err := engine.RefuseUnfinished(&last[0]); err != nil {
			return nil, err
		}
	}
	l, err := w.lists.find(s.Targets)
	if err != nil {
		return nil, err
	}
	plan, err := w.decode(id, s, l)
	if err != nil {
		return nil, err
	}
	if err := w.keep(&beside{Rollout: id, Targets: s.Targets, Deployment: s.Deployment}); err != nil {
		return nil, err
	}
	j, err := w.Journals.Begin(ctx, *plan)
	if err != nil {
		return nil, err
	}
	return j, w.forget(context.WithoutCancel(ctx)) // it has begun
}

// decode is the plan that a text is. It has to be written down as the journal would do it.
func (w *world) decode(id string, s *contract.Start, l *list) (*engine.Plan, error) {
	plan, err := engine.DecodePlan([]byte(s.Plan), s.Digest, l.targets.Instances, l.targets.Tenants)
	if err != nil {
		return nil, wrong("plan", "%v", err)
	}
	switch {
	case plan.Rollout != id || !w.is(plan):
		return nil, wrong("plan", "is that of %s, %s in %s, and not of the rollout of the path", plan.Rollout, plan.Spec.PluginID, plan.Spec.Environment)
	case string(engine.EncodePlan(plan)) != s.Plan:
		return nil, wrong("plan", "is not written as this fleet writes plans down, and so could not be given back byte for byte")
	}
	return plan, nil
}

// getRollout gives a rollout back.
func (w *world) getRollout(x *exchange) error {
	id, j, err := w.find(x)
	if err != nil {
		return err
	}
	plan := j.plan
	heads, err := w.Journals.List(x.Context(), w.Environment, w.Plugin, engine.Filter{Limit: 1, Below: j.Ordinal() + 1})
	if err != nil {
		return err
	}
	if len(heads) == 0 || heads[0].Rollout != id {
		return fmt.Errorf("%s: %w", id, engine.ErrNoJournal)
	}
	b, err := w.beside(id, plan)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, contract.Rollout{
		At: x.at(), Ordinal: j.Ordinal(), Plan: string(engine.EncodePlan(plan)), Digest: plan.Digest, Targets: b.Targets,
		Head: heads[0], Deployment: b.Deployment, Owner: b.Owner, Lease: w.leases.of(id),
	})
}

// listRollouts lists a page of the rollouts.
func (w *world) listRollouts(x *exchange) error {
	if w.Journals == nil {
		return refuse(contract.NotSupported, "the fleet keeps no rollouts")
	}
	limit, err := x.limit()
	if err != nil {
		return err
	}
	below, err := x.number("below", 1, 0)
	if err != nil {
		return err
	}
	filter := engine.Filter{Limit: limit + 1, Below: below, Outcome: engine.Outcome(x.URL.Query().Get("outcome"))}
	switch filter.Outcome {
	case "", engine.Succeeded, engine.RolledBack, engine.Retained, engine.Stuck:
	default:
		return refuse(contract.InvalidRequest, "outcome is %q, and not how a rollout ends", filter.Outcome)
	}
	heads, err := w.Journals.List(x.Context(), w.Environment, w.Plugin, filter)
	if err != nil {
		return err
	}
	answer := contract.RolloutPage{At: x.at(), Items: heads, More: len(heads) > limit}
	if answer.More {
		answer.Items = heads[:limit]
	}
	if heads == nil {
		answer.Items = []contract.RolloutHead{}
	}
	return x.answer(http.StatusOK, answer)
}
