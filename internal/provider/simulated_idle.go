package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// idleFleet says what the block simulated, which is o and became c, says and can never
// matter: a 0 that would be taken for not said, and what [simulator.Config.Idle] finds.
// What is not known yet may matter.
func idleFleet(ctx context.Context, o types.Object, c simulator.Config) (diags diag.Diagnostics) {
	if o.IsNull() || !wholly(ctx, o) {
		return nil
	}
	if m, ok := blockOf(o, "simulated").get("versions").(types.Map); ok {
		addProblems(&diags, path.Empty(), invalidFleet, idleZeros(m))
	}
	if metrics, ok := blockOf(o, "simulated").block("metrics"); ok {
		if d := metrics.duration("resolution"); d != nil && *d == 0 {
			addProblems(&diags, path.Empty(), invalidFleet, engine.Problems{{
				Path: "simulated.metrics.resolution", Value: "0s", Rule: simulator.Metrics{}.NoZero()["resolution"],
			}})
		}
	}
	addProblems(&diags, path.Empty(), invalidFleet, impossibleNames(c))
	var ps engine.Problems
	if !errors.As(c.Idle(), &ps) {
		return diags
	}
	for _, p := range ps {
		if strings.HasPrefix(p.Path, "simulated.faults") { // which only a file can say
			p.Rule = strings.TrimSpace(p.Value + " " + p.Rule)
			diags.AddAttributeError(path.Root("simulated").AtName("scenario"), invalidScenario, sentence(strings.TrimPrefix(p.Path, "simulated.")+": "+p.Rule))
			continue
		}
		addProblems(&diags, path.Empty(), invalidFleet, engine.Problems{p})
	}
	return diags
}

// idleZeros are the zeros of versions that would be taken for not said.
func idleZeros(versions types.Map) (ps engine.Problems) {
	rules := simulator.Behaviour{}.NoZero()
	for version, v := range versions.Elements() {
		figures, ok := v.(types.Object)
		if !ok {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(rules)) {
			if n := blockOf(figures, "").number(key); n != nil && *n == 0 {
				ps = append(ps, engine.Problem{Path: fmt.Sprintf("simulated.versions[%q].%s", version, key), Value: "0", Rule: rules[key]})
			}
		}
	}
	return ps
}

// impossibleNames are the plugins and versions of c that no deployment can have.
func impossibleNames(c simulator.Config) (ps engine.Problems) {
	possible := func(plugin, version string) bool {
		spec := engine.Spec{PluginID: plugin, Environment: engine.Production, Version: version}
		return len(spec.Validate()) == 0
	}
	for _, plugin := range slices.Sorted(maps.Keys(c.Installed)) {
		at := fmt.Sprintf("simulated.installed[%q]", plugin)
		switch version := c.Installed[plugin]; {
		case !possible(plugin, "1"):
			ps = append(ps, engine.Problem{Path: at, Rule: "is not the name of a plugin that can be deployed"})
		case version != "" && !possible("p", version): // an empty one is a problem of its own
			ps = append(ps, engine.Problem{Path: at, Value: fmt.Sprintf("%q", version), Rule: "is not a version that can be deployed"})
		}
	}
	for _, version := range slices.Sorted(maps.Keys(c.Versions)) {
		if !possible("p", version) { // p@1.6.0 can be one
			ps = append(ps, engine.Problem{Path: fmt.Sprintf("simulated.versions[%q]", version), Rule: "is not a version that can be deployed"})
		}
	}
	return ps
}

// unmatched says what s, made of the question, says and its rollout cannot match: see
// [scenario.Scenario.Unmatched].
func (q *simulationQuestion) unmatched(s *scenario.Scenario) (diags diag.Diagnostics) {
	inline := blockOf(q.Simulated, "simulated")
	if m, ok := inline.get("installed").(types.Map); ok && len(m.Elements()) > 0 && s.Installed == "" {
		diags.AddAttributeError(path.Root("simulated").AtName("installed"), invalidFleet, fmt.Sprintf(
			"installed: does not name %q, which is rolled out: leave it out for a plugin that is not installed.", s.Deployment.PluginID))
	}
	var ps scenario.Problems
	if !errors.As(s.Unmatched(), &ps) {
		return diags
	}
	for _, p := range ps {
		name, ofVersion := versionIn(p.Path)
		switch {
		case ofVersion && q.tellsVersion(name):
			diags.AddAttributeError(attributePath(path.Root("simulated"), p.Path), invalidFleet, sentence(p.Path+": "+p.Message))
		case ofVersion && q.isOfOthers(s, p.Path, name):
		case q.Scenario.IsNull():
			diags.AddError(invalidFleet, sentence(p.Path+": "+p.Message))
		default:
			diags.AddAttributeError(path.Root("scenario"), invalidScenario, sentence(p.Error()))
		}
	}
	return diags
}

// tellsVersion says whether the question itself, and not its scenario, says how a version of
// its plugin behaves.
func (q *simulationQuestion) tellsVersion(name string) bool {
	versions, _ := blockOf(q.Simulated, "simulated").get("versions").(types.Map)
	return versions.Elements()[name] != nil && !q.installs(name)
}

// isOfOthers says whether a version that is not rolled out is there for another rollout: of
// another plugin, or one of several to choose from.
func (q *simulationQuestion) isOfOthers(s *scenario.Scenario, at, name string) bool {
	return q.installs(name) || q.catalogue(s) && strings.HasSuffix(at, "]")
}

// installs says whether the question installs the plugin of a version like p@1.6.0.
func (q *simulationQuestion) installs(version string) bool {
	plugin, _, ok := strings.Cut(version, "@")
	installed, _ := blockOf(q.Simulated, "simulated").get("installed").(types.Map)
	return ok && plugin != q.PluginID.ValueString() && installed.Elements()[plugin] != nil
}

// catalogue says whether the scenario's file has versions to choose from, and the
// question chose one of them.
func (q *simulationQuestion) catalogue(s *scenario.Scenario) bool {
	_, listed := s.Said(s.Candidate())
	return listed && !q.Version.IsNull() && !q.Scenario.IsNull()
}

// versionIn is the version in a path like versions["1.6.0"].leak_seconds.
func versionIn(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, `versions["`)
	name, _, _ := strings.Cut(rest, `"]`)
	return name, ok
}
