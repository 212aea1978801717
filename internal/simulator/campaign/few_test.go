package campaign

import (
	"fmt"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// good are two versions that do the same, of few tenants that are very unlike, some of whom
// join and leave.
const good = `
fleet: {instances: 10}
tenants: {count: %d, spread: 1.27, error_spread: 1.27, churn: %g}
traffic: {requests_per_second: 16}
installed: a
versions: {a: {error_rate: 0.01}, b: {error_rate: 0.01, bad: false}}
deployment:
  plugin_id: p
  environment: Production
  version: b
`

// played plays a scenario so often, of fleets of which something is promised.
func played(t *testing.T, text string, runs int, most float64) []outcome {
	t.Helper()
	s, err := scenario.Parse("a.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	all, err := playSome(t.Context(), s, Options{Runs: runs, Seed: 1}, part{to: runs, most: most})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestFewWhoJoinAndLeave: where some of few tenants joined since, or all did, nobody knows how
// unlike others they are, and each request is no witness of its own.
func TestFewWhoJoinAndLeave(t *testing.T) {
	for name, c := range map[string]struct {
		tenants int
		churn   float64
		way     string
	}{
		"canary":                {8, 0.3, "strategy: Canary\n  canary: {stages: [50, 100], evaluation_period: 30m}"},
		"canary, all leave":     {8, 1, "strategy: Canary\n  canary: {stages: [50, 100], evaluation_period: 90m}"},
		"rolling, all leave":    {8, 1, "strategy: Rolling\n  rolling: {batch_size: \"50%\", wait_between_batches: 90m}"},
		"blue-green, all leave": {8, 1, "strategy: BlueGreen\n  blue_green: {monitoring_period: 30m, switchover_type: Gradual, switchover_period: 150m}"},
		"a/b, all leave":        {8, 1, "strategy: ABTesting\n  ab_testing: {traffic_split: {a: 50, b: 50}, test_duration: 3h}"},
		"canary of two":         {2, 0.3, "strategy: Canary\n  canary: {stages: [50, 100], evaluation_period: 30m}"},
	} {
		t.Run(name, func(t *testing.T) {
			const runs = 300
			text := fmt.Sprintf(good, c.tenants, c.churn) + "  " + c.way + "\n"
			n, back, accused := 0, 0, 0
			for _, o := range played(t, text, runs, 0.0375) {
				if o.outside || !o.begun {
					continue
				}
				n++
				if o.ended {
					back++
				}
				if o.accused {
					accused++
				}
			}
			// Of 300 runs 11 held would be seen once in 50 times where it is 2 %, and 7 rolled back once in 30 where it is 1 %.
			if n < runs/2 || accused > 11 || back > 7 {
				t.Errorf("of %d runs %d were rolled back, and %d held on evidence", n, back, accused)
			}
		})
	}
}

// tested plays an A/B test so often, and counts those of which something is promised, that found
// harm, and that adopted B.
func tested(t *testing.T, text string, runs int) (n, harm, adopted int) {
	t.Helper()
	for _, o := range played(t, text, runs, 0.0375) {
		if o.outside || !o.begun {
			continue
		}
		n++
		if o.turned {
			harm++
		}
		if o.ending == scenario.Succeeded {
			adopted++
		}
	}
	return n, harm, adopted
}

// TestNoHarmByChance: of six metrics one or the other comes out worse by chance, which is no harm.
func TestNoHarmByChance(t *testing.T) {
	const text = `
fleet: {instances: 10}
tenants: {count: 8, spread: 1.27, error_spread: 1.27, conversion_spread: 1.27, churn: 1}
traffic: {requests_per_second: 0.8}
installed: a
versions: {a: {error_rate: 0.01}, b: {error_rate: 0.01, bad: false}}
deployment:
  plugin_id: p
  environment: Production
  version: b
  strategy: ABTesting
  ab_testing:
    traffic_split: {a: 50, b: 50}
    test_duration: 3h
    decision_metrics: [latency, errorRate, successRate, throughput, conversionRate, userSatisfaction]
`
	n, harm, adopted := tested(t, text, 300)
	// 25 of 300 would be seen once in 100 times where it is 5 %.
	if n < 200 || harm > 25 || adopted > 25 {
		t.Errorf("of %d tests of a B that does the same, %d found harm, and %d adopted it", n, harm, adopted)
	}
}

// TestWhoJoinsIsNotCompared: tenants that join during an A/B test are served by A, and nobody drew
// lots for them: where they convert less than those who were there, B seems better than it is.
func TestWhoJoinsIsNotCompared(t *testing.T) {
	const text = `
fleet: {instances: 10}
tenants: {count: 240, spread: 0.9, conversion_spread: 1.27, churn: 0.24}
traffic: {requests_per_second: 60}
installed: a
versions: {a: {error_rate: 0.01}, b: {error_rate: 0.01, bad: false}}
deployment:
  plugin_id: p
  environment: Production
  version: b
  strategy: ABTesting
  ab_testing:
    traffic_split: {a: 45, b: 55}
    test_duration: 9h45m
    decision_metrics: [conversionRate]
`
	n, _, adopted := tested(t, text, 200)
	// 18 of 200 would be seen once in 100 times where it is 5 %.
	if n < 150 || adopted > 17 {
		t.Errorf("of %d tests of a B that does the same, %d adopted it", n, adopted)
	}
}

// TestMeansOfFew: a mean of a handful of samples proves nothing, and what is far over its cap is
// found all the same.
func TestMeansOfFew(t *testing.T) {
	const slow = `
fleet: {instances: 10}
tenants: {count: %d}
traffic: {requests_per_second: %d}
installed: a
versions: {a: {error_rate: 0.001}, b: {error_rate: 0.001, execution_time_ms: %d, cpu: %g, bad: false}}
deployment:
  plugin_id: p
  environment: Production
  version: b
  strategy: %s
  %s: {%s, thresholds: {max_execution_time_ms: 20, max_cpu: 0.6}}
`
	ways := map[string][2]string{
		"Canary": {"canary", "stages: [10, 30, 50, 100], evaluation_period: 30s"}, "Direct": {"direct", "validation_period: 30s"},
		"Rolling": {"rolling", "batch_size: 3, wait_between_batches: 30s"}, "BlueGreen": {"blue_green", "monitoring_period: 30s"},
	}
	turned := func(strategy string, tenants, rate, took int, cpu float64) (n int) {
		w := ways[strategy]
		for _, o := range played(t, fmt.Sprintf(slow, tenants, rate, took, cpu, strategy, w[0], w[1]), 200, 0) {
			if o.turned {
				n++
			}
		}
		return n
	}
	for strategy := range ways {
		if n := turned(strategy, 10, 1, 15, 0.4); n > 5 {
			t.Errorf("%s: of 200 versions at three quarters of a cap %d were rolled back", strategy, n)
		}
		if n := turned(strategy, 150, 300, 40, 0.4); n < 195 {
			t.Errorf("%s: of 200 versions at twice their cap for execution %d were found", strategy, n)
		}
		if n := turned(strategy, 150, 300, 15, 0.95); n < 195 {
			t.Errorf("%s: of 200 versions at 1.6 times their cap for CPU %d were found", strategy, n)
		}
	}
}
