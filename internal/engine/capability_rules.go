package engine

import (
	"fmt"
	"slices"
	"strings"
)

// What a fleet lacks is compiled into the plan by three rules. What is impossible, or
// was asked for by name, is refused. A default that cannot be had is left out, with a
// warning, and the plan shows what is checked. Nothing counts as fine because it was not
// measured.

// lackText says what a fleet is that lacks a capability.
var lackText = map[Capability]string{
	CanJournal:       "keeps no journal of rollouts",
	CanTraffic:       "does not count requests and errors by version",
	CanSideBySide:    "does not hold two versions side by side",
	CanTenants:       "does not know tenants",
	CanSlots:         "has no second slot",
	CanRoutes:        "switches all traffic or none",
	CanSmokeTests:    "runs no smoke tests",
	CanLatency:       "does not measure latencies",
	CanTimeouts:      "does not count timeouts",
	CanConversions:   "does not count conversions",
	CanSatisfaction:  "collects no scores",
	CanExecutionTime: "does not measure execution time",
	CanCPU:           "does not measure CPU",
	CanMemory:        "does not measure memory",
	CanTenantsSeen:   "does not count the tenants that it saw",
	CanByTenant:      "does not count by tenant",
	CanHistory:       "does not know how tenants did the day before",
	CanProbes:        "does not probe health",
	CanDeaths:        "does not count deaths",
}

// capabilities are what each metric takes, beside traffic.
var metricNeeds = map[Metric]Capability{
	ErrorRate: CanTraffic, Throughput: CanTraffic, SuccessRate: CanTimeouts, Latency: CanLatency, LatencyP99: CanLatency,
	ConversionRate: CanConversions, UserSatisfaction: CanSatisfaction, ExecutionTime: CanExecutionTime, CPU: CanCPU, Memory: CanMemory,
	TenantErrorRate: CanByTenant,
}

func (c *compiler) can(what Capability) bool { return c.fleet.Capabilities.Can(what) }

// lacks is what keeps the fleet from measuring m; "": nothing does.
func (c *compiler) lacks(m Metric) Capability {
	for _, need := range []Capability{CanTraffic, metricNeeds[m]} {
		if !c.can(need) {
			return need
		}
	}
	return ""
}

// leaveOut notes a default that cannot be had.
func (c *compiler) leaveOut(why Capability, what string) {
	for i := range c.left {
		if c.left[i].why == why {
			c.left[i].what = append(c.left[i].what, what)
			return
		}
	}
	c.left = append(c.left, leftOut{why, []string{what}})
}

// leftOut are defaults that the fleet lacks a capability for.
type leftOut struct {
	why  Capability
	what []string
}

// refuse adds a problem: what a setting asks for, the fleet cannot do.
func (c *compiler) refuse(ps *Problems, path string, why Capability, instead string) {
	text := "the fleet " + lackText[why]
	if path == "fleet" {
		text = lackText[why]
	}
	if instead != "" {
		text += ": " + instead
	}
	ps.add(path, nil, "%s", text)
}

// checkCapabilities refuses what cannot be had, and notes what is left out.
func (c *compiler) checkCapabilities() (ps Problems) {
	if !c.can(CanJournal) {
		c.refuse(&ps, "fleet", CanJournal, "a rollout that waits has to be remembered: set journal.path, a folder to keep its journal in")
	}
	c.checkStrategy(&ps)
	c.checkThresholds(&ps)
	c.checkTriggers(&ps)
	c.checkAnalysis(&ps)
	if c.spec.Strategy == BlueGreen && !c.can(CanSmokeTests) && len(c.spec.BlueGreen.SmokeTests) > 0 {
		if c.asked.BlueGreen != nil && c.asked.BlueGreen.SmokeTests != nil {
			c.refuse(&ps, "blue_green.smoke_tests", CanSmokeTests, "")
		} else {
			c.leaveOut(CanSmokeTests, "the stage of smoke tests")
		}
	}
	return ps
}

// byRoutes says whether a canary moves shares of the traffic to a second slot: where
// tenants cannot be moved one by one.
func (c *compiler) byRoutes() bool {
	return c.spec.Strategy == Canary && !(c.can(CanSideBySide) && c.can(CanTenants))
}

// checkStrategy refuses strategies that the fleet cannot carry out.
func (c *compiler) checkStrategy(ps *Problems) {
	for _, need := range c.needs() {
		if c.can(need) {
			continue
		}
		path := "strategy"
		if need == CanRoutes && c.spec.Strategy == BlueGreen {
			path = "blue_green.switchover_type"
		}
		c.refuse(ps, path, need, c.instead(need))
		return
	}
}

// needs is what the strategy cannot do without.
func (c *compiler) needs() []Capability {
	switch {
	case c.byRoutes():
		return []Capability{CanSlots, CanRoutes, CanTraffic}
	case c.spec.Strategy == Canary:
		return []Capability{CanTraffic}
	case c.spec.Strategy == ABTesting && *c.spec.Analysis.Mode == string(Sequential):
		// without the day before it takes longer, and finds no more by chance
		return []Capability{CanSideBySide, CanTenants, CanTraffic, CanByTenant}
	case c.spec.Strategy == ABTesting:
		return []Capability{CanSideBySide, CanTenants, CanTraffic}
	case c.spec.Strategy == BlueGreen && *c.spec.BlueGreen.SwitchoverType == Gradual:
		return []Capability{CanSlots, CanTraffic, CanRoutes}
	case c.spec.Strategy == BlueGreen:
		return []Capability{CanSlots, CanTraffic}
	case *c.spec.Analysis.MinRequests > 0:
		return []Capability{CanTraffic}
	}
	return nil
}

// instead is what the user can do where the strategy is refused.
func (c *compiler) instead(need Capability) string {
	switch {
	case need == CanTraffic && (c.spec.Strategy == Direct || c.spec.Strategy == Rolling):
		return fmt.Sprintf("with analysis.min_requests = 0, %s goes by health alone", c.spec.Strategy)
	case need == CanTraffic:
		return fmt.Sprintf("%s is judged by it; Rolling with analysis.min_requests = 0 goes by health alone", c.spec.Strategy)
	case c.byRoutes() && !c.can(CanTenants):
		return "a canary moves tenants, which nobody knows here, or shares of the traffic to a second slot; Rolling needs neither"
	case c.byRoutes():
		return "a canary moves tenants to a version beside the old one, or shares of the traffic to a second slot; Rolling needs neither"
	case need == CanRoutes:
		return "Instant needs no shares"
	case need == CanByTenant:
		return "analysis.mode = threshold compares without it"
	case c.spec.Strategy == ABTesting:
		return "a test gives each of its tenants one of two versions that run side by side"
	default:
		return "Rolling needs nothing of the kind"
	}
}

// checkTriggers refuses guards that were asked for and cannot watch.
func (c *compiler) checkTriggers(ps *Problems) {
	asked, t := c.asked.Triggers, c.spec.Triggers
	if asked == nil {
		asked = &TriggerSettings{}
	}
	for _, g := range []struct {
		name      string
		on, named bool
		why       Capability
	}{
		{"consecutive_health_failures", *t.ConsecutiveHealthFailures > 0, asked.ConsecutiveHealthFailures != nil, c.lacksAny(CanProbes)},
		{"max_error_rate", *t.MaxErrorRate > 0, asked.MaxErrorRate != nil, c.lacksAny(CanTraffic)},
		{"max_latency_p99_ratio", *t.MaxLatencyP99Ratio > 0, asked.MaxLatencyP99Ratio != nil, c.lacksAny(CanTraffic, CanLatency)},
	} {
		switch path := "rollback_triggers." + g.name; {
		case !g.on || g.why == "":
		case g.named:
			c.refuse(ps, path, g.why, "")
		default:
			c.leaveOut(g.why, path)
		}
	}
	if *t.ConsecutiveHealthFailures > 0 && c.can(CanProbes) && !c.can(CanDeaths) {
		c.leaveOut(CanDeaths, "deaths in rollback_triggers.consecutive_health_failures")
	}
}

func (c *compiler) lacksAny(all ...Capability) Capability {
	for _, what := range all {
		if !c.can(what) {
			return what
		}
	}
	return ""
}

// checkAnalysis refuses what the judge was told and cannot do, and the decision metrics of
// a test that nobody measures.
func (c *compiler) checkAnalysis(ps *Problems) {
	if n := *c.spec.Analysis.MinTenants; n > 0 && !c.can(CanTenantsSeen) {
		if c.asked.Analysis != nil && c.asked.Analysis.MinTenants != nil {
			c.refuse(ps, "analysis.min_tenants", CanTenantsSeen, "")
		} else {
			c.leaveOut(CanTenantsSeen, "analysis.min_tenants")
		}
	}
	if c.spec.Strategy != ABTesting {
		return
	}
	named := c.asked.ABTesting != nil && len(c.asked.ABTesting.DecisionMetrics) > 0
	for i, m := range c.spec.ABTesting.DecisionMetrics {
		switch why := c.lacks(m); {
		case why == "":
		case named:
			c.refuse(ps, fmt.Sprintf("ab_testing.decision_metrics[%d]", i), why, "")
		default:
			c.leaveOut(why, "the decision metric "+m.Name())
		}
	}
	if len(*ps) == 0 && len(c.decisionMetrics()) == 0 {
		ps.add("ab_testing.decision_metrics", nil, "none of the defaults is measured by the fleet: name some that are")
	}
}

// decisionMetrics are those of the test that the fleet measures.
func (c *compiler) decisionMetrics() []Metric {
	return slices.DeleteFunc(slices.Clone(c.spec.ABTesting.DecisionMetrics), func(m Metric) bool { return c.lacks(m) != "" })
}

// warnLacking says what was left out, and what the fleet's metrics are too slow for.
func (c *compiler) warnLacking() {
	for _, l := range c.left {
		why := "the fleet " + lackText[l.why]
		if l.why == CanLatency && c.can(CanLatency) {
			why = "its cap is above the last bound that the fleet counts latencies against"
		}
		// Terraform shows one warning of each title: what is left out stands in it.
		c.warnf(strings.Join(l.what, ", ")+" left out", "%s", why)
	}
	if c.byRoutes() {
		why := CanTenants
		if c.can(CanTenants) {
			why = CanSideBySide
		}
		c.warnf("canary by routes", "the fleet %s: shares of its traffic are routed to a second slot, and it does not matter whose", lackText[why])
	}
	sequential := *c.spec.Analysis.Mode == string(Sequential) && c.spec.Strategy == Canary && !c.byRoutes()
	if sequential && !c.can(CanHistory) {
		c.warnf("evidence can only hold", "the fleet %s: evidence against the baseline holds the rollout for a person instead of rolling it back", lackText[CanHistory])
	}
	c.warnSlowMetrics()
}

// warnSlowMetrics names the first stage that is over before its samples are there.
func (c *compiler) warnSlowMetrics() {
	late := c.fleet.Capabilities.Resolution + c.fleet.Capabilities.Delay
	for i := range c.plan.Stages {
		if s := &c.plan.Stages[i]; len(s.Gate.Checks) > 0 && 2*late > s.Bake {
			c.warnf("the metrics are slow", "stage %s bakes for %s, and samples come every %s and %s late, so that there are few in it: bake for longer",
				s.Name, Spoken(s.Bake), Spoken(max(shortestLook, c.fleet.Capabilities.Resolution)), Spoken(c.fleet.Capabilities.Delay))
			return
		}
	}
}
