package engine

import "time"

// Resolve fills in every default: the strategy of the environment, the settings of
// that strategy, the guards and the analysis. What the user wrote stays.
func (s Spec) Resolve() Spec {
	if s.Version == "" && len(s.Versions) == 2 {
		s.Version = s.Versions[1]
	}
	if s.Environment.IsKind() {
		s.EnvironmentKind = "" // said by the name
	}
	if s.Strategy == "" {
		s.Strategy = DefaultStrategy(s.Kind())
	}
	switch s.Strategy {
	case Direct:
		s.Direct = resolved(s.Direct, func(d *DirectSettings) {
			fill(&d.ValidationPeriod, Duration(5*time.Second))
			fill(&d.HealthCheckTimeout, Duration(30*time.Second))
			d.Thresholds = d.Thresholds.resolve()
		})
	case Canary:
		s.Canary = resolved(s.Canary, (*CanarySettings).resolve)
	case BlueGreen:
		s.BlueGreen = resolved(s.BlueGreen, (*BlueGreenSettings).resolve)
	case Rolling:
		s.Rolling = resolved(s.Rolling, func(r *RollingSettings) {
			fill(&r.BatchSize, BatchSize{N: 1})
			fill(&r.WaitBetweenBatches, Duration(2*time.Minute))
			fill(&r.HealthCheckTimeout, Duration(30*time.Second))
			fill(&r.MaxParallelBatches, 1)
			r.Thresholds = r.Thresholds.resolve()
		})
	case ABTesting:
		s.ABTesting = resolved(s.ABTesting, func(a *ABTestingSettings) { a.resolve(s) })
	}
	if s.HoldTimeout != nil {
		fill(&s.OnHoldTimeout, Rollback)
	}
	s.Triggers = resolved(s.Triggers, func(t *TriggerSettings) {
		fill(&t.ConsecutiveHealthFailures, 3)
		fill(&t.MaxErrorRate, 0.05)
		fill(&t.ErrorRateWindow, Duration(5*time.Minute))
		fill(&t.MaxLatencyP99Ratio, 2)
		fill(&t.LatencyWindow, Duration(5*time.Minute))
	})
	s.Analysis = resolved(s.Analysis, func(a *AnalysisSettings) { a.resolve(s.Kind()) })
	return s
}

func (c *CanarySettings) resolve() {
	if len(c.Stages) == 0 && (c.InitialPercentage != nil || c.IncrementPercentage != nil) {
		fill(&c.InitialPercentage, 10)
		fill(&c.IncrementPercentage, 20)
		c.Stages = progression(*c.InitialPercentage, *c.IncrementPercentage)
		c.InitialPercentage, c.IncrementPercentage = nil, nil
	}
	if len(c.Stages) == 0 {
		c.Stages = []int{10, 30, 50, 100}
	}
	fill(&c.EvaluationPeriod, Duration(10*time.Minute))
	fill(&c.HealthCheckTimeout, Duration(30*time.Second))
	fill(&c.AutoRollback, true)
	c.Thresholds = c.Thresholds.resolve()
}

// progression is initial, initial+increment, … and ends with 100.
func progression(initial, increment int) []int {
	stages := []int{}
	for p := initial; p < 100 && increment > 0; p += increment {
		stages = append(stages, p)
	}
	return append(stages, 100)
}

func (b *BlueGreenSettings) resolve() {
	fill(&b.WarmupPeriod, Duration(2*time.Minute))
	fill(&b.SwitchoverType, Instant)
	if *b.SwitchoverType == Gradual {
		fill(&b.SwitchoverPeriod, Duration(5*time.Minute))
	}
	fill(&b.MonitoringPeriod, Duration(5*time.Minute))
	fill(&b.HealthCheckTimeout, Duration(5*time.Minute))
	fill(&b.KeepPreviousEnvironment, true)
	if b.SmokeTests == nil { // an empty list is none
		b.SmokeTests = []string{"health"}
	}
	b.Thresholds = b.Thresholds.resolve()
}

func (a *ABTestingSettings) resolve(s Spec) {
	if len(s.Versions) == 2 {
		fill(&a.VariantA, s.Versions[0])
	}
	fill(&a.VariantB, s.Version)
	fill(&a.TrafficSplit, TrafficSplit{A: 50, B: 50})
	fill(&a.TestDuration, Duration(24*time.Hour))
	if len(a.DecisionMetrics) == 0 {
		a.DecisionMetrics = []Metric{Latency, ErrorRate, ConversionRate}
	}
	fill(&a.AutoPromote, true)
	fill(&a.WinnerThreshold, 0.05)
	a.Thresholds = a.Thresholds.resolve()
}

func (a *AnalysisSettings) resolve(e Environment) {
	fill(&a.Mode, string(Sequential))
	if *a.Mode == string(Sequential) {
		fill(&a.Alpha, 0.01)
		fill(&a.MinEffect, defaultMinEffect)
		fill(&a.Margin, 0.05)
	}
	if e == Production || e == Staging {
		fill(&a.OnInconclusive, Hold)
	}
	fill(&a.OnInconclusive, Rollback)
	if e == Development { // checks bind where data exists; probes are the evidence
		fill(&a.MinRequests, 0)
		fill(&a.MinTenants, 0)
	}
	fill(&a.MinRequests, 400)
	fill(&a.MinTenants, 10)
	fill(&a.MaxExtension, 2)
}

func (t *Thresholds) resolve() *Thresholds {
	return resolved(t, func(t *Thresholds) {
		fill(&t.MaxErrorRate, 0.05)
		fill(&t.MaxLatencyP99Ms, 500)
		fill(&t.MinSuccessRate, 0.95)
	})
}

// checks are the thresholds as a gate wants them.
func (t *Thresholds) checks() []Check {
	var checks []Check
	add := func(m Metric, bound *float64) {
		if bound != nil {
			checks = append(checks, Check{Metric: m, Bound: *bound})
		}
	}
	add(ErrorRate, t.MaxErrorRate)
	add(LatencyP99, t.MaxLatencyP99Ms)
	add(SuccessRate, t.MinSuccessRate)
	add(CPU, t.MaxCPU)
	add(Memory, t.MaxMemory)
	add(ExecutionTime, t.MaxExecutionTimeMs)
	add(TenantErrorRate, t.MaxTenantErrorRate)
	return checks
}

// fill sets *p to v where it is unset.
func fill[T any](p **T, v T) {
	if *p == nil {
		*p = &v
	}
}

// resolved is a copy of *p, or of the zero value, with its defaults filled in:
// the caller's settings stay as the user wrote them.
func resolved[T any](p *T, resolve func(*T)) *T {
	var v T
	if p != nil {
		v = *p
	}
	resolve(&v)
	return &v
}
