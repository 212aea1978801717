package swarm

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

func ptr[T any](v T) *T { return &v }

func lasting(d time.Duration) *engine.Duration { return ptr(engine.Duration(d)) }

// deployment draws a spec. Its waits are short, so that faults and people come while
// there is something to disturb.
func deployment(d *chance.Dice) engine.Spec {
	s := engine.Spec{
		PluginID: "payment-processor-stripe", Version: candidate,
		Environment: oneOf(d, engine.Environments()...), Strategy: oneOf(d, engine.Strategies()...),
	}
	switch s.Strategy {
	case engine.Direct:
		s.Direct = &engine.DirectSettings{ValidationPeriod: lasting(oneOf(d, 5*time.Second, time.Minute)), Thresholds: thresholds(d)}
	case engine.Canary:
		s.Canary = &engine.CanarySettings{
			EvaluationPeriod: lasting(oneOf(d, 30*time.Second, time.Minute, 4*time.Minute)),
			Stages:           oneOf(d, nil, nil, []int{100}, []int{1, 50, 100}, []int{10, 20, 30, 40, 100}),
			AutoRollback:     oneOf(d, nil, nil, ptr(false)),
			Thresholds:       thresholds(d),
		}
	case engine.Rolling:
		s.Rolling = &engine.RollingSettings{
			WaitBetweenBatches: lasting(oneOf(d, time.Second, 20*time.Second, 2*time.Minute)),
			BatchSize:          oneOf(d, nil, &engine.BatchSize{N: 3}, &engine.BatchSize{N: 25, Percent: true}, &engine.BatchSize{N: 100, Percent: true}),
			MaxParallelBatches: oneOf(d, nil, nil, ptr(2)),
			Thresholds:         thresholds(d),
		}
	case engine.BlueGreen:
		s.BlueGreen = &engine.BlueGreenSettings{
			WarmupPeriod:            lasting(oneOf(d, 0, 10*time.Second, time.Minute)),
			SwitchoverType:          oneOf(d, nil, ptr(engine.Gradual)),
			MonitoringPeriod:        lasting(oneOf(d, 30*time.Second, 3*time.Minute)),
			KeepPreviousEnvironment: oneOf(d, nil, ptr(false)),
			Thresholds:              thresholds(d),
		}
		if s.BlueGreen.SwitchoverType != nil {
			s.BlueGreen.SwitchoverPeriod = lasting(time.Minute)
		}
	case engine.ABTesting:
		s.ABTesting = &engine.ABTestingSettings{
			TestDuration:    lasting(oneOf(d, time.Minute, 10*time.Minute)),
			TrafficSplit:    oneOf(d, nil, &engine.TrafficSplit{A: 90, B: 10}, &engine.TrafficSplit{A: 1, B: 99}),
			AutoPromote:     oneOf(d, nil, nil, ptr(false)),
			DecisionMetrics: oneOf(d, nil, []engine.Metric{engine.ConversionRate}, []engine.Metric{engine.UserSatisfaction}),
			Thresholds:      thresholds(d),
		}
	}
	s.Analysis = analysis(d)
	s.Triggers = triggers(d)
	holds(d, &s)
	return s
}

// holds draws what becomes of a rollout that waits for a person, who may come too late.
func holds(d *chance.Dice, s *engine.Spec) {
	s.Guards = oneOf(d, nil, nil, nil, ptr(engine.GuardsRollback))
	if d.Maybe(25) {
		s.HoldTimeout, s.OnHoldTimeout = lasting(oneOf(d, 5*time.Second, 3*time.Minute)), oneOf(d, nil, nil, ptr(engine.Hold))
	}
}

func thresholds(d *chance.Dice) *engine.Thresholds {
	if d.Maybe(60) {
		return nil
	}
	return &engine.Thresholds{
		MaxErrorRate: oneOf(d, nil, ptr(0.02), ptr(0.5)), MaxLatencyP99Ms: oneOf(d, nil, ptr(250.0)),
		MaxCPU: oneOf(d, nil, ptr(0.3), ptr(0.9)),
	}
}

func analysis(d *chance.Dice) *engine.AnalysisSettings {
	if d.Maybe(30) {
		return nil
	}
	a := &engine.AnalysisSettings{
		Mode:           oneOf(d, nil, ptr(string(engine.Threshold)), ptr(string(engine.Sequential))),
		OnInconclusive: oneOf(d, nil, nil, ptr(engine.Hold), ptr(engine.Rollback)),
		MinRequests:    oneOf(d, nil, ptr(int64(0)), ptr(int64(50))),
		MinTenants:     oneOf(d, nil, ptr(0)),
		MaxExtension:   oneOf(d, nil, ptr(1.0), ptr(5.0)),
	}
	if a.Mode == nil || *a.Mode != string(engine.Threshold) { // the other judge knows nothing of these
		a.Alpha, a.MinEffect, a.Margin = oneOf(d, nil, ptr(0.2)), oneOf(d, nil, ptr(0.05)), oneOf(d, nil, ptr(0.5), ptr(1.0))
	}
	return a
}

func triggers(d *chance.Dice) *engine.TriggerSettings {
	if d.Maybe(60) {
		return nil
	}
	return &engine.TriggerSettings{
		ConsecutiveHealthFailures: oneOf(d, nil, ptr(0), ptr(1)),
		MaxErrorRate:              oneOf(d, nil, ptr(0.0), ptr(0.02)),
		ErrorRateWindow:           lasting(oneOf(d, 30*time.Second, 5*time.Minute)),
		MaxLatencyP99Ratio:        oneOf(d, nil, ptr(0.0), ptr(1.2)),
	}
}
