package scenario

import (
	"slices"
	"strings"
	"testing"
)

// rolled is a canary from 1.5.0 to 1.6.0, in lines 1 and 2.
const rolled = "installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary}\n"

// TestNamesThatMatchNothing has scenarios that would be as expected whatever they say,
// and where what matches nothing is said to be.
func TestNamesThatMatchNothing(t *testing.T) {
	green := strings.Replace(rolled, "Canary", "BlueGreen", 1)
	for _, c := range []struct{ name, text, want string }{
		{"a version with a typing error", rolled + "versions:\n  1.60: {error_rate: 0.5}\n", `f:4:3: versions["1.60"]: is neither installed nor rolled out: did you mean "1.6.0"?`},
		{"a version of another day", rolled + "versions: {9.9.9: {error_rate: 0.5}}\n", `f:3:12: versions["9.9.9"]: is neither installed nor rolled out: there are 1.5.0 and 1.6.0`},
		{"installed has the typing error", "installed: 1.50\n" + rolled[len("installed: 1.5.0\n"):] + "versions: {1.5.0: {error_rate: 0.5}}\n", `versions["1.5.0"]: is neither installed nor rolled out: did you mean "1.50"?`},
		{"installed is no version", "installed: 1.5 .0\n" + rolled[len("installed: 1.5.0\n"):], `f:1:12: installed: "1.5 .0" is not`},
		{"a plugin with no version installed", rolled[len("installed: 1.5.0\n"):] + "versions: {1.5.0: {error_rate: 0.5}}\n", `versions["1.5.0"]: is neither installed`},
		{"a fault of a version", rolled + "faults: [{kind: error_spike, version: 1.60, magnitude: 0.5}]\n", `f:3:39: faults[0].version: "1.60" is neither installed nor rolled out: did you mean "1.6.0"?`},
		{"a tenant", rolled + "faults:\n  - {kind: tenant_fails, magnitude: 1, tenants: [tenant-001, tenant-9999]}\n", `f:4:62: faults[0].tenants[1]: "tenant-9999" is not a tenant: there are tenant-001 to tenant-150`},
		{"a tenant of a smaller fleet", rolled + "tenants: {count: 20}\nfaults: [{kind: hot_tenant, tenants: [tenant-42]}]\n", `"tenant-42" is not a tenant: there are tenant-01 to tenant-20`},
		{"a tenant's number alike", rolled + "faults: [{kind: hot_tenant, tenants: [tenant-42]}]\n", `"tenant-42" is not a tenant`},
		{"an instance", rolled + "faults: [{kind: hang, instances: [instance-99]}]\n", `f:3:35: faults[0].instances[0]: "instance-99" is not an instance: there are instance-01 to instance-10`},
		{"a slot for an instance", rolled + "faults: [{kind: hang, instances: [blue]}]\n", `"blue" is not an instance`},
		{"smoke tests of a canary", rolled + "faults: [{kind: smoke_fails}]\n", "f:3:17: faults[0].kind: smoke_fails strikes nobody: no stage runs smoke tests"},
		{"smoke tests of a switch that runs none", strings.Replace(green, "BlueGreen", "BlueGreen, blue_green: {smoke_tests: []}", 1) + "faults: [{kind: smoke_fails}]\n", "no stage runs smoke tests"},
		{"smoke tests that fail of a canary", rolled + "versions: {1.6.0: {smoke_failure_rate: 1}}\n", `versions["1.6.0"].smoke_failure_rate: says nothing`},
		{"a switch of a canary", rolled + "faults: [{kind: half_switch}]\n", "half_switch strikes nobody: only BlueGreen, and a canary that cannot move tenants, switch routes"},
		{"a plugin's own version", rolled + "versions: {p@1.60: {error_rate: 0.5}}\n", `versions["p@1.60"]: is neither installed nor rolled out: did you mean "1.6.0"?`},
		{"another plugin's version", rolled + "versions: {q@1.6.0: {error_rate: 0.5}}\n", `versions["q@1.6.0"]: is of the plugin "q", and "p" is rolled out`},
		{"no magnitude", rolled + "faults: [{kind: error_spike}]\n", "f:3:10: faults[0].magnitude: is needed: without one, error_spike does nothing"},
		{"tenants of a fault that strikes all", rolled + "faults: [{kind: latency, magnitude: 5, tenants: [tenant-001]}]\n", "f:3:40: faults[0].tenants: says nothing about latency"},
		{"instances of a call", rolled + "faults: [{kind: lost_reply, instances: [instance-01]}]\n", "faults[0].instances: says nothing about lost_reply"},
		{"a version of a switch", green + "faults: [{kind: switch_fails, version: 1.6.0}]\n", "faults[0].version: says nothing about switch_fails"},
		{"a chance of what has none", rolled + "faults: [{kind: metrics_gap, probability: 0.5}]\n", "faults[0].probability: says nothing about metrics_gap"},
		{"a share and names", rolled + "faults: [{kind: tenant_fails, magnitude: 1, tenants: [tenant-001], tenant_share: 0.5}]\n", "faults[0].tenant_share: 0.5 does not go with tenants"},
		{"a leak without end", rolled + "versions: {1.6.0: {leak_error_rate: 0.5}}\n", `f:3:37: versions["1.6.0"].leak_error_rate: does nothing without leak_seconds`},
		{"cold for no time", rolled + "versions: {1.6.0: {cold_error_rate: 0.5}}\n", "does nothing without cold_seconds"},
		{"no overload", rolled + "versions: {1.6.0: {overload_above: 5}}\n", "does nothing without overload_error_rate or overload_latency_factor"},
		{"a fault that ends before it begins", rolled + "faults: [{kind: hang, from_seconds: 60, to_seconds: 60}]\n", "60 is not after from_seconds, 60"},
		{"stages to try of another strategy", green + "tune: {stages: [[10, 100]]}\n", "tune.stages: says nothing: the strategy is BlueGreen"},
		{"effects of nothing", rolled + "expect: {took_effect: true}\n", "expect.took_effect: expects something of faults"},
		{"what is there already", strings.Replace(rolled, "1.5.0", "1.6.0", 1), `f:1:12: installed: "1.6.0" is what is rolled out: nothing happens`},
		{"no requests", rolled + "traffic: {requests_per_second: 0}\nfaults: [{kind: error_spike, magnitude: 1}]\n", "f:4:17: faults[0].kind: error_spike strikes nobody: there are no requests"},
		{"a spike below the usual", rolled + "faults: [{kind: error_spike, magnitude: 0.01}]\n", "faults[0].magnitude: 0.01 changes nothing"},
		{"a factor of one", rolled + "faults: [{kind: surge, magnitude: 1}]\n", "f:3:35: faults[0].magnitude: 1 changes nothing: it is a factor"},
		{"an instance of a slot that no canary brings up", rolled + "faults: [{kind: hang, instances: [instance-11]}]\n", `faults[0].instances[0]: "instance-11" is not an instance: Canary brings no second slot up`},
		{"all at once", rolled + "versions: {1.60: {}}\nfaults: [{kind: hang, instances: [x]}]\nexpect: {share: 2}\n", "f:5:17: expect.share"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			if err == nil {
				t.Fatalf("this was taken:\n%s", c.text)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nwant one with\n%s", err, c.want)
			}
		})
	}
}

// TestNamesThatMatch has what must go on to be taken.
func TestNamesThatMatch(t *testing.T) {
	for name, text := range map[string]string{
		"an instance of the second slot":       strings.Replace(rolled, "Canary", "BlueGreen", 1) + "faults: [{kind: hang, instances: [instance-20]}]\n",
		"an instance that joins":               rolled + "faults: [{kind: instance_joins, count: 1, from_seconds: 5}, {kind: hang, instances: [instance-11], from_seconds: 60}]\n",
		"a plugin's own version":               rolled + "versions: {p@1.6.0: {error_rate: 0.5}, p@1.5.0: {error_rate: 0.1}}\n",
		"a version with a digest":              strings.ReplaceAll(rolled, "1.6.0", `"v1.6.0@sha256:0f"`) + "versions: {\"v1.6.0@sha256:0f\": {error_rate: 0.5}}\n",
		"a plugin's own version with a digest": strings.ReplaceAll(rolled, "1.6.0", `"v1.6.0@sha256:0f"`) + "versions: {\"p@v1.6.0@sha256:0f\": {error_rate: 0.5}}\n",
		"the last tenant":                      rolled + "faults: [{kind: hot_tenant, tenants: [tenant-150]}]\n",
		"a version that somebody brings":       rolled + "versions: {1.4.0: {error_rate: 0.2}}\nfaults: [{kind: drift, version: 1.4.0, instances: [instance-05]}, {kind: latency, version: 1.4.0, magnitude: 2}]\n",
		"A of a test":                          strings.Replace(rolled, "Canary", "ABTesting, ab_testing: {variant_a: 1.5.0}", 1) + "versions: {1.5.0: {error_rate: 0.02}}\n",
		"a fault that leaves its end empty":    rolled + "faults: [{kind: hang, instances: [instance-01], to_seconds: null}]\n",
	} {
		if _, err := Parse("f", []byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestZerosThatWouldBeTakenForDefaults: what is written as nothing is nothing, or
// refused.
func TestZerosThatWouldBeTakenForDefaults(t *testing.T) {
	fault := func(s string) string { return rolled + "faults:\n  - " + s + "\n" }
	for _, c := range []struct{ text, want string }{
		{fault("{kind: error_spike, magnitude: 0.5, version: 1.6.0, probability: 0}"), "faults[0].probability"},
		{fault("{kind: install_fails, probability: 0}"), "f:4:40: faults[0].probability: 0 is never: leave it out for always"},
		{fault("{kind: install_fails, probability: 0.0}"), "faults[0].probability: 0 is never"},
		{fault("{kind: install_fails, times: 0}"), "f:4:34: faults[0].times: 0 is never: leave it out for no limit"},
		{fault("{kind: tenant_fails, magnitude: 1, tenant_share: 0}"), "faults[0].tenant_share: 0 is nobody: leave it out for all tenants"},
		{fault("{kind: hang, to_seconds: 0}"), "faults[0].to_seconds: 0 is not after from_seconds, 0"},
		{fault("{kind: surge, magnitude: 0}"), "faults[0].magnitude: 0 is not above 0: leave it out for 3"},
		{fault("{kind: crash_loop, magnitude: 0}"), "leave it out for 20"},
		{fault("{kind: error_spike, magnitude: 0}"), "faults[0].magnitude: is needed"},
		{fault("{kind: latency, magnitude: 0}"), "faults[0].magnitude: is needed"},
		{fault("{kind: hang, magnitude: 0}"), "faults[0].magnitude: 0 says nothing about hang"},
		{fault("{kind: hang, instances: []}"), "f:4:18: faults[0].instances: is empty: leave it out for all instances"},
		{fault("{kind: hot_tenant, tenants: []}"), "faults[0].tenants: is empty: leave it out for all tenants"},
		{rolled + "signals: [{do: promote, when: held, times: 0}]\n", "f:3:44: signals[0].times: 0 is not in 1..1000"},
		{rolled + "versions: {1.6.0: {leak_seconds: 0, leak_error_rate: 0.5}}\n", `f:3:34: versions["1.6.0"].leak_seconds: 0 is not above 0`},
		{rolled + "versions: {1.6.0: {cold_seconds: 5, cold_latency_factor: 0}}\n", `versions["1.6.0"].cold_latency_factor: 0 is not in 1..1000`},
		{rolled + "versions: {1.6.0: {novelty_seconds: 5, novelty_conversion_factor: 0}}\n", "novelty_conversion_factor: 0 is not in 0.001..1000"},
		{rolled + "versions: {1.6.0: {overload_above: 0, overload_error_rate: 1}}\n", "overload_above: 0 is not above 0"},
		{rolled + "tune: {runs: 0}\n", "tune.runs: 0 is not in"},
		{rolled + "tune: {most_missed: 0}\n", "f:3:21: tune.most_missed: 0 is not above 0 and up to 1"},
		{rolled + "tune: {stages: []}\n", "tune.stages: is empty"},
		{rolled + "tune: {modes: []}\n", "tune.modes: is empty"},
		{strings.Replace(rolled, "Canary", "Canary, canary: {stages: []}", 1), "deployment.canary.stages: is empty"},
	} {
		_, err := Parse("f", []byte(c.text))
		if err == nil {
			t.Errorf("this was taken:\n%s", c.text)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is\n%v\nwant one with\n%s", err, c.want)
		}
	}
}

// TestZerosThatAreZeros: a 0 that means what it says.
func TestZerosThatAreZeros(t *testing.T) {
	s, err := Parse("f", []byte(strings.Replace(rolled, "Canary", "BlueGreen, blue_green: {smoke_tests: []}", 1)+"seed: 0\ntraffic: {requests_per_second: 0}\nexpect: {outcome: held}\n"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("f", s.Encode())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Scenario{s, again} {
		r, err := Run(t.Context(), s, s.Seed, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, stage := range r.Plan.Stages {
			if strings.Contains(stage.Name, "smoke") {
				t.Errorf("there is a stage %q", stage.Name)
			}
		}
		if s.Seed != 0 || r.Requests != 0 || len(r.Failures()) > 0 {
			t.Errorf("seed %d, %d requests, %v", s.Seed, r.Requests, r.Failures())
		}
	}
}

// TestRefusedPlaysNothing: where no plan can be made, nothing is shown, unless that is
// what was expected.
func TestRefusedPlaysNothing(t *testing.T) {
	const refused = "deployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: ABTesting}\nfaults: [{kind: hang}]\n"
	for expect, want := range map[string]int{"": 1, "expect: {outcome: refused}\n": 0, "expect: {outcome: refused, took_effect: true}\n": 1, "expect: {ends: true}\n": 0} {
		s, err := Parse("f", []byte(refused+expect))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), s, s.Seed, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if failures := r.Failures(); r.Ending != Refused || len(failures) != want {
			t.Errorf("%q: %s, %q", expect, r.Ending, failures)
		}
	}
}

// TestWhatNeverHappened: what a run does not come to is said, and can be expected.
func TestWhatNeverHappened(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		idle []string
	}{
		"a fault after the end": {"faults: [{kind: error_spike, magnitude: 1, from_seconds: 99999}]\n", []string{"faults[0] (error_spike) never struck"}},
		"a fault of few":        {"tenants: {count: 3}\nfaults: [{kind: tenant_fails, magnitude: 1, tenant_share: 0.0001}]\n", []string{"faults[0] (tenant_fails) never struck"}},
		"a fault that strikes":  {"faults: [{kind: hot_tenant, tenants: [tenant-042]}]\n", nil},
		"one of two of a kind":  {"faults: [{kind: hot_tenant, from_seconds: 5}, {kind: hot_tenant, from_seconds: 90000}]\n", []string{"faults[1] (hot_tenant) never struck"}},
		"a word after the end":  {"signals: [{do: pause, at: 9h}, {do: promote, when: held}, {do: pause, at: 1m}, {do: resume, when: paused}]\n", []string{"signals[0] (pause at 9h) was refused", "signals[1] (promote when held) was never given"}},
		"a crash":               {"crashes: [{call: 5}, {call: 100000}]\n", []string{"crashes[1] (call 100000) never came"}},
		"a leak":                {"versions: {1.6.0: {leak_seconds: 86400, leak_error_rate: 1}}\n", []string{`versions["1.6.0"] (leak) never showed`}},
	} {
		for _, reload := range []bool{false, true} {
			s, err := Parse("f", []byte(rolled+c.text+"expect: {took_effect: true}\n"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			r, err := Run(t.Context(), s, s.Seed, Options{Reload: reload})
			if err != nil {
				t.Fatal(err)
			}
			var idle []string
			for _, p := range r.Idle() {
				idle = append(idle, p.String())
			}
			if !slices.Equal(idle, c.idle) {
				t.Errorf("%s: never happened: %q, want %q", name, idle, c.idle)
			}
			if failures := r.Failures(); len(failures) != len(c.idle) {
				t.Errorf("%s: not as expected: %q", name, failures)
			}
		}
	}
}
