package simulator

import (
	"maps"
	"slices"
	"strconv"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Validate reports everything that is wrong with c as [engine.Problems], with paths
// as they are written in HCL; nil where nothing is.
func (c Config) Validate() error {
	var p problems
	p.within("simulated.instances", float64(c.Instances), 1, 100_000)
	p.within("simulated.tenants", float64(c.Tenants), 1, mostTenants)
	p.within("simulated.requests_per_second", c.RequestsPerSecond, 0, 1_000_000)
	p.within("simulated.spare", float64(c.Spare), -1, 100_000)
	p.within("simulated.tenant_spread", c.TenantSpread, 0, 2)
	c.validateWeights(&p)
	p.within("simulated.tenant_churn", c.TenantChurn, 0, 1)
	if len(p) == 0 && c.everybody() > mostTenants {
		p.add("simulated.tenant_churn", number(c.TenantChurn), "needs room for "+strconv.Itoa(c.everybody())+" tenants that come and go, and there is some for "+strconv.Itoa(mostTenants))
	}
	p.within("simulated.tenant_error_spread", c.TenantErrorSpread, 0, 2)
	p.within("simulated.tenant_conversion_spread", c.TenantConversionSpread, 0, 2)
	p.within("simulated.minute_noise", c.MinuteNoise, 0, 1)
	p.within("simulated.daily_swing", c.DailySwing, 0, 1)
	p.within("simulated.daily_peak_hour", c.DailyPeakHour, 0, 24)
	for _, s := range []struct {
		path    string
		seconds float64
	}{
		{"simulated.drain_seconds", c.DrainSeconds},
		{"simulated.install_seconds", c.InstallSeconds},
		{"simulated.provision_seconds", c.ProvisionSeconds},
		{"simulated.smoke_seconds", c.SmokeSeconds},
		{"simulated.switch_seconds", c.SwitchSeconds},
	} {
		p.within(s.path, s.seconds, 0, 86_400)
	}
	p.within("simulated.probe_interval_seconds", c.ProbeIntervalSeconds, 1, 3_600)
	if c.KeepRollouts != 0 {
		p.within("simulated.keep_rollouts", float64(c.KeepRollouts), 1, 10_000)
	}
	for _, plugin := range slices.Sorted(maps.Keys(c.Installed)) {
		if c.Installed[plugin] == "" {
			p.add("simulated.installed["+quoted(plugin)+"]", `""`, "is not a version: leave a plugin out that is not installed")
		}
	}
	for _, version := range slices.Sorted(maps.Keys(c.Versions)) {
		c.Versions[version].validate(&p, "simulated.versions["+quoted(version)+"].")
	}
	for i, f := range c.Faults {
		f.validate(&p, i)
	}
	c.validateCan(&p)
	c.Metrics.validate(&p)
	if len(p) == 0 {
		return nil
	}
	return engine.Problems(p)
}

// mostTenants is how many tenants a world may have, those that are away among them.
const mostTenants = 1_000_000

// mostWeights is how many different weights the tenants of a list may have.
const mostWeights = 1000

// validateWeights finds weights that nobody can have.
func (c *Config) validateWeights(p *problems) {
	if n := len(c.TenantWeights); n > c.Tenants {
		p.add("simulated.tenant_weights", strconv.Itoa(n), "weights are more than there are tenants, "+strconv.Itoa(c.Tenants))
	}
	for i, weight := range c.TenantWeights {
		p.within("simulated.tenant_weights["+strconv.Itoa(i)+"]", weight, 1e-6, 1e6)
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(c.TenantWeights)))); n > mostWeights {
		p.add("simulated.tenant_weights", strconv.Itoa(n), "different weights are more than "+strconv.Itoa(mostWeights))
	}
}

// Latencies of a behaviour, in ms, are within these.
const (
	leastLatency = 0.001
	mostLatency  = 3_600_000
)

func (b Behaviour) validate(p *problems, path string) {
	p.within(path+"error_rate", b.ErrorRate, 0, 1)
	p.within(path+"timeout_rate", b.TimeoutRate, 0, 1)
	if b.ErrorRate+b.TimeoutRate > 1 {
		p.add(path+"timeout_rate", number(b.TimeoutRate), "and the error rate are more than 1 in all")
	}
	p.within(path+"latency_p50_ms", b.LatencyP50Ms, leastLatency, mostLatency)
	p.within(path+"latency_p99_ms", b.LatencyP99Ms, leastLatency, mostLatency)
	if b.LatencyP99Ms < b.LatencyP50Ms {
		p.add(path+"latency_p99_ms", number(b.LatencyP99Ms), "is below latency_p50_ms, "+number(b.LatencyP50Ms))
	}
	p.within(path+"conversion_rate", b.ConversionRate, 0, 1)
	p.within(path+"satisfaction", b.Satisfaction, 1, 5)
	p.within(path+"survey_rate", b.SurveyRate, 0, 1)
	p.within(path+"execution_time_ms", b.ExecutionTimeMs, 0, 3_600_000)
	p.within(path+"cpu", b.CPU, 0, 1)
	p.within(path+"memory", b.Memory, 0, 1)
	p.within(path+"startup_seconds", b.StartupSeconds, 0, 86_400)
	p.within(path+"install_failure_rate", b.InstallFailureRate, 0, 1)
	p.within(path+"smoke_failure_rate", b.SmokeFailureRate, 0, 1)
	p.within(path+"cold_seconds", b.ColdSeconds, 0, 86_400)
	p.within(path+"cold_error_rate", b.ColdErrorRate, 0, 1)
	p.within(path+"leak_seconds", b.LeakSeconds, 0, 8_640_000)
	p.within(path+"leak_error_rate", b.LeakErrorRate, 0, 1)
	p.within(path+"novelty_seconds", b.NoveltySeconds, 0, 8_640_000)
	p.within(path+"overload_above", b.OverloadAbove, 0, 1_000_000)
	p.within(path+"overload_error_rate", b.OverloadErrorRate, 0, 1)
	p.within(path+"promoted_error_rate", b.PromotedErrorRate, 0, 1)
	if b.ColdLatencyFactor != 0 {
		p.within(path+"cold_latency_factor", b.ColdLatencyFactor, 1, 1_000)
	}
	if b.NoveltyConversionFactor != 0 {
		p.within(path+"novelty_conversion_factor", b.NoveltyConversionFactor, 0.001, 1_000)
	}
	if b.NoveltySatisfaction != 0 {
		p.within(path+"novelty_satisfaction", b.NoveltySatisfaction, 1, 5)
	}
	if b.OverloadLatencyFactor != 0 {
		p.within(path+"overload_latency_factor", b.OverloadLatencyFactor, 1, 1_000)
	}
}
