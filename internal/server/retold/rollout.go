package retold

import (
	"fmt"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// Walk is who walks a rollout, as far as that is known.
type Walk struct {
	Holder string
	Until  time.Time
	// Hindered says why it cannot be walked, Since since when; "": nothing keeps it.
	Hindered string
	Since    time.Time
}

// Conditions are what generic waiters ask for. changed is when the last event was.
func Conditions(phase engine.Phase, outcome engine.Outcome, changed, now time.Time, w Walk) []contract.Condition {
	status := func(holds bool) string {
		if holds {
			return "True"
		}
		return "False"
	}
	reason := string(phase)
	if outcome != "" {
		reason = string(outcome)
	}
	waits := phase == engine.PhaseHeld || phase == engine.PhasePaused || phase == engine.PhaseStuck
	walked := contract.Condition{Type: contract.Walked, Status: status(outcome == "" && w.Hindered == "" && w.Until.After(now)), Reason: "walked", Message: w.Holder, Since: w.Since}
	switch {
	case outcome != "":
		walked.Reason, walked.Message = "ended", ""
	case w.Hindered != "":
		walked.Reason, walked.Message = "hindered", engine.Visible(w.Hindered)
	case walked.Status == "False":
		walked.Reason, walked.Message = "unattended", "no server says that it walks the rollout"
	}
	return []contract.Condition{
		{Type: contract.Complete, Status: status(outcome != "" && outcome != engine.Stuck), Reason: reason, Since: changed},
		{Type: contract.Succeeded, Status: status(outcome == engine.Succeeded), Reason: reason, Since: changed},
		{Type: contract.Waiting, Status: status(waits), Reason: reason, Since: changed},
		walked,
	}
}

// Detail is all that a journal tells of a rollout; head is what a list has of it, now the time
// on the fleet's clock, seen what there is to see at this moment; nil: nobody looked.
func Detail(head contract.Rollout, of *telling.Rollout, now time.Time, seen *engine.Glimpse) contract.Detail {
	p, s := &of.Plan, &of.State
	t := telling.Tell(of, now)
	d := contract.Detail{
		At: now, Rollout: head, Headline: engine.Headline(p), Summary: engine.SummaryLines(p), Stages: Stages(p), Step: step(of),
		Verdict: s.Verdict, Progress: t.Progress, Tenants: len(p.Tenants), Targets: len(p.Instances), Timeline: []contract.Line{},
	}
	d.Rollout.Stage = Place(of)
	if t.Verdict != nil {
		d.Verdict = t.Verdict
	}
	if !s.Touched.IsZero() || t.Exposes() {
		now, most := t.Now, t.Most
		d.Exposed, d.Most = &now, &most
	}
	d.Story = engine.Visible(story(t)) // people say what they like, and whoever shows it may be a terminal
	for i := range of.Events {
		e := &of.Events[i]
		if text := p.Line(*e); text != "" {
			d.Timeline = append(d.Timeline, contract.Line{Seq: e.Seq, At: e.At, Kind: string(e.Kind), Stage: e.Stage, Text: engine.Visible(text), By: engine.Visible(e.By)})
		}
	}
	if seen != nil {
		d.Now = &contract.Glimpse{Condition: seen.Condition, Unseen: seen.Unseen, Verdict: seen.Verdict}
		if c := seen.Condition; c != nil {
			d.Exposed = &c.Exposed
		}
	}
	return d
}

// Place is where among its stages a rollout is, or where it turned round.
func Place(of *telling.Rollout) contract.Place {
	p, s := &of.Plan, &of.State
	if len(p.Stages) == 0 {
		return contract.Place{}
	}
	at := min(s.Stage, len(p.Stages)-1)
	place := contract.Place{Number: at + 1, Of: len(p.Stages), Name: s.StageName(p)} // the name that a signal may be meant for
	if s.Outcome == engine.RolledBack || s.Outcome == engine.Retained {
		for i := range of.Events {
			if of.Events[i].Kind == engine.Reverting {
				at = of.Events[i].Stage
				place.Number, place.Name = at+1, p.Stages[at].Name
				break
			}
		}
	}
	return place
}

// story says why a rollout is not simply going on, or well.
func story(t *telling.Story) string {
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

// step is what the present stage waits for.
func step(of *telling.Rollout) contract.Step {
	p, s := &of.Plan, &of.State
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
