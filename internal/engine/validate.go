package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	pluginPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
	// versionPattern has what versions and references of images need: 1.6.0, v1.2.3@sha256:…,
	// registry.example.com:5000/team/plugin:1.6.0. Separators stand alone, so that no part
	// begins with a dot.
	versionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*([/:@][A-Za-z0-9][A-Za-z0-9._+-]*)*$`)
)

// longestVersion has room for the name of a registry, a path and a SHA-512.
const longestVersion = 512

// Validate finds everything that is wrong with s on its own, without a fleet.
func (s Spec) Validate() Problems {
	var ps Problems
	s.validateAddress(&ps)
	s.validateVersion(&ps)
	if s.Strategy != "" && !slices.Contains(Strategies(), s.Strategy) {
		ps.add("strategy", quote(string(s.Strategy)), "is not one of %s", list(Strategies()))
	}
	s.validateBlocks(&ps)
	if d := s.Direct; d != nil {
		ps.duration("direct.validation_period", d.ValidationPeriod, time.Second)
		ps.duration("direct.health_check_timeout", d.HealthCheckTimeout, time.Second)
		ps.thresholds("direct.thresholds", d.Thresholds)
	}
	s.Canary.validate(&ps)
	if b := s.BlueGreen; b != nil {
		b.validate(&ps)
	}
	if r := s.Rolling; r != nil {
		if b := r.BatchSize; b != nil && (b.N < 1 || b.Percent && b.N > 100) {
			ps.add("rolling.batch_size", b, "is not at least 1 instance, or 1%%..100%%")
		}
		ps.duration("rolling.wait_between_batches", r.WaitBetweenBatches, time.Second)
		ps.duration("rolling.health_check_timeout", r.HealthCheckTimeout, time.Second)
		atLeast(&ps, "rolling.max_parallel_batches", r.MaxParallelBatches, 1)
		ps.thresholds("rolling.thresholds", r.Thresholds)
	}
	if a := s.ABTesting; a != nil {
		a.validate(&ps, s)
	}
	s.validateHolds(&ps)
	s.validateJudging(&ps)
	return ps
}

func (s Spec) validateVersion(ps *Problems) {
	switch {
	case len(s.Versions) != 0 && len(s.Versions) != 2:
		ps.add("versions", len(s.Versions), "versions are not the two of an A/B test")
	case len(s.Versions) == 2 && s.Version != "" && s.Versions[1] != s.Version:
		ps.add("versions", quote(s.Versions[1]), "differs from version %s", quote(s.Version))
	}
	if v := s.Resolve().Version; len(v) > longestVersion || !versionPattern.MatchString(v) {
		ps.add("version", quote(v), "is not 1..%d letters, digits, '.', '_', '+' or '-', or such parts with '/', ':' or '@' between, each beginning with a letter or digit", longestVersion)
	}
}

// validateBlocks refuses the settings of strategies that do not run.
func (s Spec) validateBlocks(ps *Problems) {
	strategy, why := s.Strategy, ""
	if strategy == "" {
		if s.Kind() == "" {
			return // what is wrong is said, and the default not known
		}
		strategy, why = DefaultStrategy(s.Kind()), fmt.Sprintf(", the default in %s", s.Kind())
	}
	if !slices.Contains(Strategies(), strategy) {
		return
	}
	for _, b := range []struct {
		path string
		of   Strategy
		set  bool
	}{
		{"direct", Direct, s.Direct != nil},
		{"canary", Canary, s.Canary != nil},
		{"blue_green", BlueGreen, s.BlueGreen != nil},
		{"rolling", Rolling, s.Rolling != nil},
		{"ab_testing", ABTesting, s.ABTesting != nil},
	} {
		if b.set && b.of != strategy {
			ps.add(b.path, nil, "holds settings of strategy %s, but the strategy is %s%s", b.of, strategy, why)
		}
	}
}

func (c *CanarySettings) validate(ps *Problems) {
	if c == nil {
		return
	}
	if c.Stages != nil {
		c.validateStages(ps)
	}
	between(ps, "canary.initial_percentage", c.InitialPercentage, 1, 100)
	between(ps, "canary.increment_percentage", c.IncrementPercentage, 1, 100)
	ps.duration("canary.evaluation_period", c.EvaluationPeriod, time.Second)
	ps.duration("canary.health_check_timeout", c.HealthCheckTimeout, time.Second)
	ps.thresholds("canary.thresholds", c.Thresholds)
}

func (c *CanarySettings) validateStages(ps *Problems) {
	if len(c.Stages) == 0 {
		ps.add("canary.stages", nil, "is empty: give percentages that rise to 100")
	}
	for i, p := range c.Stages {
		path := fmt.Sprintf("canary.stages[%d]", i)
		switch {
		case p < 1 || p > 100:
			ps.add(path, p, "is not in 1..100")
		case i > 0 && p <= c.Stages[i-1]:
			ps.add(path, p, "is not above %d, the stage before it", c.Stages[i-1])
		case i == len(c.Stages)-1 && p != 100:
			ps.add(path, p, "is not 100, with which the last stage ends")
		}
	}
	if c.InitialPercentage != nil || c.IncrementPercentage != nil {
		ps.add("canary.stages", nil, "says the same as initial_percentage and increment_percentage: give one of the two forms")
	}
}

func (b *BlueGreenSettings) validate(ps *Problems) {
	ps.duration("blue_green.warmup_period", b.WarmupPeriod, 0)
	if t := b.SwitchoverType; t != nil && *t != Instant && *t != Gradual {
		ps.add("blue_green.switchover_type", quote(string(*t)), "is not one of Instant, Gradual")
	}
	if b.SwitchoverPeriod != nil && (b.SwitchoverType == nil || *b.SwitchoverType == Instant) {
		ps.add("blue_green.switchover_period", nil, "is for switchover_type Gradual only")
	}
	ps.duration("blue_green.switchover_period", b.SwitchoverPeriod, time.Second)
	ps.duration("blue_green.monitoring_period", b.MonitoringPeriod, time.Second)
	ps.duration("blue_green.health_check_timeout", b.HealthCheckTimeout, time.Second)
	for i, t := range b.SmokeTests {
		if path := fmt.Sprintf("blue_green.smoke_tests[%d]", i); strings.TrimSpace(t) == "" || Visible(t) != t {
			ps.add(path, quote(t), "is not the name of a test")
		} else if slices.Contains(b.SmokeTests[:i], t) {
			ps.add(path, quote(t), "is listed twice")
		}
	}
	ps.thresholds("blue_green.thresholds", b.Thresholds)
}

func (a *ABTestingSettings) validate(ps *Problems, s Spec) {
	a.validateVariants(ps, s)
	if t := a.TrafficSplit; t != nil {
		between(ps, "ab_testing.traffic_split.a", &t.A, 1, 99)
		between(ps, "ab_testing.traffic_split.b", &t.B, 1, 99)
		if t.A+t.B != 100 {
			ps.add("ab_testing.traffic_split", fmt.Sprintf("%d + %d", t.A, t.B), "is %d, not 100", t.A+t.B)
		}
	}
	ps.duration("ab_testing.test_duration", a.TestDuration, time.Second)
	if a.DecisionMetrics != nil && len(a.DecisionMetrics) == 0 {
		ps.add("ab_testing.decision_metrics", nil, "is empty: nothing could decide the test")
	}
	for i, m := range a.DecisionMetrics {
		if path := fmt.Sprintf("ab_testing.decision_metrics[%d]", i); !slices.Contains(DecisionMetrics(), m) {
			ps.add(path, quote(string(m)), "is not one of %s", list(DecisionMetrics()))
		} else if slices.Contains(a.DecisionMetrics[:i], m) {
			ps.add(path, quote(string(m)), "is listed twice")
		}
	}
	ps.fraction("ab_testing.winner_threshold", a.WinnerThreshold, false)
	ps.thresholds("ab_testing.thresholds", a.Thresholds)
}

// validateVariants checks the names that the settings give A and B.
func (a *ABTestingSettings) validateVariants(ps *Problems, s Spec) {
	version := s.Resolve().Version
	if a.VariantB != nil && *a.VariantB != version {
		ps.add("ab_testing.variant_b", quote(*a.VariantB), "differs from version %q, which is what B is", version)
	}
	if a.VariantA != nil && *a.VariantA == version {
		ps.add("ab_testing.variant_a", quote(*a.VariantA), "is variant B too: there is nothing to compare")
	}
	if a.VariantA != nil && len(s.Versions) == 2 && s.Versions[0] != *a.VariantA {
		ps.add("ab_testing.variant_a", quote(*a.VariantA), "differs from %q, the first of versions", s.Versions[0])
	}
}

// validateHolds checks what becomes of rollouts that wait for a person.
func (s Spec) validateHolds(ps *Problems) {
	ps.duration("hold_timeout", s.HoldTimeout, time.Second)
	if o := s.OnHoldTimeout; o != nil {
		switch {
		case *o != Rollback && *o != Hold:
			ps.add("on_hold_timeout", quote(string(*o)), "is not one of rollback, hold")
		case s.HoldTimeout == nil:
			ps.add("on_hold_timeout", nil, "says what follows hold_timeout, and there is none")
		}
	}
	if g := s.Guards; g != nil && *g != GuardsAsGates && *g != GuardsRollback {
		ps.add("guards", quote(string(*g)), "is not one of as_gates, rollback")
	}
}

func (s Spec) validateJudging(ps *Problems) {
	if s.Triggers != nil {
		s.Triggers.validate(ps)
	}
	if s.Analysis != nil {
		s.Analysis.validate(ps)
	}
}

func (t *TriggerSettings) validate(ps *Problems) {
	atLeast(ps, "rollback_triggers.consecutive_health_failures", t.ConsecutiveHealthFailures, 0)
	ps.fraction("rollback_triggers.max_error_rate", t.MaxErrorRate, true)
	ps.duration("rollback_triggers.error_rate_window", t.ErrorRateWindow, time.Second)
	if r := t.MaxLatencyP99Ratio; r != nil && *r != 0 && !(*r > 1 && *r <= 1000) {
		ps.add("rollback_triggers.max_latency_p99_ratio", *r, "is neither 0 (off) nor above 1 up to 1000")
	}
	ps.duration("rollback_triggers.latency_window", t.LatencyWindow, time.Second)
}

func (a *AnalysisSettings) validate(ps *Problems) {
	a.validateMode(ps)
	if p := a.OnInconclusive; p != nil && *p != Hold && *p != Rollback {
		ps.add("analysis.on_inconclusive", quote(string(*p)), "is not one of hold, rollback")
	}
	atLeast(ps, "analysis.min_requests", a.MinRequests, 0)
	noMore(ps, "analysis.min_requests", a.MinRequests, 1_000_000_000_000)
	atLeast(ps, "analysis.min_tenants", a.MinTenants, 0)
	noMore(ps, "analysis.min_tenants", a.MinTenants, 1_000_000)
	if m := a.MaxExtension; m != nil && !(*m >= 1 && *m <= 10) {
		ps.add("analysis.max_extension", *m, "is not in 1..10")
	}
}

func (a *AnalysisSettings) validateMode(ps *Problems) {
	mode := Sequential // the default
	if a.Mode != nil {
		mode = JudgeMode(*a.Mode)
	}
	if mode != Threshold && mode != Sequential {
		ps.add("analysis.mode", quote(string(mode)), "is not one of threshold, sequential")
	}
	for _, s := range []struct {
		name      string
		value     *float64
		low, high float64
	}{
		{"alpha", a.Alpha, 0.0001, 0.2}, {"min_effect", a.MinEffect, 0.01, 10}, {"margin", a.Margin, 0.0001, 1},
	} {
		switch path := "analysis." + s.name; {
		case s.value == nil:
		case mode != Sequential:
			ps.add(path, nil, "is for mode sequential only")
		case !(*s.value >= s.low && *s.value <= s.high):
			ps.add(path, *s.value, "is not in %g..%g", s.low, s.high)
		}
	}
}
