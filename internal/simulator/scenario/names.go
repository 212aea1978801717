package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// Unmatched is what s says that nothing in its rollout can match, with line and column:
// versions that nobody has, tests that no stage runs. Such a scenario would be as
// expected whatever it says there, and prove nothing. The error is [Problems].
func (s *Scenario) Unmatched() error { return s.rolloutUnmatched().Sorted() }

// unmatched is all that nothing can match.
func (s *Scenario) unmatched() Problems {
	ps := append(s.fleetUnmatched(), s.rolloutUnmatched()...)
	drifts := slices.ContainsFunc(s.Faults, func(f simulator.Fault) bool { return f.Kind == simulator.Drift || f.Kind == simulator.InstanceJoins })
	if s.Installed == s.Candidate() && !drifts {
		ps = append(ps, s.problem("installed", fmt.Sprintf("%q is what is rolled out: nothing happens", s.Installed)))
	}
	return ps
}

// fleetUnmatched is what is unmatched whatever is rolled out: instances and tenants
// that there are not.
func (s *Scenario) fleetUnmatched() Problems {
	if err := s.Config(s.Seed).Idle(); err != nil {
		return s.translated(err, "")
	}
	return nil
}

func (s *Scenario) rolloutUnmatched() (ps Problems) {
	add := func(path, format string, args ...any) { ps = append(ps, s.problem(path, fmt.Sprintf(format, args...))) }
	there, runs := s.there(), s.runs()
	s.versionsUnmatched(there, add)
	if v, _ := s.Said(s.Candidate()); v.SmokeFailureRate > 0 && !runs[simulator.SmokeFails] {
		add(fmt.Sprintf("versions[%q].smoke_failure_rate", s.keyOf(s.Candidate())), "says nothing: no stage runs smoke tests")
	}
	for i, f := range s.Faults {
		s.faultUnmatched(fmt.Sprintf("faults[%d].", i), f, there, runs, add)
	}
	if s.Expect.TookEffect && s.effects() == 0 {
		add("expect.took_effect", "expects something of faults, signals, crashes and what versions do now and then, and there is none")
	}
	if s.Tune.Stages != nil && s.Deployment.Resolve().Strategy != engine.Canary {
		add("tune.stages", "says nothing: the strategy is %s, and stages are those of Canary", s.Deployment.Resolve().Strategy)
	}
	return ps
}

// adder notes a problem of what stands at a path.
type adder = func(path, format string, args ...any)

// versionsUnmatched are versions that say how they behave, and that nobody has.
func (s *Scenario) versionsUnmatched(there []string, add adder) {
	for _, v := range slices.Sorted(maps.Keys(s.Versions)) {
		path, version := fmt.Sprintf("versions[%q]", v), strings.TrimPrefix(v, s.Deployment.PluginID+"@")
		if slices.Contains(there, v) || slices.Contains(there, version) {
			continue
		}
		if plugin, other, ok := strings.Cut(version, "@"); ok && slices.Contains(there, other) {
			add(path, "is of the plugin %q, and %q is rolled out", plugin, s.Deployment.PluginID)
			continue
		}
		add(path, "is neither installed nor rolled out%s", meant(version, there))
	}
}

// faultUnmatched is what of a fault strikes nobody.
func (s *Scenario) faultUnmatched(path string, f simulator.Fault, there []string, runs map[simulator.FaultKind]bool, add adder) {
	if f.Version != "" && f.Kind != simulator.Drift && !slices.Contains(there, f.Version) {
		add(path+"version", "%q is neither installed nor rolled out%s", f.Version, meant(f.Version, there))
	}
	if able, asked := runs[f.Kind]; asked && !able {
		add(path+"kind", "%s strikes nobody: %s", f.Kind, needs[f.Kind])
	}
	if s.World.RequestsPerSecond == 0 && slices.Contains(onTraffic, f.Kind) {
		add(path+"kind", "%s strikes nobody: there are no requests", f.Kind)
	}
	if slices.Contains(onErrors, f.Kind) && f.Magnitude > 0 && !s.worsens(f, there) {
		add(path+"magnitude", "%g changes nothing: whom it strikes errs as often anyway", f.Magnitude)
	}
	s.instancesUnmatched(path, f, add)
}

// instancesUnmatched are the instances of a fault that there will never be. Of those in a second
// slot, and of those that join, nobody knows yet.
func (s *Scenario) instancesUnmatched(path string, f simulator.Fault, add adder) {
	if s.second() || s.joins() {
		return
	}
	for k, id := range f.Instances {
		if !s.World.Starts(id) {
			add(fmt.Sprintf("%sinstances[%d]", path, k), "%q is not an instance: %s brings no second slot up, and none joins", id, s.Deployment.Resolve().Strategy)
		}
	}
}

// onErrors are the kinds of faults that raise an error rate to their magnitude.
var onErrors = []simulator.FaultKind{simulator.ErrorSpike, simulator.TenantFails}

// onTraffic are the kinds of faults that strike requests.
var onTraffic = []simulator.FaultKind{
	simulator.ErrorSpike, simulator.TenantFails, simulator.Latency, simulator.GrayFailure, simulator.NoisyMinute, simulator.Surge, simulator.HotTenant,
}

// worsens says whether a fault on errors makes anybody err more often.
func (s *Scenario) worsens(f simulator.Fault, there []string) bool {
	if s.World.TenantErrorSpread > 0 {
		return true // some err less often than their version
	}
	return slices.ContainsFunc(there, func(v string) bool {
		return (f.Version == "" || f.Version == v) && s.behaviour(v).ErrorRate < f.Magnitude
	})
}

// second says whether the rollout brings instances up in a second slot and switches routes:
// Blue-Green does, and a canary on a fleet that cannot move tenants one by one.
func (s *Scenario) second() bool {
	byTenant := !s.World.Lacks(engine.CanSideBySide) && !s.World.Lacks(engine.CanTenants)
	strategy := s.Deployment.Resolve().Strategy
	return strategy == engine.BlueGreen || strategy == engine.Canary && !byTenant
}

// joins says whether instances join on their own.
func (s *Scenario) joins() bool {
	return slices.ContainsFunc(s.Faults, func(f simulator.Fault) bool { return f.Kind == simulator.InstanceJoins })
}

// keyOf is under which key the scenario says how a version behaves.
func (s *Scenario) keyOf(version string) string {
	if own := s.Deployment.PluginID + "@" + version; s.Versions != nil {
		if _, ok := s.Versions[own]; ok {
			return own
		}
	}
	return version
}

// there are the versions that may be on the fleet: what is installed and rolled out,
// and what a drift brings.
func (s *Scenario) there() []string {
	var out []string
	add := func(v string) {
		if v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	add(s.Installed)
	add(s.Candidate())
	if ab := s.Deployment.Resolve().ABTesting; ab != nil {
		if ab.VariantA != nil {
			add(*ab.VariantA)
		}
	}
	for _, f := range s.Faults {
		if f.Kind == simulator.Drift {
			add(f.Version)
		}
	}
	return out
}

// needs is what kinds of faults need to strike at all.
var needs = map[simulator.FaultKind]string{
	simulator.SmokeFails:  "no stage runs smoke tests",
	simulator.SwitchFails: "only BlueGreen, and a canary that cannot move tenants, switch routes",
	simulator.HalfSwitch:  "only BlueGreen, and a canary that cannot move tenants, switch routes",
}

// runs says of each of those kinds whether the deployment has what it needs.
func (s *Scenario) runs() map[simulator.FaultKind]bool {
	spec := s.Deployment.Resolve()
	green := spec.Strategy == engine.BlueGreen
	return map[simulator.FaultKind]bool{
		simulator.SmokeFails:  green && spec.BlueGreen != nil && len(spec.BlueGreen.SmokeTests) > 0,
		simulator.SwitchFails: s.second(),
		simulator.HalfSwitch:  s.second(),
	}
}

// meant is a question for the name that was probably meant; "" where none is near.
func meant(name string, there []string) string {
	best, least := "", 3
	for _, t := range there {
		if d := yamlfile.Slips(name, t); d < least {
			best, least = t, d
		}
	}
	if best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ": there are " + strings.Join(there, " and ")
}
