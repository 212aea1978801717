package campaign

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Case is a rollout that judges are tried on, as data: a fleet, its traffic, two versions
// and how the newer one is rolled out. What is 0 is left to its default, or is not there.
type Case struct {
	Name      string           `json:"name,omitempty"`
	Strategy  engine.Strategy  `json:"strategy"`
	Mode      engine.JudgeMode `json:"mode"`
	ErrorRate float64          `json:"error_rate"` // of the installed version
	// Factor is how many times as often the candidate errs; 1: it is identical. Becomes,
	// where it is not 0, is its error rate instead, for a baseline without errors.
	Factor  float64 `json:"factor"`
	Becomes float64 `json:"becomes,omitempty"`
	Cap     float64 `json:"max_error_rate"` // 0..1, of the gates and of the guard

	Tenants   int     `json:"tenants"`
	Instances int     `json:"instances"`
	PerTenant float64 `json:"requests_per_second_and_tenant"`
	// Weights, Spread and Conversions are the deviations of the logarithms of the tenants'
	// traffic, error rates and conversion rates, and Noise that of the minutes.
	Weights     float64 `json:"tenant_spread"`
	Spread      float64 `json:"tenant_error_spread"`
	Conversions float64 `json:"tenant_conversion_spread,omitempty"`
	Noise       float64 `json:"minute_noise"`
	Swing       float64 `json:"daily_swing,omitempty"`
	Peak        float64 `json:"daily_peak_hour,omitempty"`
	Whale       float64 `json:"whale,omitempty"` // share of the traffic that one tenant sends
	Churn       float64 `json:"churn,omitempty"` // share of the tenants that join or leave in a day
	Forgets     bool    `json:"forgets,omitempty"`
	Scraped     bool    `json:"scraped,omitempty"` // see [scraped]

	BakeSeconds float64 `json:"bake_seconds"`         // of a stage, a step, a batch or the test
	Stages      []int   `json:"stages,omitempty"`     // of a canary, percent
	Gradual     bool    `json:"gradual,omitempty"`    // blue-green: in five steps
	Batch       int     `json:"batch_size,omitempty"` // rolling: instances
	Split       int     `json:"split,omitempty"`      // A/B test: percent of B
	Resumes     int     `json:"resumes,omitempty"`    // how often a person resumes it where it is held

	// Unguarded switches the guards off.
	Unguarded bool `json:"unguarded,omitempty"`
	// Finds says that the candidate is so much worse that it has to be found.
	Finds bool `json:"finds,omitempty"`
}

// candidate is the candidate's error rate.
func (c *Case) candidate() float64 {
	if c.Becomes > 0 {
		return c.Becomes
	}
	return min(1, c.ErrorRate*c.Factor)
}

// Identical says whether both versions are the same.
func (c *Case) Identical() bool { return c.Becomes == 0 && c.Factor == 1 }

// installed and newer are the versions of every case.
const (
	installed = "1.5.0"
	newer     = "1.6.0"
)

// Scenario is c as a scenario, which plays one run of it.
func (c Case) Scenario() *scenario.Scenario {
	s := scenario.New()
	s.Name, s.Installed = "proof", installed
	if c.Name != "" {
		s.Name = c.Name
	}
	w := &s.World
	w.Tenants, w.Instances, w.RequestsPerSecond = c.Tenants, c.Instances, c.PerTenant*float64(c.Tenants)
	w.TenantSpread, w.TenantErrorSpread, w.TenantConversionSpread, w.MinuteNoise = c.Weights, c.Spread, c.Conversions, c.Noise
	w.DailySwing, w.DailyPeakHour = c.Swing, c.Peak
	w.TenantWeights, w.TenantChurn = c.heaviest(), c.Churn
	if c.Forgets {
		w.Can = map[engine.Capability]bool{engine.CanHistory: false}
	}
	if c.Scraped {
		w.Metrics = scraped()
	}
	behave := func(rate float64) scenario.Version {
		b := simulator.DefaultBehaviour()
		b.ErrorRate = rate
		bad := c.candidate() > c.ErrorRate
		return scenario.Version{Behaviour: b, Bad: &bad}
	}
	s.Versions = map[string]scenario.Version{installed: behave(c.ErrorRate), newer: behave(c.candidate())}
	s.Deployment = c.spec()
	if c.Resumes > 0 {
		s.Signals = []scenario.Signal{{Do: scenario.Resume, When: engine.PhaseHeld, After: engine.Duration(time.Minute), Times: c.Resumes}}
	}
	return s
}

// heaviest is the weight of the first tenant, where it is a whale: the others' are around 1,
// and in the mean as much above it as their spread makes them.
func (c *Case) heaviest() []float64 {
	if c.Whale == 0 {
		return nil
	}
	others := float64(c.Tenants-1) * math.Exp(float64(c.Weights*c.Weights)/2)
	return []float64{rounded(float64(others*c.Whale) / (1 - c.Whale))}
}

// spec is what is rolled out, and how.
func (c *Case) spec() engine.Spec {
	mode, bake := string(c.Mode), engine.Duration(c.BakeSeconds*float64(time.Second))
	s := engine.Spec{
		PluginID: "payment-processor-stripe", Environment: engine.Production, Version: newer, Strategy: c.Strategy,
		Analysis: &engine.AnalysisSettings{Mode: &mode},
	}
	var caps *engine.Thresholds
	if c.Cap != usualCap { // success and the guard have bounds of their own, which fit the usual cap
		most, least := c.Cap, 1-c.Cap
		caps = &engine.Thresholds{MaxErrorRate: &most, MinSuccessRate: &least}
		s.Triggers = &engine.TriggerSettings{MaxErrorRate: &most}
	}
	if c.Unguarded {
		none, never := 0, 0.0
		s.Triggers = &engine.TriggerSettings{ConsecutiveHealthFailures: &none, MaxErrorRate: &never, MaxLatencyP99Ratio: &never}
	}
	c.strategy(&s, bake, caps)
	return s
}

// strategy says in s how c is rolled out.
func (c *Case) strategy(s *engine.Spec, bake engine.Duration, caps *engine.Thresholds) {
	switch c.Strategy {
	case engine.Canary:
		s.Canary = &engine.CanarySettings{Stages: slices.Clone(c.Stages), EvaluationPeriod: &bake, Thresholds: caps}
	case engine.BlueGreen:
		s.BlueGreen = &engine.BlueGreenSettings{MonitoringPeriod: &bake, Thresholds: caps}
		if c.Gradual {
			how, over := engine.Gradual, bake*5
			s.BlueGreen.SwitchoverType, s.BlueGreen.SwitchoverPeriod = &how, &over
		}
	case engine.Rolling:
		s.Rolling = &engine.RollingSettings{BatchSize: &engine.BatchSize{N: max(1, c.Batch)}, WaitBetweenBatches: &bake, Thresholds: caps}
	case engine.ABTesting:
		s.ABTesting = &engine.ABTestingSettings{TrafficSplit: &engine.TrafficSplit{A: 100 - c.Split, B: c.Split}, TestDuration: &bake, Thresholds: caps}
	case engine.Direct:
		s.Direct = &engine.DirectSettings{ValidationPeriod: &bake, Thresholds: caps}
	}
}

// String says what c is in a line.
func (c Case) String() string {
	return strings.Join([]string{string(c.Strategy) + c.form(), string(c.Mode), c.world()}, ", ")
}

// world says what c is beside how it is rolled out and judged.
func (c *Case) world() string {
	var parts []string
	errs := percent(c.ErrorRate)
	if !c.Identical() {
		errs += " → " + percent(c.candidate())
	}
	parts = append(parts, errs+" errors against "+percent(c.Cap), fmt.Sprintf("%d tenants × %.3g requests/s", c.Tenants, c.PerTenant))
	for _, x := range []struct {
		what string
		v    float64
	}{
		{"traffic differs by %.3g", c.Weights},
		{"error rates by %.3g", c.Spread},
		{"minutes by %.3g", c.Noise},
		{"conversions by %.3g", c.Conversions},
		{"the day by %.3g", c.Swing},
		{"a whale of %.2g", c.Whale},
		{"churn of %.2g", c.Churn},
		{"%.0f resumes", float64(c.Resumes)},
	} {
		if x.v != 0 {
			parts = append(parts, fmt.Sprintf(x.what, x.v))
		}
	}
	if c.Forgets {
		parts = append(parts, "without the day before")
	}
	return strings.Join(parts, ", ")
}

// form says how c's strategy goes.
func (c *Case) form() string {
	each := " of " + engine.Spoken(time.Duration(c.BakeSeconds*float64(time.Second)).Round(time.Second))
	switch {
	case c.Strategy == engine.Canary:
		return fmt.Sprintf(" in %d stages%s", len(c.Stages), each)
	case c.Gradual:
		return " in 5 steps" + each
	case c.Strategy == engine.Rolling:
		return fmt.Sprintf(", %d instances in batches of %d%s", c.Instances, c.Batch, each)
	case c.Strategy == engine.ABTesting:
		return fmt.Sprintf(" %d:%d%s", 100-c.Split, c.Split, each)
	default:
		return each
	}
}
