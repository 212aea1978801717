package engine

import "cmp"

// thresholds are those of the spec's strategy.
func (c *compiler) thresholds() *Thresholds {
	switch c.spec.Strategy {
	case Canary:
		return c.spec.Canary.Thresholds
	case BlueGreen:
		return c.spec.BlueGreen.Thresholds
	case Rolling:
		return c.spec.Rolling.Thresholds
	case ABTesting:
		return c.spec.ABTesting.Thresholds
	default:
		return c.spec.Direct.Thresholds
	}
}

// warnThresholds names gates that cannot fail, most of them written the wrong way round,
// and those that what runs today could not pass.
func (c *compiler) warnThresholds() {
	t, rate := c.thresholds(), c.priorRate()
	if v := *t.MaxErrorRate; rate >= v && rate > 0 {
		c.warnf("max_error_rate is below what the fleet has", "max_error_rate = %g: a version that errs as the fleet did before the rollout, %s of requests, does not pass", v, pct(rate))
	}
	if v := *t.MinSuccessRate; rate >= 1-v && rate > 0 {
		c.warnf("min_success_rate is above what the fleet has", "min_success_rate = %g: a version that does as well as the fleet did before the rollout, at most %s, does not pass", v, pct(1-rate))
	}
	if v := *c.spec.Triggers.MaxErrorRate; v > 0 && rate >= v {
		c.warnf("a guard fires at what the fleet has", "rollback_triggers.max_error_rate = %g stops a version that errs as the fleet did before the rollout, %s of requests", v, pct(rate))
	}
	c.warnWorstTenant(t)
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

// warnWorstTenant names the tenant that fares worse today than the gate allows any.
func (c *compiler) warnWorstTenant(t *Thresholds) {
	if t.MaxTenantErrorRate == nil {
		return
	}
	var worst Tenant
	for _, n := range c.fleet.Tenants {
		if n.PriorRequests < leastOfWorst || ratio(n.PriorErrors, n.PriorRequests) <= *t.MaxTenantErrorRate {
			continue
		}
		worse := cmp.Compare(ratio(n.PriorErrors, n.PriorRequests), ratio(worst.PriorErrors, worst.PriorRequests))
		if worst.ID == "" || worse > 0 || worse == 0 && n.ID < worst.ID {
			worst = n
		}
	}
	if worst.ID != "" {
		c.warnf("max_tenant_error_rate is below what a tenant has", "max_tenant_error_rate = %g: a version under which tenant %s errs as before the rollout, %s of its requests, does not pass",
			*t.MaxTenantErrorRate, worst.ID, pct(ratio(worst.PriorErrors, worst.PriorRequests)))
	}
}

// leastOfWorst is how many requests a tenant needs for its error rate to count.
const leastOfWorst = 20
