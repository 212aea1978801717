package scenario

import (
	"fmt"
	"maps"
	"slices"
)

// zeros refuses what is written as nothing and would be taken for not said: a 0 where
// the default is another number, and a list without elements where no list means all.
func (s *Scenario) zeros() Problems {
	var ps Problems
	add := func(path, message string) { ps = append(ps, s.problem(path, message)) }
	zero := func(path string, rules map[string]string, value func(key string) float64) {
		for _, key := range slices.Sorted(maps.Keys(rules)) {
			if s.file.Written[path+key] && value(key) == 0 {
				add(path+key, "0 "+rules[key])
			}
		}
	}
	for i, f := range s.Faults {
		path := fmt.Sprintf("faults[%d].", i)
		zero(path, f.NoZero(), func(key string) float64 {
			return map[string]float64{
				"to_seconds": f.ToSeconds, "tenant_share": f.TenantShare, "probability": f.Probability, "times": float64(f.Times), "magnitude": f.Magnitude,
			}[key]
		})
		none(add, path+"instances", f.Instances, "all instances")
		none(add, path+"tenants", f.Tenants, "all tenants")
	}
	for name, v := range s.Versions {
		zero(fmt.Sprintf("versions[%q].", name), v.NoZero(), func(key string) float64 {
			return map[string]float64{
				"cold_latency_factor": v.ColdLatencyFactor, "overload_latency_factor": v.OverloadLatencyFactor, "leak_seconds": v.LeakSeconds,
				"novelty_conversion_factor": v.NoveltyConversionFactor, "novelty_satisfaction": v.NoveltySatisfaction, "overload_above": v.OverloadAbove,
			}[key]
		})
	}
	if m := s.World.Metrics; m.Resolution == 0 && s.file.Written["metrics.resolution"] {
		add("metrics.resolution", "0s "+m.NoZero()["resolution"])
	}
	s.zeroSignals(add)
	s.Tune.zeros(add, s.file.Written["tune.runs"])
	if c := s.Deployment.Canary; c != nil {
		none(add, "deployment.canary.stages", c.Stages, "the usual ones")
	}
	if ab := s.Deployment.ABTesting; ab != nil {
		none(add, "deployment.ab_testing.decision_metrics", ab.DecisionMetrics, "the usual ones")
	}
	return ps
}

// zeroSignals are the signals that are given no time at all.
func (s *Scenario) zeroSignals(add func(path, message string)) {
	for i, sig := range s.Signals {
		if path := fmt.Sprintf("signals[%d].times", i); s.file.Written[path] && sig.Times == 0 {
			add(path, "0 is not in 1..1000: leave it out for 1")
		}
	}
}

// zeros is what a search says as nothing; runs says that it names their number.
func (t Tune) zeros(add func(path, message string), runs bool) {
	if runs && t.Runs == 0 {
		add("tune.runs", "0 is not in 1..1000000: leave it out for the usual number")
	}
	none(add, "tune.stages", t.Stages, "the usual ones")
	none(add, "tune.evaluation_periods", t.EvaluationPeriods, "the usual ones")
	none(add, "tune.max_error_rates", t.MaxErrorRates, "the deployment's")
	none(add, "tune.modes", t.Modes, "both")
}

// none refuses a list that is there and has no elements.
func none[T any](add func(path, message string), path string, list []T, instead string) {
	if list != nil && len(list) == 0 {
		add(path, "is empty: leave it out for "+instead)
	}
}
