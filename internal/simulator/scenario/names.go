package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// Unmatched is what s says that nothing in its rollout can match, with line and column:
// versions that nobody has, tests that no stage runs. Such a scenario would be as
// expected whatever it says there, and prove nothing. The error is [Problems].
func (s *Scenario) Unmatched() error { return s.rolloutUnmatched().sorted() }

// unmatched is all that nothing can match.
func (s *Scenario) unmatched() Problems { return append(s.fleetUnmatched(), s.rolloutUnmatched()...) }

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
	there := s.there()
	for _, v := range slices.Sorted(maps.Keys(s.Versions)) {
		path, version := fmt.Sprintf("versions[%q]", v), v
		if plugin, own, ok := strings.Cut(v, "@"); ok { // of one plugin's
			if version = own; plugin != s.Deployment.PluginID {
				add(path, "is of the plugin %q, and %q is rolled out", plugin, s.Deployment.PluginID)
				continue
			}
		}
		if !slices.Contains(there, version) {
			add(path, "is neither installed nor rolled out%s", meant(version, there))
		}
	}
	runs := s.runs()
	if v, _ := s.Said(s.Candidate()); v.SmokeFailureRate > 0 && !runs[simulator.SmokeFails] {
		add(fmt.Sprintf("versions[%q].smoke_failure_rate", s.keyOf(s.Candidate())), "says nothing: no stage runs smoke tests")
	}
	for i, f := range s.Faults {
		path := fmt.Sprintf("faults[%d].", i)
		if f.Version != "" && f.Kind != simulator.Drift && !slices.Contains(there, f.Version) {
			add(path+"version", "%q is neither installed nor rolled out%s", f.Version, meant(f.Version, there))
		}
		if able, asked := runs[f.Kind]; asked && !able {
			add(path+"kind", "%s strikes nobody: %s", f.Kind, needs[f.Kind])
		}
	}
	if s.Expect.TookEffect && s.effects() == 0 {
		add("expect.took_effect", "expects something of faults, signals, crashes and what versions do now and then, and there is none")
	}
	if s.Tune.Stages != nil && s.Deployment.Resolve().Strategy != engine.Canary {
		add("tune.stages", "says nothing: the strategy is %s, and stages are those of Canary", s.Deployment.Resolve().Strategy)
	}
	return ps
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
	simulator.SwitchFails: "only BlueGreen switches routes",
	simulator.HalfSwitch:  "only BlueGreen switches routes",
}

// runs says of each of those kinds whether the deployment has what it needs.
func (s *Scenario) runs() map[simulator.FaultKind]bool {
	spec := s.Deployment.Resolve()
	green := spec.Strategy == engine.BlueGreen
	return map[simulator.FaultKind]bool{
		simulator.SmokeFails:  green && spec.BlueGreen != nil && len(spec.BlueGreen.SmokeTests) > 0,
		simulator.SwitchFails: green,
		simulator.HalfSwitch:  green,
	}
}

// meant is a question for the name that was probably meant; "" where none is near.
func meant(name string, there []string) string {
	best, least := "", 3
	for _, t := range there {
		if d := slips(name, t); d < least {
			best, least = t, d
		}
	}
	if best != "" {
		return fmt.Sprintf(": did you mean %q?", best)
	}
	return ": there are " + strings.Join(there, " and ")
}
