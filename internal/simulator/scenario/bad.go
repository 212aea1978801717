package scenario

import (
	"math"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Bad says whether the candidate should be rolled back: where the scenario does
// not say, whether its figures are beyond the gate's thresholds, or come there by a
// fault, a leak, too many requests or its promotion. A version that is only cold at
// first is not bad.
func (s *Scenario) Bad() bool {
	if v, ok := s.Said(s.Candidate()); ok && v.Bad != nil {
		return *v.Bad
	}
	_, bad := s.badSince()
	return bad
}

// badSince is how long after the rollout's start the candidate begins to fail its
// users, if it does.
func (s *Scenario) badSince() (since time.Duration, bad bool) {
	b := s.behaviour(s.Candidate())
	if s.beyond(b) {
		return 0, true
	}
	earliest := s.badWithTime(b)
	for _, f := range s.Faults {
		if f.Version == s.Candidate() && s.beyond(struck(b, f)) {
			earliest = min(earliest, f.FromSeconds)
		}
	}
	if math.IsInf(earliest, 1) {
		v, ok := s.Said(s.Candidate())
		return 0, ok && v.Bad != nil && *v.Bad
	}
	return time.Duration(earliest * float64(time.Second)), true
}

// badWithTime is how many seconds after the rollout's start b becomes what nobody
// wants; never: infinity. Who gets too many requests, or has to be promoted first,
// counts as bad from the start: when that shows is the deployment's doing.
func (s *Scenario) badWithTime(b simulator.Behaviour) float64 {
	worse := func(errors, slower float64) bool {
		w := b
		w.ErrorRate = max(w.ErrorRate, errors)
		w.LatencyP50Ms, w.LatencyP99Ms = w.LatencyP50Ms*max(1, slower), w.LatencyP99Ms*max(1, slower)
		return s.beyond(w)
	}
	most := s.World.RequestsPerSecond * (1 + s.World.DailySwing)
	switch {
	case worse(b.PromotedErrorRate, 1), b.OverloadAbove > 0 && most > b.OverloadAbove && worse(b.OverloadErrorRate, b.OverloadLatencyFactor):
		return 0
	case b.LeakSeconds > 0 && worse(b.LeakErrorRate, 1):
		return b.LeakSeconds
	default:
		return math.Inf(1)
	}
}

// struck is how b behaves while f strikes it.
func struck(b simulator.Behaviour, f simulator.Fault) simulator.Behaviour {
	switch f.Kind {
	case simulator.ErrorSpike:
		b.ErrorRate = max(b.ErrorRate, f.Magnitude)
	case simulator.TenantFails:
		share := f.TenantShare
		if share == 0 && len(f.Tenants) == 0 {
			share = 1
		}
		b.ErrorRate = max(b.ErrorRate, f.Magnitude*share)
	case simulator.Latency:
		b.LatencyP50Ms *= max(1, f.Magnitude)
		b.LatencyP99Ms *= max(1, f.Magnitude)
	}
	return b
}

// beyond says whether b breaks a cap of the deployment, or has latencies that the
// guard rolls back.
func (s *Scenario) beyond(b simulator.Behaviour) bool {
	spec := s.Deployment.Resolve()
	t := thresholdsOf(spec)
	for _, cap := range []struct {
		v    float64
		most *float64
	}{
		{b.ErrorRate, t.MaxErrorRate},
		{b.LatencyP99Ms, t.MaxLatencyP99Ms},
		{b.CPU, t.MaxCPU},
		{b.Memory, t.MaxMemory},
		{b.ExecutionTimeMs, t.MaxExecutionTimeMs},
	} {
		if cap.most != nil && cap.v > *cap.most {
			return true
		}
	}
	if t.MinSuccessRate != nil && 1-b.ErrorRate-b.TimeoutRate < *t.MinSuccessRate {
		return true
	}
	return spec.Triggers != nil && s.tripping(b, spec.Triggers)
}

// tripping says whether b trips a guard on traffic. A guard of 0 is off.
func (s *Scenario) tripping(b simulator.Behaviour, g *engine.TriggerSettings) bool {
	if most := g.MaxErrorRate; most != nil && *most > 0 && b.ErrorRate > *most {
		return true
	}
	ratio := g.MaxLatencyP99Ratio
	return ratio != nil && *ratio > 0 && s.Installed != "" && b.LatencyP99Ms > *ratio*s.behaviour(s.Installed).LatencyP99Ms
}

// thresholdsOf are the caps of a resolved spec's strategy.
func thresholdsOf(spec engine.Spec) engine.Thresholds {
	var t *engine.Thresholds
	switch {
	case spec.Direct != nil:
		t = spec.Direct.Thresholds
	case spec.Canary != nil:
		t = spec.Canary.Thresholds
	case spec.BlueGreen != nil:
		t = spec.BlueGreen.Thresholds
	case spec.Rolling != nil:
		t = spec.Rolling.Thresholds
	case spec.ABTesting != nil:
		t = spec.ABTesting.Thresholds
	}
	if t == nil {
		return engine.Thresholds{}
	}
	return *t
}
