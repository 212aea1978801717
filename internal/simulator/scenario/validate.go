package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Validate finds everything that is wrong with s; the error is [Problems].
func (s *Scenario) Validate() error { return s.validate().Sorted() }

func (s *Scenario) validate() Problems {
	var ps Problems
	if err := s.Config(s.Seed).Validate(); err != nil {
		ps = append(ps, s.translated(err, "")...)
	}
	if found := s.Deployment.Validate(); len(found) > 0 {
		ps = append(ps, s.translated(found, "deployment.")...)
	}
	add := func(path, format string, args ...any) { ps = append(ps, s.problem(path, fmt.Sprintf(format, args...))) }
	if !versionLike(s.Installed) {
		add("installed", "%q is not 1..128 letters, digits, '.', '_', '+' or '-' that begin with a letter or digit", s.Installed)
	}
	for i, c := range s.Crashes {
		if c.Call < 1 {
			add(fmt.Sprintf("crashes[%d].call", i), "%d is not a call, which are counted from 1 on", c.Call)
		}
	}
	for i, sig := range s.Signals {
		sig.validate(fmt.Sprintf("signals[%d]", i), add)
	}
	s.Expect.validate(add)
	s.Tune.validate(add)
	return ps
}

// versionLike says whether a version can be rolled out, or is none.
func versionLike(version string) bool {
	spec := engine.Spec{PluginID: "p", Environment: engine.Production, Version: version}
	return version == "" || len(spec.Validate()) == 0
}

// waiting are the phases in which a rollout waits for a person.
var waiting = []engine.Phase{engine.PhaseHeld, engine.PhasePaused, engine.PhaseStuck}

func (sig Signal) validate(path string, add func(path, format string, args ...any)) {
	sig.validateWord(path, add)
	switch {
	case sig.When == "" && (sig.After != 0 || sig.Times != 0):
		add(path, "after and times go with when")
	case sig.When != "" && sig.At != 0:
		add(path, "at and when exclude each other")
	case sig.When != "" && !slices.Contains(waiting, sig.When):
		add(path+".when", "%q is not one of %s", sig.When, list(waiting))
	}
	if sig.Times < 0 || sig.Times > 1000 {
		add(path+".times", "%d is not in 1..1000", sig.Times)
	}
}

func (sig Signal) validateWord(path string, add func(path, format string, args ...any)) {
	switch {
	case !slices.Contains(Words(), sig.Do):
		add(path+".do", "%q is not one of %s", sig.Do, list(Words()))
	case sig.Elsewhere && sig.Do == Leave:
		add(path+".elsewhere", "leave is the word of whoever walks the rollout")
	}
}

func (e Expect) validate(add func(path, format string, args ...any)) {
	if e.Outcome != "" && !slices.Contains(Endings(), e.Outcome) {
		add("expect.outcome", "%q is not one of %s", e.Outcome, list(Endings()))
	}
	if e.MostTenants != nil && *e.MostTenants < 0 {
		add("expect.most_tenants", "%d is below 0", *e.MostTenants)
	}
	if e.MostFailedRequests != nil && *e.MostFailedRequests < 0 {
		add("expect.most_failed_requests", "%d is below 0", *e.MostFailedRequests)
	}
	if e.Share != nil && (*e.Share < 0 || *e.Share > 1) {
		add("expect.share", "%g is not in 0..1", *e.Share)
	}
	for i, kind := range e.Happened {
		if !slices.Contains(engine.EventKinds(), kind) {
			add(fmt.Sprintf("expect.happened[%d]", i), "%q is not one of %s", kind, list(engine.EventKinds()))
		}
	}
}

func (t Tune) validate(add func(path, format string, args ...any)) {
	if t.Runs < 0 || t.Runs > 1_000_000 {
		add("tune.runs", "%d is not in 1..1000000", t.Runs)
	}
	limit := func(path string, v *float64) {
		if v != nil && !(*v > 0 && *v <= 1) {
			add(path, "%g is not above 0 and up to 1: no number of runs shows that something never happens", *v)
		}
	}
	limit("tune.most_false_rollback", t.MostFalseRollback)
	limit("tune.most_good_stopped", t.MostGoodStopped)
	limit("tune.most_missed", t.MostMissed)
	for i, share := range t.MaxErrorRates {
		if share < 0 || share > 1 {
			add(fmt.Sprintf("tune.max_error_rates[%d]", i), "%g is not in 0..1", share)
		}
	}
	t.validateSettings(add)
}

// validateSettings validates what a search tries out beside error rates.
func (t Tune) validateSettings(add func(path, format string, args ...any)) {
	for i, stages := range t.Stages {
		for _, p := range (engine.Spec{
			PluginID: "p", Version: "1", Environment: engine.Production, Strategy: engine.Canary,
			Canary: &engine.CanarySettings{Stages: stages},
		}).Validate() {
			add(fmt.Sprintf("tune.stages[%d]", i)+strings.TrimPrefix(p.Path, "canary.stages"), "%s %s", p.Value, p.Rule)
		}
	}
	for i, period := range t.EvaluationPeriods { // the other strategies' periods have the same bounds
		for _, p := range (engine.Spec{
			PluginID: "p", Version: "1", Environment: engine.Production, Strategy: engine.Canary,
			Canary: &engine.CanarySettings{EvaluationPeriod: &period},
		}).Validate() {
			add(fmt.Sprintf("tune.evaluation_periods[%d]", i), "%s %s", p.Value, p.Rule)
		}
	}
	for i, mode := range t.Modes {
		if mode != string(engine.Threshold) && mode != string(engine.Sequential) {
			add(fmt.Sprintf("tune.modes[%d]", i), "%q is not one of threshold, sequential", mode)
		}
	}
}

// list is values with commas between.
func list[T ~string](values []T) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = string(v)
	}
	return strings.Join(parts, ", ")
}
