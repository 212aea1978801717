package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// outcomes plays a scenario with some seeds and counts how the runs ended.
func outcomes(t *testing.T, seeds int, text string) map[scenario.Ending]int {
	t.Helper()
	n := map[scenario.Ending]int{}
	for seed := range seeds {
		n[played(t, fmt.Sprintf("seed: %d\n%s", seed+1, text)).Ending]++
	}
	return n
}

// TestDevelopmentWorksWithLittleTraffic: a good version is rolled out whatever the
// traffic, a plan that has little says so, and a version that fails is still rolled back.
func TestDevelopmentWorksWithLittleTraffic(t *testing.T) {
	const text = "installed: 1.5.0\ntraffic: {requests_per_second: %g}\ndeployment: {plugin_id: p, environment: Development, version: 1.6.0%s}\nversions:\n  1.6.0: {error_rate: %g}\n"
	for _, rps := range []float64{0, 0.1, 1, 10, 20, 60, 300} {
		for _, strategy := range []string{"", ", strategy: Rolling", ", strategy: BlueGreen", ", strategy: Canary"} {
			good := fmt.Sprintf(text, rps, strategy, 0.01)
			if n := outcomes(t, 25, good); n[scenario.Ending(engine.Succeeded)] != 25 {
				t.Errorf("%g requests/s%s: a good version ends as %v", rps, strategy, n)
			}
			warned := false
			for _, w := range played(t, good).Plan.Warnings {
				warned = warned || strings.Contains(w.Detail, "analysis.min_requests = 0")
			}
			if short := strategy == ""; short && warned != (rps < 60) {
				t.Errorf("%g requests/s: warned of little evidence: %v", rps, warned)
			}
		}
		if bad := fmt.Sprintf(text, rps, "", 0.9); rps >= 1 {
			if n := outcomes(t, 25, bad); n[scenario.Ending(engine.RolledBack)] < 20 { // of five requests, sometimes fewer than two fail
				t.Errorf("%g requests/s: a version of which nine in ten requests fail ends as %v", rps, n)
			}
		}
	}
}

// TestWarningsKeepTheirWord: where the plan says that a stage has enough traffic, a good
// version passes, and where it says that it ends up held or rolled back, it does.
func TestWarningsKeepTheirWord(t *testing.T) {
	for _, environment := range []string{"QA", "Staging", "Production"} {
		for _, strategy := range []string{"Direct", "Canary", "Rolling", "BlueGreen"} {
			for _, rps := range []float64{0, 2, 8, 20, 45, 100, 300} {
				text := fmt.Sprintf("installed: 1.5.0\ntraffic: {requests_per_second: %g}\ndeployment: {plugin_id: p, environment: %s, version: 1.6.0, strategy: %s}\n",
					rps, environment, strategy)
				r := played(t, text)
				warning := ""
				for _, w := range r.Plan.Warnings {
					if strings.Contains(w.Problem, "traffic") {
						warning = w.Detail
					}
				}
				switch passes := r.Ending == scenario.Ending(engine.Succeeded); {
				case warning == "" && !passes:
					t.Errorf("%s in %s at %g requests/s ends %s (%s), and nothing warned", strategy, environment, rps, r.Ending, r.Reason)
				case strings.Contains(warning, "is held") && r.Ending != "held", strings.Contains(warning, "is rolled back") && r.Ending != scenario.Ending(engine.RolledBack):
					t.Errorf("%s in %s at %g requests/s ends %s, and the warning says: %s", strategy, environment, rps, r.Ending, warning)
				case strings.Contains(warning, "is extended") && !passes:
					t.Logf("%s in %s at %g requests/s is near the limit: %s (%s)", strategy, environment, rps, r.Ending, warning)
				}
			}
		}
	}
}
