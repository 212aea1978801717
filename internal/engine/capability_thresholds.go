package engine

import (
	"slices"
	"strings"
)

// asks is a threshold that may be asked for by name.
type asks struct {
	metric Metric
	path   string
	named  bool
}

// checkThresholds refuses checks that were asked for and cannot be made.
func (c *compiler) checkThresholds(ps *Problems) {
	asked, path := c.askedThresholds()
	resolved := c.thresholds()
	checks := resolved.checks()
	for _, a := range []asks{
		{ErrorRate, "max_error_rate", asked.MaxErrorRate != nil},
		{LatencyP99, "max_latency_p99_ms", asked.MaxLatencyP99Ms != nil},
		{SuccessRate, "min_success_rate", asked.MinSuccessRate != nil},
		{CPU, "max_cpu", asked.MaxCPU != nil},
		{Memory, "max_memory", asked.MaxMemory != nil},
		{ExecutionTime, "max_execution_time_ms", asked.MaxExecutionTimeMs != nil},
		{TenantErrorRate, "max_tenant_error_rate", asked.MaxTenantErrorRate != nil},
	} {
		has := slices.ContainsFunc(checks, func(k Check) bool { return k.Metric == a.metric })
		switch why := c.lacks(a.metric); {
		case !has:
		case why != "" && a.named:
			c.refuse(ps, path+a.path, why, "")
		case why != "":
			c.leaveOut(why, "thresholds."+a.path)
		case a.metric == LatencyP99:
			c.checkBound(ps, path+a.path, *resolved.MaxLatencyP99Ms, a.named)
		}
	}
}

// checkBound looks for the bound against which a cap on latency is counted.
func (c *compiler) checkBound(ps *Problems, path string, limit float64, named bool) {
	bounds := c.fleet.Capabilities.LatencyBounds
	bound, ok := boundAbove(bounds, limit)
	switch {
	case ok && bound == limit:
	case ok:
		below := "none below"
		if at, _ := slices.BinarySearch(bounds, limit); at > 0 {
			below = ms(bounds[at-1]) + " below"
		}
		c.warnf("a cap is rounded up", "%s = %g is checked as %s, the next bound that the fleet counts against (%s)", shortPath(path), limit, ms(bound), below)
	case named:
		ps.add(path, limit, "is above the last bound that the fleet counts latencies against, %s", ms(bounds[len(bounds)-1]))
	default:
		c.leaveOut(CanLatency, "thresholds.max_latency_p99_ms")
	}
}

// shortPath is a path without the strategy.
func shortPath(path string) string { return path[strings.LastIndex(path, ".thresholds")+1:] }

// askedThresholds are those of the strategy as they were asked for, and where that is.
func (c *compiler) askedThresholds() (asked *Thresholds, path string) {
	a := &c.asked
	asked = &Thresholds{}
	take := func(t *Thresholds) {
		if t != nil {
			asked = t
		}
	}
	switch c.spec.Strategy {
	case Direct:
		if path = "direct"; a.Direct != nil {
			take(a.Direct.Thresholds)
		}
	case Canary:
		if path = "canary"; a.Canary != nil {
			take(a.Canary.Thresholds)
		}
	case BlueGreen:
		if path = "blue_green"; a.BlueGreen != nil {
			take(a.BlueGreen.Thresholds)
		}
	case Rolling:
		if path = "rolling"; a.Rolling != nil {
			take(a.Rolling.Thresholds)
		}
	case ABTesting:
		if path = "ab_testing"; a.ABTesting != nil {
			take(a.ABTesting.Thresholds)
		}
	}
	return asked, path + ".thresholds."
}
