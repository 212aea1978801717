package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/store"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// rolloutOf is a rollout as a list has it.
func (a *api) rolloutOf(r *store.Rollout) contract.Rollout {
	why, since, observed := a.Server.Standing(r)
	told := contract.Rollout{
		ID: r.RolloutHead.Rollout, Environment: string(r.Environment), Plugin: r.Plugin, Strategy: string(r.Strategy), Baseline: r.Baseline,
		Candidate: r.Candidate, Restores: r.Restores, Phase: string(r.Phase), Outcome: string(r.Outcome), Stage: placeIn(r), Ordinal: r.RolloutHead.Ordinal,
		Generation: r.Events, ObservedGeneration: observed, StartedAt: r.At.UTC(), StartedBy: r.By, ChangedAt: r.Changed.UTC(), Wake: r.Wake, Owner: r.Owner,
	}
	told.Conditions = conditionsOf(r, why, since, a.Now())
	return told
}

// placeIn is where among its stages a rollout is.
func placeIn(r *store.Rollout) contract.Place {
	p := contract.Place{Number: len(r.Stages), Of: len(r.Stages), Name: r.Stage}
	if i := slices.Index(r.Stages, r.Stage); i >= 0 {
		p.Number = i + 1
	}
	return p
}

// conditionsOf are what generic waiters ask for.
func conditionsOf(r *store.Rollout, why string, since, now time.Time) []contract.Condition {
	status := func(holds bool) string {
		if holds {
			return "True"
		}
		return "False"
	}
	reason := string(r.Phase)
	if r.Outcome != "" {
		reason = string(r.Outcome)
	}
	waits := r.Phase == engine.PhaseHeld || r.Phase == engine.PhasePaused || r.Phase == engine.PhaseStuck
	walked := contract.Condition{Type: contract.Walked, Status: status(r.Outcome == "" && why == "" && r.Until.After(now)), Reason: "walked", Message: r.Holder, Since: since}
	switch {
	case r.Outcome != "":
		walked.Reason, walked.Message = "ended", ""
	case why != "":
		walked.Reason, walked.Message = "hindered", engine.Visible(why)
	case walked.Status == "False":
		walked.Reason, walked.Message = "unattended", "no server says that it walks the rollout"
	}
	return []contract.Condition{
		{Type: contract.Complete, Status: status(r.Outcome != "" && r.Outcome != engine.Stuck), Reason: reason, Since: r.Changed},
		{Type: contract.Succeeded, Status: status(r.Outcome == engine.Succeeded), Reason: reason, Since: r.Changed},
		{Type: contract.Waiting, Status: status(waits), Reason: reason, Since: r.Changed},
		walked,
	}
}

// showRollout is all there is to see of a rollout; with glimpse, fleet and traffic too.
func (a *api) showRollout(x *call) error {
	r, err := a.rollout(x, access.Read)
	if err != nil {
		return err
	}
	v, err := a.Server.Show(x.Context(), r.RolloutHead.Rollout, x.URL.Query().Get("glimpse") == "true")
	if err != nil {
		return err
	}
	return x.Answer(http.StatusOK, a.detailOf(v, x.At()))
}

func (a *api) detailOf(v *server.View, at time.Time) contract.Detail {
	p, s := &v.Of.Plan, &v.Of.State
	t := telling.Tell(&v.Of, v.Now)
	d := contract.Detail{
		At: at, Rollout: a.rolloutOf(&v.Rollout), Headline: engine.Headline(p), Summary: engine.SummaryLines(p), Stages: stagesOf(p), Step: stepOf(v),
		Verdict: s.Verdict, Progress: t.Progress, Tenants: len(p.Tenants), Targets: len(p.Instances), Timeline: []contract.Line{}, Deployment: v.Deployment,
	}
	if s.Stage < len(p.Stages) {
		d.Rollout.Stage = contract.Place{Number: s.Stage + 1, Of: len(p.Stages), Name: s.StageName(p)}
	}
	if t.Verdict != nil {
		d.Verdict = t.Verdict
	}
	if !s.Touched.IsZero() || t.Exposes() {
		now, most := t.Now, t.Most
		d.Exposed, d.Most = &now, &most
	}
	d.Story = storyOf(t)
	for i := range v.Of.Events {
		e := &v.Of.Events[i]
		if text := p.Line(*e); text != "" {
			d.Timeline = append(d.Timeline, contract.Line{Seq: e.Seq, At: e.At, Kind: string(e.Kind), Stage: e.Stage, Text: text, By: e.By})
		}
	}
	if v.Seen != nil {
		d.Now = &contract.Glimpse{Condition: v.Seen.Condition, Unseen: v.Seen.Unseen, Verdict: v.Seen.Verdict}
		if c := v.Seen.Condition; c != nil {
			d.Exposed = &c.Exposed
		}
	}
	return d
}

// storyOf says why a rollout is not simply going on, or well.
func storyOf(t *telling.Story) string {
	var text string
	switch t.State.Phase {
	case engine.PhaseHeld:
		_, text = t.Held("")
	case engine.PhasePaused:
		_, text = t.Paused("")
	case engine.PhaseStuck:
		_, text = t.Stuck("")
	case engine.PhaseRetained:
		_, text = t.Retained("")
	case engine.PhaseRollingBack, engine.PhaseRolledBack:
		_, text = t.RolledBack("")
	}
	return text
}

// stepOf is what the present stage waits for.
func stepOf(v *server.View) contract.Step {
	p, s := &v.Of.Plan, &v.Of.State
	if len(p.Stages) == 0 || s.Outcome != "" {
		return contract.Step{Kind: "none", Text: "it has ended"}
	}
	stage := &p.Stages[min(s.Stage, len(p.Stages)-1)]
	switch {
	case s.Phase == engine.PhaseHeld:
		return contract.Step{Kind: "hold", Text: "waits for a decision", Began: s.HeldSince, Ends: engine.HoldEnds(p, s)}
	case s.Phase == engine.PhasePaused:
		return contract.Step{Kind: "pause", Text: "is paused"}
	case s.Phase == engine.PhaseRollingBack:
		return contract.Step{Kind: "undo", Text: "takes back what it changed", Began: s.WayBackBegan}
	case s.Step == engine.StepSettle:
		return contract.Step{Kind: "settle", Text: "waits until what was changed is ready", Began: s.StageBegan, Ends: s.StageBegan.Add(stage.Settle)}
	case s.Step == engine.StepBake:
		text := "watches the new version"
		if !s.BlindSince.IsZero() {
			text = fmt.Sprintf("has had no samples since %s", s.BlindSince.UTC().Format(time.TimeOnly))
		}
		return contract.Step{Kind: "bake", Text: text, Began: s.BakeBegan, Ends: s.BakeEnds, Blind: s.BlindSince}
	}
	return contract.Step{Kind: "change", Text: "makes its changes"}
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
