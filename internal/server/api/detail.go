package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/retold"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
)

// rolloutOf is a rollout as a list has it.
func (a *api) rolloutOf(r *store.Rollout) contract.Rollout {
	why, since, observed := a.Server.Standing(r)
	told := contract.Rollout{
		ID: r.RolloutHead.Rollout, Environment: string(r.Environment), Plugin: r.Plugin, Strategy: string(r.Strategy), Baseline: r.Baseline,
		Candidate: r.Candidate, Restores: r.Restores, Phase: string(r.Phase), Outcome: string(r.Outcome), Stage: placeIn(r), Ordinal: r.RolloutHead.Ordinal,
		Generation: r.Events, ObservedGeneration: observed, StartedAt: r.At.UTC(), StartedBy: r.By, ChangedAt: r.Changed.UTC(), Wake: r.Wake, Owner: r.Owner,
	}
	told.Conditions = retold.Conditions(r.Phase, r.Outcome, r.Changed, a.Now(), retold.Walk{Holder: r.Holder, Until: r.Until, Hindered: why, Since: since})
	return told
}

// placeIn is where among its stages a rollout is. Where one turned round that went back, only
// its journal says.
func placeIn(r *store.Rollout) contract.Place {
	p := contract.Place{Number: len(r.Stages), Of: len(r.Stages), Name: r.Stage}
	if r.Outcome == engine.RolledBack || r.Outcome == engine.Retained {
		return contract.Place{Of: len(r.Stages)}
	}
	if i := slices.Index(r.Stages, r.Stage); i >= 0 {
		p.Number = i + 1
	}
	return p
}

// showRollout is all there is to see of a rollout; with glimpse, fleet and traffic too.
func (a *api) showRollout(x *call) error {
	r, err := a.rollout(x, access.Read)
	if err != nil {
		return err
	}
	glimpse, err := x.flag("glimpse")
	if err != nil {
		return err
	}
	v, err := a.Server.Show(x.Context(), r.RolloutHead.Rollout, glimpse)
	if err != nil {
		return err
	}
	return x.Answer(http.StatusOK, a.detailOf(v, x.At()))
}

func (a *api) detailOf(v *server.View, at time.Time) contract.Detail {
	d := retold.Detail(a.rolloutOf(&v.Rollout), &v.Of, v.Now, v.Seen)
	d.At, d.Deployment = at, v.Deployment
	return d
}

// mostTargets is how many tenants and how many instances are listed.
const mostTargets = 2000

// listTargets lists who is on which version.
func (a *api) listTargets(x *call) error {
	r, err := a.rollout(x, access.Read)
	if err != nil {
		return err
	}
	w, err := a.Server.Worlds.World(r.Environment, r.Plugin)
	if err != nil {
		return err
	}
	answer := contract.Targets{Tenants: []contract.Target{}, Instances: []contract.Target{}}
	for i, err := range w.Instances(x.Context()) {
		if err != nil {
			return &server.FleetError{Err: err}
		}
		if answer.More = len(answer.Instances) == mostTargets; answer.More {
			break
		}
		ready := i.Ready
		answer.Instances = append(answer.Instances, contract.Target{ID: i.ID, Version: i.Default, Ready: &ready, Slot: i.Slot})
	}
	for t, err := range w.Tenants(x.Context()) {
		if err != nil {
			return &server.FleetError{Err: err}
		}
		if len(answer.Tenants) == mostTargets {
			answer.More = true
			break
		}
		answer.Tenants = append(answer.Tenants, contract.Target{ID: t.ID, Version: t.Pin})
	}
	answer.At = x.At()
	return x.Answer(http.StatusOK, answer)
}
