package campaign

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// outcome is what is kept of a run.
type outcome struct {
	ending   scenario.Ending
	seed     int64
	trace    uint64
	tenants  int
	failed   int64
	requests int64
	took     time.Duration
	detected time.Duration
	rollback time.Duration
	alarmed  bool
	turned   bool
	stopped  bool            // did not get through, though nothing says that it should not
	better   []engine.Metric // on which B of an A/B test was better past chance
	ended    bool            // an A/B test ended before its time, for harm
	accused  bool            // it was held on evidence against the candidate
	outside  bool            // the fleet itself errs too often for a promise
	begun    bool            // a plan could be made
	broken   []string
	failures []string
	parts    []scenario.Part
}

func outcomeOf(r *scenario.Result) outcome {
	o := outcome{
		ending: r.Ending, seed: r.Seed, trace: r.Trace, tenants: r.Summary.Most.Tenants,
		failed: r.FailedRequests, requests: r.Requests, took: r.Took(), detected: r.Detected,
		rollback: r.Summary.RollbackTook, alarmed: r.Alarmed, turned: r.Turned(), stopped: r.Stopped(), begun: r.Plan != nil,
		failures: r.Failures(), parts: r.Parts,
	}
	for _, e := range r.Events {
		if e.Kind == engine.Judged && e.Verdict != nil {
			o.heed(e.Verdict)
		}
	}
	o.accused = o.accused || r.Ending == scenario.Held && lastFailed(r.Events)
	for _, v := range r.Violations {
		o.broken = append(o.broken, v.String())
	}
	return o
}

// unplayed is why a proof shows nothing: of no run a plan could be made. Where it could of
// some, which happens in tests of few tenants whose traffic differs, the others are outside.
func unplayed(outcomes []outcome) error {
	for i := range outcomes {
		if outcomes[i].begun {
			return nil
		}
	}
	for i := range outcomes {
		if f := outcomes[i].failures; len(f) > 0 {
			return errors.New(f[0])
		}
	}
	return nil
}

// heed notes what a verdict of the run says.
func (o *outcome) heed(v *engine.Verdict) {
	for _, c := range v.Comparison {
		if c.Significant && !slices.Contains(o.better, c.Metric) {
			o.better = append(o.better, c.Metric)
		}
	}
	if v.Result == engine.Fail {
		o.accused = o.accused || v.Hold
		o.ended = o.ended || v.Winner == "" && !v.Hold
	}
}

// lastFailed says whether the last verdict failed.
func lastFailed(events []engine.Event) bool {
	for _, e := range slices.Backward(events) {
		if e.Kind == engine.Judged && e.Verdict != nil {
			return e.Verdict.Result == engine.Fail
		}
	}
	return false
}

// errs is how often the fleet of a run erred in the day before the rollout, and in how
// many requests. Which of its unlike tenants sends how much is drawn for each fleet, so that
// one errs more than its version does, and another less.
func errs(ctx context.Context, w *simulator.World, r *scenario.Result) (rate float64, requests int64) {
	start := r.Start()
	a, err := w.Measure(ctx, engine.Question{
		Rollout: r.Plan.Rollout, Version: r.Plan.Candidate, From: start.Add(-24 * time.Hour), To: start, Baseline: engine.WantCounts,
	})
	if err != nil || a.Baseline.Requests == 0 {
		return 0, 0
	}
	return float64(a.Baseline.Errors) / float64(a.Baseline.Requests), a.Baseline.Requests
}

// beyond says whether the fleet of a run errs by itself more often than most, past what
// a day's count leaves open: nothing is promised of such a fleet.
func beyond(ctx context.Context, w *simulator.World, r *scenario.Result, most float64) bool {
	rate, n := errs(ctx, w, r)
	return n > 0 && rate-float64(3*math.Sqrt(rate/float64(n))) > most
}
