package scenario_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// played plays one run of a scenario that is written down in a test.
func played(t *testing.T, text string) *scenario.Result {
	t.Helper()
	s, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	r, err := scenario.Run(context.Background(), s, s.Seed, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(v)
	}
	return r
}

// strategies has each strategy with its defaults, and as short as it can be.
var strategies = []string{
	"strategy: Direct",
	"strategy: Direct\n  direct: {validation_period: 1s}\n  analysis: {min_requests: 0, min_tenants: 0}",
	"strategy: Canary",
	"strategy: Canary\n  canary: {stages: [100], evaluation_period: 1s}\n  analysis: {min_requests: 0, min_tenants: 0}",
	"strategy: Rolling\n  analysis: {min_requests: 0, min_tenants: 0}",
	"strategy: Rolling\n  rolling: {batch_size: 100%, wait_between_batches: 1s}\n  analysis: {min_requests: 0, min_tenants: 0}",
	"strategy: BlueGreen",
	"strategy: BlueGreen\n  blue_green: {warmup_period: 0s, monitoring_period: 1s}\n  analysis: {min_requests: 0, min_tenants: 0}",
	"strategy: ABTesting\n  ab_testing: {test_duration: 1h}",
}

// TestVersionsAreSeenToWork: a version of which no health probe was ever good is rolled
// back by every strategy, however short its stages are, and nobody waits for the probes of
// what it replaces: it may be the cure.
func TestVersionsAreSeenToWork(t *testing.T) {
	for _, strategy := range strategies {
		for _, c := range []struct {
			version, kind string
			want          engine.Outcome
		}{
			{"1.6.0", "probes_fail", engine.RolledBack},
			{"1.6.0", "hang", engine.RolledBack},
			{"1.5.0", "probes_fail", engine.Succeeded},
		} {
			text := fmt.Sprintf("installed: 1.5.0\nfaults:\n  - {kind: %s, version: %s}\ndeployment:\n  plugin_id: p\n  environment: Production\n  version: 1.6.0\n  %s\n",
				c.kind, c.version, strategy)
			t.Run(fmt.Sprintf("%.16s/%s of %s", strategy[10:], c.kind, c.version), func(t *testing.T) {
				r := played(t, text)
				got := engine.Outcome(r.Ending)
				// An A/B test that rolls nothing back kept A for another reason.
				if c.want == engine.Succeeded && got == engine.Retained && r.Summary.Verdict != nil && !r.Summary.Verdict.Guard {
					return
				}
				if got != c.want {
					t.Errorf("%s: %s; want %s\n%s", got, r.Reason, c.want, text)
				}
			})
		}
	}
}
