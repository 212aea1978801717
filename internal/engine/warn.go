package engine

import (
	"math"
	"time"
)

// warn adds what the user should know before saying yes: where the strategy does
// not fit, and gates that cannot do their work.
func (c *compiler) warn() {
	if len(c.plan.Stages) == 0 || c.plan.Baseline == c.plan.Candidate {
		return
	}
	instances, tenants := len(c.active), len(c.fleet.Tenants)
	switch c.spec.Strategy {
	case Direct:
		if c.spec.Environment == Production {
			c.warnf("Direct in Production", "Direct in Production exposes all %d tenants at once; Canary exposes them share by share", tenants)
		}
	case Canary:
		if tenants < 10 {
			c.warnf("few tenants", "a canary of %d tenants says little: below 10 tenants one of them decides; Rolling or Blue-Green fits better", tenants)
		}
		if c.spec.Environment == Development {
			c.warnf("slower than needed", "a canary in Development takes %s for what Direct does in seconds", spoken(c.longest()))
		}
	case Rolling:
		if instances == 1 {
			c.warnf("out of service meanwhile", "rolling over one instance takes the whole service down while it restarts; Blue-Green does not")
		} else if len(c.plan.Stages) == 1 {
			c.warnf("all instances at once", "rolling in a single batch replaces all %d instances at once: lower batch_size or max_parallel_batches", instances)
		}
		if c.spec.Environment == Development {
			c.warnf("slower than needed", "rolling in Development takes %s for what Direct does in seconds", spoken(c.longest()))
		}
	case BlueGreen:
		if spare := c.fleet.Spare; spare >= 0 && spare < instances && c.standby().Kind == Retire {
			c.warnf("too little room", "blue-green needs %d more instances while it runs, and the fleet has room for %d", instances, spare)
		}
	case ABTesting:
		c.warnABTesting()
	}
	c.warnThresholds()
	c.warnTraffic()
}

// warnTraffic names the first stage that cannot collect the requests which its
// verdict needs, and what to change.
func (c *compiler) warnTraffic() {
	rps, rate := c.fleet.RequestsPerSecond, c.priorRate()
	if rps <= 0 {
		return
	}
	for _, s := range c.plan.Stages {
		if len(s.Gate.Checks) == 0 || s.Gate.MinRequests == 0 || s.Gate.Compare != nil {
			continue
		}
		perSecond := rps * s.Exposure.Share / 100
		expected, needs := int64(perSecond*s.Bake.Seconds()), c.needs(s.Gate, rate)
		if expected >= needs {
			continue
		}
		if needs == math.MaxInt64 {
			return // said by warnThresholds
		}
		least := time.Duration(float64(needs) / perSecond * float64(time.Second)).Round(time.Second)
		c.warnf("too little traffic", "stage %s can expect %d requests in its bake of %s, and a pass needs about %d: bake for %s, begin with a larger share, or lower analysis.min_requests",
			s.Name, expected, spoken(s.Bake), needs, spoken(least))
		return
	}
}

// priorRate is the fleet's error rate before the rollout; 0 where it is not known.
func (c *compiler) priorRate() float64 {
	var errors, requests int64
	for _, t := range c.fleet.Tenants {
		errors, requests = errors+t.PriorErrors, requests+t.PriorRequests
	}
	if requests == 0 {
		return 0
	}
	return float64(errors) / float64(requests)
}

// needs is how many requests a gate needs to pass a version whose error rate is
// rate: its minimum, or, for the sequential judge, as many as bring the upper bound
// below the cap. It is the largest number where none do.
func (c *compiler) needs(g Gate, rate float64) int64 {
	if g.Mode != Sequential {
		return g.MinRequests
	}
	needs := g.MinRequests
	for _, check := range g.Checks {
		var limit float64
		switch check.Metric {
		case ErrorRate:
			limit = check.Bound
		case SuccessRate:
			limit = 1 - check.Bound
		default:
			continue
		}
		n := needs
		for upperBound(int64(math.Ceil(rate*float64(n))), n, passConfidence) > limit {
			if n *= 2; n > 1<<40 {
				return math.MaxInt64
			}
		}
		needs = n
	}
	return needs
}

func (c *compiler) warnABTesting() {
	if c.spec.Environment != Production {
		c.warnf("no real users", "an A/B test in %s compares versions without real users; Production is where it means something", c.spec.Environment)
	}
	a, rps := c.spec.ABTesting, c.fleet.RequestsPerSecond
	least := min(a.TrafficSplit.A, a.TrafficSplit.B)
	expected := rps * time.Duration(*a.TestDuration).Seconds() * float64(least) / 100
	if seen := c.detectable(expected); *c.spec.Analysis.Mode == string(Sequential) && seen > *a.WinnerThreshold {
		c.warnf("small effects are not seen", "the smallest difference in error rates that this test can see is about %s, above winner_threshold = %s: test for longer, or ask for less",
			pct(seen), pct(*a.WinnerThreshold))
	}
	if needs := *c.spec.Analysis.MinRequests; rps > 0 && expected < float64(needs) {
		c.warnf("too little traffic", "the smaller variant can expect %.0f requests in %s, and a verdict needs %d: A will stay",
			expected, spoken(time.Duration(*a.TestDuration)), needs)
	}
}

// detectable is the smallest relative difference in error rates that a test with
// that many requests in its smaller arm sees with a chance of 80 %: (z_alpha +
// z_power) sqrt(2/errors), as if all tenants were alike. 0 where errors are not known.
func (c *compiler) detectable(requests float64) float64 {
	errors := requests * c.priorRate()
	if errors <= 0 {
		return 0
	}
	return (normalQuantile(1-testLevel) + normalQuantile(testPower)) * math.Sqrt(2/errors)
}

// warnThresholds names gates that cannot fail: most are written the wrong way round.
func (c *compiler) warnThresholds() {
	var t *Thresholds
	switch c.spec.Strategy {
	case Direct:
		t = c.spec.Direct.Thresholds
	case Canary:
		t = c.spec.Canary.Thresholds
	case BlueGreen:
		t = c.spec.BlueGreen.Thresholds
	case Rolling:
		t = c.spec.Rolling.Thresholds
	case ABTesting:
		t = c.spec.ABTesting.Thresholds
	}
	if v, rate := *t.MaxErrorRate, c.priorRate(); rate > v {
		c.warnf("max_error_rate is below what the fleet has", "max_error_rate = %g can hardly be passed: the fleet's error rate was %s before the rollout", v, pct(rate))
	}
	if v := *t.MaxErrorRate; v >= 0.5 {
		c.warnf("max_error_rate lets everything pass", "max_error_rate = %g lets a version pass whose every second request fails: 0.05 is 5 %%", v)
	}
	if v := *t.MinSuccessRate; v <= 0.5 {
		c.warnf("min_success_rate lets everything pass", "min_success_rate = %g lets a version pass whose every second request fails: 0.95 is 95 %%", v)
	}
	if v := *t.MaxLatencyP99Ms; v >= 60_000 {
		c.warnf("max_latency_p99_ms lets everything pass", "max_latency_p99_ms = %g is a minute or more: the unit is milliseconds", v)
	}
}

// longest is how long the plan takes when nothing has to be waited for.
func (c *compiler) longest() time.Duration {
	var sum time.Duration
	for _, s := range c.plan.Stages {
		sum += s.Bake
	}
	return sum
}
