package engine

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// warnTraffic names the first stage that cannot collect the requests which its
// verdict needs, by the formula of the verdict, and what to change.
func (c *compiler) warnTraffic() {
	for i := range c.plan.Stages {
		if s := &c.plan.Stages[i]; len(s.Gate.Checks) > 0 && s.Gate.Compare == nil && c.warnStage(s) {
			return
		}
	}
}

// warnStage says whether there was something to warn of.
func (c *compiler) warnStage(s *Stage) bool {
	rate := c.priorRate()
	perSecond := c.fleet.RequestsPerSecond * c.leastShare(s) / 100
	expected := perSecond * s.Bake.Seconds()
	if s.Gate.MinRequests == 0 {
		return c.warnUnbounded(s, expected, rate)
	}
	needs, binds := s.Gate.needs(rate)
	then := "held for a person"
	if s.Gate.OnInconclusive == Rollback {
		then = "rolled back"
	}
	switch longest := extended(s.Bake, s.Gate.MaxExtension); {
	case needs == math.MaxInt64: // said by warnThresholds
		return true
	case perSecond <= 0:
		c.warnf("no traffic", "stage %s needs %d requests for a pass, and the fleet tells of no traffic: without them it is %s after %s; where there never are any, set analysis.min_requests = 0",
			s.Name, needs, then, Spoken(longest))
		return true
	case expected >= float64(needs):
		return false
	default:
		least := time.Duration(min(float64(needs)/perSecond, maxDuration.Seconds()) * float64(time.Second)).Round(time.Second)
		c.warnf("too little traffic", "stage %s can expect %.0f requests in its bake of %s, and a pass needs about %d (%s): bake for %s%s; as it is, it %s",
			s.Name, expected, Spoken(s.Bake), needs, whatBinds(binds), Spoken(least), c.otherRemedies(s, binds), lateOr(least, longest, then))
		return true
	}
}

// fewTenants is up to how many tenants the share of a route depends on who they are: with
// more of them, chance mixes light and heavy ones.
const fewTenants = 20

// leastShare is the least percent of the traffic that a stage may get. A router moves whole
// tenants, and which ones is not known before: of few, they may be the lightest.
func (c *compiler) leastShare(s *Stage) float64 {
	n := s.Exposure.Tenants
	if len(s.Changes) == 0 || s.Changes[0].Kind != Shift || len(c.plan.Tenants) > fewTenants || n >= len(c.plan.Tenants) {
		return s.Exposure.Share
	}
	weights := make([]float64, len(c.plan.Tenants))
	part, whole := 0.0, 0.0
	for i, t := range c.plan.Tenants {
		weights[i], whole = t.Weight, whole+t.Weight
	}
	slices.Sort(weights)
	for _, w := range weights[:n] {
		part += w
	}
	return Percent(part, whole)
}

// lateOr says what becomes of a stage that needs least to pass.
func lateOr(least, longest time.Duration, then string) string {
	if least <= longest {
		return "is extended, by up to " + Spoken(longest)
	}
	return "is " + then + " after " + Spoken(longest)
}

// otherRemedies are what helps beside a longer bake: a larger first share where there is
// one, and fewer requests only where their number is what binds.
func (c *compiler) otherRemedies(s *Stage, binds Metric) string {
	text := ""
	if s.Exposure.Share < 100 {
		switch c.spec.Strategy {
		case Canary:
			text = ", begin with a larger share"
		case Rolling:
			text = ", or replace larger batches"
		}
	}
	if binds == "" {
		text += ", or lower analysis.min_requests"
	}
	return text
}

// whatBinds names the setting that asks for that many requests.
func whatBinds(m Metric) string {
	if m == "" {
		return "analysis.min_requests"
	}
	return "to show that " + m.Name() + " keeps its cap"
}

// warnUnbounded is the warning of a gate that passes without requests: its evidence is
// thin where a bound would need more than it gets.
func (c *compiler) warnUnbounded(s *Stage, expected, rate float64) bool {
	bounded := s.Gate
	bounded.MinRequests, bounded.Mode = 1, Sequential // in any mode, that is what shows it
	needs, _ := bounded.needs(rate)
	switch {
	case needs == math.MaxInt64:
		return true
	case expected >= float64(needs):
		return false
	case expected < 1:
		c.warnf("no evidence but health", "stage %s can expect no requests in its bake of %s, and analysis.min_requests = 0 needs none: it passes where the instances are ready, whatever the version does with requests",
			s.Name, Spoken(s.Bake))
	default:
		c.warnf("little evidence", "stage %s can expect %.0f requests in its bake of %s, and about %d would show that the caps are kept: analysis.min_requests = 0 lets it pass where nothing bad is seen",
			s.Name, expected, Spoken(s.Bake), needs)
	}
	return true
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

// warnGuards names guards that the user set, or that matter, and that cannot fire before
// the stage they watch is over.
func (c *compiler) warnGuards() {
	t, asked := c.spec.Triggers, c.asked.Triggers
	if asked == nil {
		asked = &TriggerSettings{}
	}
	every := c.fleet.ProbeInterval
	alarm := time.Duration(min(int64(*t.ConsecutiveHealthFailures), int64(maxDuration/max(every, 1)))) * every
	told, slow := asked.ConsecutiveHealthFailures != nil || c.spec.Kind() != Development, asked.MaxLatencyP99Ratio != nil || asked.LatencyWindow != nil
	for i := range c.plan.Stages {
		s := &c.plan.Stages[i]
		if len(s.Gate.Checks) == 0 {
			continue
		}
		if told && alarm > s.Bake && *t.ConsecutiveHealthFailures > 0 {
			told = false
			c.warnf("the health guard is too slow", "rollback_triggers.consecutive_health_failures = %d takes %s, at a probe every %s, and stage %s is over after %s: bake for longer, or lower it",
				*t.ConsecutiveHealthFailures, Spoken(alarm), Spoken(every), s.Name, Spoken(s.Bake))
		}
		if slow && *t.MaxLatencyP99Ratio > 0 {
			if why := c.noLatencyGuard(s); why != "" {
				slow = false
				c.warnf("the latency guard cannot fire", "rollback_triggers.max_latency_p99_ratio is not looked at in stage %s: %s", s.Name, why)
			}
		}
	}
}

// noLatencyGuard says why the guard on latency stays silent in a stage; "": it may speak.
func (c *compiler) noLatencyGuard(s *Stage) string {
	window := min(s.Bake, time.Duration(*c.spec.Triggers.LatencyWindow))
	expected := c.fleet.RequestsPerSecond * s.Exposure.Share / 100 * window.Seconds()
	switch {
	case s.Exposure.Share >= 100:
		return "the new version takes all traffic there, and there is nothing to compare with; thresholds.max_latency_p99_ms decides"
	case c.fleet.RequestsPerSecond > 0 && expected < guardRequests:
		return fmt.Sprintf("it needs %d requests, and the stage can expect %.0f in %s", guardRequests, expected, Spoken(window))
	}
	return ""
}
