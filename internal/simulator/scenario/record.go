package scenario

import (
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Frame is how the fleet stood from a time on.
type Frame struct {
	At        time.Time
	Instances []Seat // in the order of their ids
	// Pinned has for each tenant, in the order in which the plan exposes them, whether
	// it is held to the candidate.
	Pinned []bool
	Routes []engine.Route
	Phase  engine.Phase
}

// Seat is an instance in a frame.
type Seat struct {
	ID, Slot, Version string
	Ready             bool
}

// Look is a look of the judge at a stage.
type Look struct {
	At       time.Time
	Stage    int
	Verdict  engine.Verdict
	Requests int64   // of the candidate
	Rate     float64 // its error rate
	Cap      float64 // the gate's; 0: none
	// Low and High bound the true error rate with a confidence of 95 %.
	Low, High float64
	// Weights are what the sequential judge weighed; none: another one judged.
	Weights []engine.Weight
}

// frame notes how the fleet stands, where that is new.
func (r *rollout) frame(s engine.Snapshot) {
	if !r.opt.Record {
		return
	}
	f := Frame{At: r.world.Now(), Routes: s.Routes, Phase: engine.PhaseProgressing}
	if r.runner != nil {
		f.Phase = r.runner.Phase()
	}
	for _, in := range s.Instances {
		f.Instances = append(f.Instances, Seat{in.ID, in.Slot, in.Default, in.Ready})
	}
	pins := make(map[string]bool, len(s.Tenants))
	for _, t := range s.Tenants {
		pins[t.ID] = t.Pin != "" && t.Pin == r.plan.Candidate
	}
	for _, t := range r.plan.Tenants {
		f.Pinned = append(f.Pinned, pins[t.ID])
	}
	if n := len(r.res.Frames); n > 0 && r.res.Frames[n-1].same(f) {
		return
	}
	r.res.Frames = append(r.res.Frames, f)
}

func (f Frame) same(g Frame) bool {
	return f.Phase == g.Phase && slices.Equal(f.Instances, g.Instances) && slices.Equal(f.Pinned, g.Pinned) && slices.Equal(f.Routes, g.Routes)
}

// recorder is a judge whose looks are kept.
type recorder struct {
	judge engine.Judge
	r     *rollout
}

// Judge implements [engine.Judge].
func (j recorder) Judge(g *engine.Gate, e *engine.Evidence) engine.Verdict {
	v := j.judge.Judge(g, e)
	look := Look{At: j.r.world.Now(), Stage: j.r.runner.State().Stage, Verdict: v, Requests: e.Candidate.Requests}
	for _, c := range g.Checks {
		if c.Metric == engine.ErrorRate {
			look.Cap = c.Bound
		}
	}
	if n := e.Candidate.Requests; n > 0 {
		look.Rate = float64(e.Candidate.Errors) / float64(n)
		look.Low, look.High = Wilson(e.Candidate.Errors, n)
	}
	if g.Mode == engine.Sequential {
		look.Weights = engine.Weigh(g, e)
	}
	j.r.res.Looks = append(j.r.res.Looks, look)
	return v
}

// Wants implements [engine.Wanter] for a judge that does.
func (j recorder) Wants() (candidate, baseline engine.Want) {
	if w, ok := j.judge.(engine.Wanter); ok {
		return w.Wants()
	}
	return 0, 0
}
