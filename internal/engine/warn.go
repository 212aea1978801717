package engine

import "time"

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
			c.warnf("Direct in Production exposes all %d tenants at once; Canary exposes them share by share", tenants)
		}
	case Canary:
		if tenants < 10 {
			c.warnf("a canary of %d tenants says little: below 10 tenants one of them decides; Rolling or Blue-Green fits better", tenants)
		}
		if c.spec.Environment == Development {
			c.warnf("a canary in Development takes %s for what Direct does in seconds", FormatDuration(c.longest()))
		}
	case Rolling:
		if instances == 1 {
			c.warnf("rolling over one instance takes the whole service down while it restarts; Blue-Green does not")
		} else if len(c.plan.Stages) == 1 {
			c.warnf("rolling in a single batch replaces all %d instances at once: lower batch_size or max_parallel_batches", instances)
		}
		if c.spec.Environment == Development {
			c.warnf("rolling in Development takes %s for what Direct does in seconds", FormatDuration(c.longest()))
		}
	case BlueGreen:
		if spare := c.fleet.Spare; spare >= 0 && spare < instances && c.standby().Kind == Retire {
			c.warnf("blue-green needs %d more instances while it runs, and the fleet has room for %d", instances, spare)
		}
	case ABTesting:
		c.warnABTesting()
	}
	c.warnThresholds()
}

func (c *compiler) warnABTesting() {
	if c.spec.Environment != Production {
		c.warnf("an A/B test in %s compares versions without real users; Production is where it means something", c.spec.Environment)
	}
	a, rps := c.spec.ABTesting, c.fleet.RequestsPerSecond
	least := min(a.TrafficSplit.A, a.TrafficSplit.B)
	expected := rps * time.Duration(*a.TestDuration).Seconds() * float64(least) / 100
	if needs := *c.spec.Analysis.MinRequests; rps > 0 && expected < float64(needs) {
		c.warnf("too little traffic: the smaller variant can expect %.0f requests in %s, and a verdict needs %d: A will stay",
			expected, FormatDuration(time.Duration(*a.TestDuration)), needs)
	}
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
	if v := *t.MaxErrorRate; v >= 0.5 {
		c.warnf("max_error_rate = %g lets a version pass whose every second request fails: 0.05 is 5 %%", v)
	}
	if v := *t.MinSuccessRate; v <= 0.5 {
		c.warnf("min_success_rate = %g lets a version pass whose every second request fails: 0.95 is 95 %%", v)
	}
	if v := *t.MaxLatencyP99Ms; v >= 60_000 {
		c.warnf("max_latency_p99_ms = %g is a minute or more: the unit is milliseconds", v)
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
