package campaign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// Setting is what a search may change in a deployment.
type Setting struct {
	Stages        []int   `json:"stages,omitempty"`          // canary only
	PeriodSeconds float64 `json:"evaluation_period_seconds"` // how long a stage is judged, whatever the strategy calls it
	MaxErrorRate  float64 `json:"max_error_rate"`
	Mode          string  `json:"mode"`
}

func (x Setting) period() time.Duration {
	return time.Duration(x.PeriodSeconds * float64(time.Second))
}

// String is x in the words of a scenario.
func (x Setting) String() string {
	words := fmt.Sprintf("evaluation period %s, max_error_rate %g, mode %s", engine.Spoken(x.period()), x.MaxErrorRate, x.Mode)
	if len(x.Stages) > 0 {
		words = "stages [" + x.stages(", ") + "], " + words
	}
	return words
}

// settings are all that a search tries: what the scenario asks for, or around what
// its deployment has.
func settings(s *scenario.Scenario) []Setting {
	t, own := s.Tune, settingOf(s.Deployment.Resolve())
	stages := t.Stages
	if len(stages) == 0 {
		stages = [][]int{nil}
		if s.Deployment.Resolve().Strategy == engine.Canary {
			stages = distinct(own.Stages, []int{10, 30, 50, 100}, []int{10, 50, 100}, []int{5, 25, 100}, []int{1, 10, 50, 100})
		}
	}
	periods := []float64{}
	for _, p := range t.EvaluationPeriods {
		periods = append(periods, time.Duration(p).Seconds())
	}
	if len(periods) == 0 {
		for _, part := range []float64{0.1, 0.25, 0.5, 1, 2} {
			periods = append(periods, max(1, float64(int64(own.PeriodSeconds*part))))
		}
	}
	rates := t.MaxErrorRates
	if len(rates) == 0 {
		rates = []float64{own.MaxErrorRate}
	}
	modes := t.Modes
	if len(modes) == 0 {
		modes = []string{string(engine.Threshold), string(engine.Sequential)}
	}
	var out []Setting
	for _, mode := range modes {
		for _, list := range stages {
			for _, rate := range rates {
				for _, period := range periods {
					out = append(out, Setting{list, period, rate, mode})
				}
			}
		}
	}
	return out
}

func distinct(lists ...[]int) [][]int {
	var out [][]int
	for _, l := range lists {
		if len(l) > 0 && !slices.ContainsFunc(out, func(o []int) bool { return slices.Equal(o, l) }) {
			out = append(out, l)
		}
	}
	return out
}

// bake is where a resolved spec says how long a stage is judged, and its caps.
func bake(s *engine.Spec) (period **engine.Duration, caps **engine.Thresholds) {
	switch {
	case s.Canary != nil:
		return &s.Canary.EvaluationPeriod, &s.Canary.Thresholds
	case s.Rolling != nil:
		return &s.Rolling.WaitBetweenBatches, &s.Rolling.Thresholds
	case s.BlueGreen != nil:
		return &s.BlueGreen.MonitoringPeriod, &s.BlueGreen.Thresholds
	case s.ABTesting != nil:
		return &s.ABTesting.TestDuration, &s.ABTesting.Thresholds
	default:
		return &s.Direct.ValidationPeriod, &s.Direct.Thresholds
	}
}

// settingOf is what a resolved spec has.
func settingOf(s engine.Spec) Setting {
	x := Setting{MaxErrorRate: 0.05, Mode: string(engine.Threshold)}
	period, caps := bake(&s)
	if *period != nil {
		x.PeriodSeconds = time.Duration(**period).Seconds()
	}
	if *caps != nil && (*caps).MaxErrorRate != nil {
		x.MaxErrorRate = *(*caps).MaxErrorRate
	}
	if s.Canary != nil {
		x.Stages = s.Canary.Stages
	}
	if s.Analysis != nil && s.Analysis.Mode != nil {
		x.Mode = *s.Analysis.Mode
	}
	return x
}

// apply is the deployment of s with x.
func (x Setting) apply(s *scenario.Scenario) (engine.Spec, error) {
	spec, err := s.Copied()
	if err != nil {
		return spec, err
	}
	whole := spec.Resolve()
	spec.Strategy = whole.Strategy
	spec.Direct, spec.Canary, spec.BlueGreen, spec.Rolling, spec.ABTesting = whole.Direct, whole.Canary, whole.BlueGreen, whole.Rolling, whole.ABTesting
	period, caps := bake(&spec)
	d := engine.Duration(x.period())
	*period = &d
	t := engine.Thresholds{}
	if *caps != nil {
		t = **caps
	}
	rate := x.MaxErrorRate
	t.MaxErrorRate = &rate
	*caps = &t
	if spec.Canary != nil && len(x.Stages) > 0 {
		spec.Canary.Stages, spec.Canary.InitialPercentage, spec.Canary.IncrementPercentage = x.Stages, nil, nil
	}
	a := engine.AnalysisSettings{}
	if spec.Analysis != nil {
		a = *spec.Analysis
	}
	mode := x.Mode
	a.Mode = &mode
	spec.Analysis = &a
	return spec, nil
}

// HCL is x as settings of the resource, ready to be pasted.
func (x Setting) HCL(strategy engine.Strategy) string {
	block, period := words(strategy)
	var b strings.Builder
	fmt.Fprintf(&b, "strategy = %q\n%s = {\n", strategy, block)
	if len(x.Stages) > 0 {
		fmt.Fprintf(&b, "  %-*s = [%s]\n", len(period), "stages", x.stages(", "))
	}
	fmt.Fprintf(&b, "  %s = %q\n", period, engine.FormatDuration(x.period()))
	fmt.Fprintf(&b, "  %-*s = { max_error_rate = %s }\n}\n", len(period), "thresholds", strconv.FormatFloat(x.MaxErrorRate, 'f', -1, 64))
	fmt.Fprintf(&b, "analysis = { mode = %q }\n", x.Mode)
	return b.String()
}

func (x Setting) stages(between string) string {
	parts := make([]string, len(x.Stages))
	for i, p := range x.Stages {
		parts[i] = strconv.Itoa(p)
	}
	return strings.Join(parts, between)
}

// words are a strategy's block, and the name of the time for which it judges.
func words(s engine.Strategy) (block, period string) {
	switch s {
	case engine.Canary:
		return "canary", "evaluation_period"
	case engine.Rolling:
		return "rolling", "wait_between_batches"
	case engine.BlueGreen:
		return "blue_green", "monitoring_period"
	case engine.ABTesting:
		return "ab_testing", "test_duration"
	default:
		return "direct", "validation_period"
	}
}
