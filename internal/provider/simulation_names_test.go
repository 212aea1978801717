package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestSimulationOfNamesThatMatchNothing: what a question says and no rollout can match
// is said of its attribute, or of the scenario's line and column.
func TestSimulationOfNamesThatMatchNothing(t *testing.T) {
	fleet := func(more settings) settings {
		simulated := settings{"installed": settings{"stripe": "1.5.0"}}
		for k, v := range more {
			simulated[k] = v
		}
		return settings{"simulated": simulated}
	}
	for name, test := range map[string]struct {
		question settings
		at, says string
	}{
		"a version with a typing error": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.60": settings{"error_rate": 0.5}}})),
			`simulated.versions["1.60"]`, `versions["1.60"]: is neither installed nor rolled out: did you mean "1.6.0"?`,
		},
		"a plugin with a typing error": {
			tried("1.6.0", settings{"simulated": settings{"installed": settings{"stirpe": "1.5.0"}}}),
			"simulated.installed", `does not name "stripe", which is rolled out`,
		},
		"another plugin's version": {
			tried("1.6.0", fleet(settings{"versions": settings{"stirpe@1.6.0": settings{"error_rate": 0.5}}})),
			`simulated.versions["stirpe@1.6.0"]`, `is of the plugin "stirpe", and "stripe" is rolled out`,
		},
		"a leak without a time": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.6.0": settings{"leak_error_rate": 0.5}}})),
			`simulated.versions["1.6.0"].leak_error_rate`, "does nothing without leak_seconds",
		},
		"a leak at no time": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.6.0": settings{"leak_error_rate": 0.5, "leak_seconds": 0}}})),
			`simulated.versions["1.6.0"].leak_seconds`, "0 is not above 0",
		},
		"a factor of nothing": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.6.0": settings{"cold_seconds": 5, "cold_error_rate": 0.1, "cold_latency_factor": 0}}})),
			`simulated.versions["1.6.0"].cold_latency_factor`, "0 is not in 1..1000",
		},
		"smoke tests that nobody runs": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.6.0": settings{"smoke_failure_rate": 1}}})),
			`simulated.versions["1.6.0"].smoke_failure_rate`, "no stage runs smoke tests",
		},
		"smoke tests that are none": {
			tried("1.6.0", fleet(settings{"versions": settings{"1.6.0": settings{"smoke_failure_rate": 1}}}), settings{"strategy": "BlueGreen", "blue_green": settings{"smoke_tests": []any{}}}),
			`simulated.versions["1.6.0"].smoke_failure_rate`, "no stage runs smoke tests",
		},
		"a version that the file does not know": {
			settings{"scenario": scenarioFile(t, ""), "version": "9.9.8"},
			"scenario", `fleet.yaml:3:3: versions["9.9.9"]: is neither installed nor rolled out: did you mean "9.9.8"?`,
		},
		"a fault of another rollout": {
			settings{"scenario": scenarioFile(t, "faults: [{kind: hang, version: 9.9.9}]\n"), "version": "1.6.0"},
			"scenario", `faults[0].version: "9.9.9" is neither installed nor rolled out`,
		},
		"a tenant that is taken away": {
			settings{"scenario": scenarioFile(t, "faults: [{kind: hot_tenant, tenants: [tenant-150]}]\n"), "simulated": settings{"tenants": int64(149)}},
			"simulated.scenario", `faults[0].tenants[0]: "tenant-150" is not a tenant: there are tenant-001 to tenant-149`,
		},
		"a file's tenant": {
			settings{"scenario": scenarioFile(t, "faults: [{kind: hot_tenant, tenants: [tenant-151]}]\n")},
			"scenario", `fleet.yaml:4:39: faults[0].tenants[0]: "tenant-151" is not a tenant`,
		},
		"a capability that there is not": {
			settings{"simulated": settings{"installed": settings{"stripe": "1.5.0"}, "can": settings{"fly": false}}, "version": "1.6.0", "plugin_id": "stripe", "environment": "Production"},
			`simulated.can["fly"]`, "is not a capability: there are journal, traffic",
		},
		"scrapes without time between them": {
			settings{"simulated": settings{"installed": settings{"stripe": "1.5.0"}, "metrics": settings{"resolution": "0s"}}, "version": "1.6.0", "plugin_id": "stripe", "environment": "Production"},
			"simulated.metrics.resolution", "0s is not in 1s..1h: leave it out",
		},
		"a file's zero": {
			settings{"scenario": scenarioFile(t, "faults: [{kind: install_fails, probability: 0}]\n")},
			"scenario", "faults[0].probability: 0 is never",
		},
		"a file's smoke tests": {
			settings{"scenario": scenarioFile(t, "faults: [{kind: smoke_fails}]\n")},
			"scenario", "smoke_fails strikes nobody",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := ask(context.Background(), t, test.question)
			expectAt(t, diags, test.at, test.says)
		})
	}
}

// TestSimulationOfACatalogue: a file may have versions to choose from, if the one that
// is asked for is among them.
func TestSimulationOfACatalogue(t *testing.T) {
	file := scenarioFile(t, "  1.6.0: {error_rate: 0.01}\n  1.7.0: {error_rate: 0.01}\n")
	expectFigures(t, settings{"scenario": file, "runs": int64(3), "version": "1.7.0"}, map[string]string{"outcomes.succeeded.count": "3"})
	expectFigures(t, settings{"scenario": file, "runs": int64(3), "version": "9.9.9"}, map[string]string{"outcomes.rolled_back.count": "3"})
	_, diags := ask(context.Background(), t, settings{"scenario": file, "runs": int64(3)})
	expectAt(t, diags, "scenario", `versions["1.6.0"]: is neither installed nor rolled out`)
	// A fleet may have several plugins.
	expectFigures(t, tried("1.6.0", settings{"runs": int64(3), "simulated": settings{
		"installed": settings{"stripe": "1.5.0", "paypal": "2.0.0"}, "versions": settings{"paypal@2.1.0": settings{"error_rate": 0.5}},
	}}), map[string]string{"outcomes.succeeded.count": "3"})
	// What is not known yet may match.
	_, diags = ask(context.Background(), t, tried("1.6.0", settings{"version": unknown{}, "simulated": settings{"versions": settings{"1.60": settings{"error_rate": 0.5}}}}))
	expectGood(t, diags)
}

// TestProviderNamesThatMatchNothing: the fleet that is deployed to may have any version,
// but not faults that strike nobody.
func TestProviderNamesThatMatchNothing(t *testing.T) {
	valid := func(simulated settings) map[string]any { return map[string]any{"simulated": simulated} }
	expectGood(t, validateProvider(t, valid(settings{"versions": settings{"9.9.9": settings{"error_rate": 0.5}}})))
	expectGood(t, validateProvider(t, valid(settings{"scenario": scenarioFile(t, "  1.7.0: {error_rate: 0.5}\n")})))
	expectAt(t, validateProvider(t, valid(settings{"versions": settings{"9.9.9": settings{"overload_error_rate": 0.5}}})),
		`simulated.versions["9.9.9"].overload_error_rate`, "does nothing without overload_above")
	expectAt(t, validateProvider(t, valid(settings{"versions": settings{"9.9.9": settings{"overload_error_rate": 0.5, "overload_above": 0}}})),
		`simulated.versions["9.9.9"].overload_above`, "0 is not above 0")
	for _, c := range []struct {
		simulated settings
		at, says  string
	}{
		{settings{"installed": settings{"pay ments": "1.5.0"}}, `simulated.installed["pay ments"]`, "is not the name of a plugin"},
		{settings{"installed": settings{"payments": "1.5.0 "}}, `simulated.installed["payments"]`, `"1.5.0 " is not a version`},
		{settings{"versions": settings{"1.6.0 ": settings{"error_rate": 0.5}}}, `simulated.versions["1.6.0 "]`, "is not a version"},
		{settings{"versions": settings{"": settings{"error_rate": 0.5}}}, `simulated.versions[""]`, "is not a version"},
	} {
		expectAt(t, validateProvider(t, valid(c.simulated)), c.at, c.says)
	}
	expectGood(t, validateProvider(t, valid(settings{
		"installed": settings{"payments": "v1.5.0@sha256:0f"}, "versions": settings{"payments@v1.6.0": settings{"error_rate": 0.5}, "v1.5.0@sha256:0f": settings{}},
	})))
	file := scenarioFile(t, "faults: [{kind: hang, instances: [instance-10]}]\n")
	expectAt(t, validateProvider(t, valid(settings{"scenario": file, "instances": int64(3)})), "simulated.scenario", `"instance-10" is not an instance: there are instance-01 to instance-03`)
	expectGood(t, validateProvider(t, valid(settings{"scenario": file, "instances": unknown{}})))
}

// TestSimulationHasNoNullObjects: a figure that does not apply is null inside its
// object, so that a condition about it can be written whatever the version is.
func TestSimulationHasNoNullObjects(t *testing.T) {
	for _, question := range []settings{tried("1.6.0", settings{"runs": int64(3)}), triedBad(settings{"runs": int64(3)})} {
		v, diags := ask(context.Background(), t, question)
		expectGood(t, diags)
		for _, name := range []string{
			"false_rollback", "good_stopped", "missed_regression", "kept_though_better", "adopted_though_worse", "as_expected", "duration_seconds", "detected_seconds", "rollback_seconds",
			"tenants_exposed", "requests", "failed_requests", "took_effect", "worst", "broken", "outcomes",
		} {
			if attributes(t, v)[name].IsNull() {
				t.Errorf("%s is null", name)
			}
		}
	}
	expectFigures(t, tried("1.6.0", settings{"canary": settings{"evaluation_period": "5s"}}), map[string]string{
		"false_rollback.count": "0", "good_stopped.count": "20", "good_stopped.high": "1", "missed_regression.count": "", "detected_seconds.count": "0",
	})
}

// TestSimulationWarnsOfWhatNeverHappened: a fault that never struck is warned of.
func TestSimulationWarnsOfWhatNeverHappened(t *testing.T) {
	file := scenarioFile(t, "faults: [{kind: latency, magnitude: 3, from_seconds: 99999}]\n")
	_, diags := ask(context.Background(), t, settings{"scenario": file, "runs": int64(3)})
	if got := texts(diags, tfprotov6.DiagnosticSeverityWarning); !strings.Contains(got, "In 3 runs faults[0] (latency) never struck") {
		t.Errorf("the warnings are %s", got)
	}
}

// TestSimulationOfAPoorFleet: what a fleet lacks, and what its metrics are like, can be tried
// in a plan.
func TestSimulationOfAPoorFleet(t *testing.T) {
	poor := func(more settings) settings {
		fleet := settings{"installed": settings{"stripe": "1.5.0"}}
		for name, v := range more {
			fleet[name] = v
		}
		return tried("1.6.0", settings{"runs": int64(3), "strategy": "Canary", "simulated": fleet})
	}
	_, diags := ask(context.Background(), t, poor(settings{"can": settings{"tenants": false, "slots": false}}))
	expectAt(t, diags, "", "the fleet has no second slot: a canary moves tenants")
	expectFigures(t, poor(settings{"can": settings{"tenants": false}}), map[string]string{"outcomes.succeeded.count": "3", "promises_broken": "0"})
	expectFigures(t, poor(settings{"metrics": settings{"resolution": "60s", "delay": "15s", "by_tenant": false}}), map[string]string{"outcomes.succeeded.count": "3"})
	expectFigures(t, poor(settings{"metrics": settings{"coverage": 0.0}}), map[string]string{"outcomes.succeeded.count": "0"})
}
