package server

import (
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// getCondition looks.
func (w *world) getCondition(x *call) error {
	rollout, err := x.rollout()
	if err != nil {
		return err
	}
	var body contract.Watch
	if err := x.body(&body); err != nil {
		return err
	}
	l, instances, err := w.scope(body.Targets, body.Instances)
	if err != nil {
		return err
	}
	if body.Failures < 0 {
		return exchange.Wrong("failures", "%d is below 0", body.Failures)
	}
	watch := engine.Watch{
		Rollout: rollout, Candidate: body.Candidate, Instances: instances, Named: body.Named, Slot: body.Slot, Targets: l.targets,
		Except: body.Except, Failures: body.Failures, Since: body.Since, AnyVersion: body.AnyVersion,
	}
	var c engine.Condition
	w.Do(func() { c, err = w.Fleet.Look(x.Context(), watch) })
	if err != nil {
		return err
	}
	c.At = c.At.UTC()
	return x.Answer(http.StatusOK, c)
}

// scope is a list of targets, and of its instances those in a range.
func (w *world) scope(digest string, r engine.Range) (*list, []engine.PlanInstance, error) {
	if digest == "" && r != (engine.Range{}) {
		return nil, nil, exchange.Wrong("targets", "is missing, and instances counts places in a list")
	}
	l, err := w.lists.find(digest)
	if err != nil {
		return nil, nil, err
	}
	instances, err := view(l.targets.Instances, r, "instances")
	return l, instances, err
}
