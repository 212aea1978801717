package simulator

import (
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// What tests want of an arm.
const (
	usually  = engine.WantCounts | engine.WantSlower | engine.WantMeans | engine.WantTenants
	byTenant = engine.WantCounts | engine.WantSlower | engine.WantMeans | engine.WantByTenant
	onGrid   = engine.WantCounts | engine.WantSlower | engine.WantHistogram
)

// orderOf is a change as the fleet hears of it.
func orderOf(plan *engine.Plan, seq int64, c engine.Change) engine.Order {
	return engine.Order{
		Rollout: plan.Rollout, Seq: seq, Candidate: plan.Candidate, Change: c,
		Instances: plan.Instances[c.Instances.From:c.Instances.To], Tenants: plan.Tenants[c.Tenants.From:c.Tenants.To],
	}
}

// side is an arm of a rollout.
type side string

const (
	newArm side = "candidate"
	oldArm side = "baseline"
)

// ask measures one arm of a rollout of 1.6.0: that version, or everything but it.
func ask(t testing.TB, w *World, of side, from, to time.Time, want engine.Want, bounds ...float64) engine.Measurement {
	t.Helper()
	return askAll(t, w, of, engine.Question{From: from, To: to, Bounds: bounds}, want)
}

func askAll(t testing.TB, w *World, of side, q engine.Question, want engine.Want) engine.Measurement {
	t.Helper()
	q.Version = "1.6.0"
	if q.Rollout = "r"; len(w.Rollouts) > 0 {
		q.Rollout = w.Rollouts[len(w.Rollouts)-1].ID
	}
	if of == oldArm {
		q.Baseline = want
	} else {
		q.Candidate = want
	}
	a, err := w.Measure(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if of == oldArm {
		return a.Baseline
	}
	return a.Candidate
}

// seen is what there is to see of a world: an arm's traffic, and how all instances are.
type seen struct {
	engine.Measurement
	engine.Condition
}

// measure measures an arm and looks at the instances of a plan.
func measure(t testing.TB, w *World, plan *engine.Plan, of side, from, to time.Duration) seen {
	t.Helper()
	c, err := w.Look(t.Context(), engine.Watch{Rollout: plan.Rollout, Candidate: plan.Candidate, Instances: plan.Instances, Since: epoch.Add(from)})
	if err != nil {
		t.Fatal(err)
	}
	return seen{ask(t, w, of, epoch.Add(from), epoch.Add(to), usually, 500), c}
}
