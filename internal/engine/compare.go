package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// guardrails are the metrics on which B may not lose, whatever decides the test.
var guardrails = []Metric{ErrorRate, LatencyP99, SuccessRate}

// decide ends an A/B test. B wins with at least the winner threshold on one
// decision metric and no loss beyond it on any other, nor on a guardrail, with
// enough requests and tenants in both arms. Otherwise A stays, and the reason says
// why. It passes v for B and fails it for A.
func decide(g *Gate, e *Evidence, v Verdict) Verdict {
	v.Comparison = compareArms(*g.Compare, e)
	v.Winner, v.Result = "A", Fail
	for _, arm := range []struct {
		name string
		m    Measurement
	}{{"A", e.Baseline}, {"B", e.Candidate}} {
		if short := shortOf(g, &arm.m); len(short) > 0 {
			v.Reason = fmt.Sprintf("A stays: too little was seen of %s: %s", arm.name, strings.Join(short, "; "))
			return v
		}
	}
	least := g.Compare.WinnerThreshold
	var won, lost, blank []string
	for _, c := range v.Comparison {
		text := fmt.Sprintf("%s %s", c.Metric.Name(), signed(c.Advantage))
		switch {
		case c.Word == "no data" && c.Decides:
			blank = append(blank, c.Metric.Name())
		case c.Word == "worse":
			lost = append(lost, text)
		case c.Word == "better" && c.Decides:
			won = append(won, text)
		}
	}
	switch {
	case len(lost) > 0:
		v.Harm = true
		v.Reason = fmt.Sprintf("A stays: B is worse by more than %s: %s", pct(least), strings.Join(lost, ", "))
	case len(blank) > 0:
		v.Reason = "A stays: no data for " + strings.Join(blank, ", ")
	case len(won) == 0:
		v.Reason = fmt.Sprintf("A stays: B is not better by at least %s on %s", pct(least), namesOf(g.Compare.Metrics))
	default:
		v.Winner, v.Result = "B", Pass
		v.Reason = "B wins: " + strings.Join(won, ", ")
	}
	return v
}

// compareArms is the table of a test: the decision metrics, then the guardrails.
func compareArms(c Compare, e *Evidence) []Comparison {
	metrics := slices.Clone(c.Metrics)
	for _, m := range guardrails {
		if !slices.Contains(metrics, m) {
			metrics = append(metrics, m)
		}
	}
	rows := make([]Comparison, len(metrics))
	for i, m := range metrics {
		a := metricOf(m, &e.Baseline, e, c.WeightA)
		b := metricOf(m, &e.Candidate, e, c.WeightB)
		row := Comparison{Metric: m, Decides: slices.Contains(c.Metrics, m), Word: "no data"}
		if !math.IsNaN(a) && !math.IsNaN(b) {
			row.A, row.B, row.Advantage = a, b, advantage(m, a, b)
			switch {
			case row.Advantage >= c.WinnerThreshold:
				row.Word = "better"
			case row.Advantage < -c.WinnerThreshold:
				row.Word = "worse"
			default:
				row.Word = "same"
			}
		}
		rows[i] = row
	}
	return rows
}

// metricOf reads a metric from an arm whose tenants weigh weight.
func metricOf(metric Metric, m *Measurement, e *Evidence, weight float64) float64 {
	switch metric {
	case Latency:
		return m.Latency.value()
	case ErrorRate:
		return ratio(m.Errors, m.Requests)
	case SuccessRate:
		return 1 - ratio(m.failures(), m.Requests)
	case Throughput:
		if m.Requests == 0 || weight <= 0 || e.Window <= 0 {
			return math.NaN()
		}
		return float64(m.Requests) / weight / e.Window.Seconds()
	case ConversionRate:
		return ratio(m.Conversions, m.Requests)
	case UserSatisfaction:
		return m.Satisfaction.value()
	case LatencyP99:
		return m.percentile()
	default:
		return math.NaN()
	}
}

// advantage is how much better b is than a, relative to a, within -1..1.
func advantage(m Metric, a, b float64) float64 {
	gain := b - a
	if m.LowerIsBetter() {
		gain = a - b
	}
	switch {
	case gain == 0:
		return 0
	case a == 0:
		return math.Copysign(1, gain)
	default:
		return max(-1, min(1, gain/math.Abs(a)))
	}
}

// EdgeText says why an advantage need not be what the figures of A and B make of it.
const EdgeText = "B's edge allows for how each variant's tenants did before the test, so that it is not what A and B make of it alone"

// Adjusted says whether c's advantage, as people read it, is another than A and B alone make.
func (c *Comparison) Adjusted() bool {
	return c.P > 0 && c.A > 0 && c.Metric != LatencyP99 && math.Abs(c.Advantage-advantage(c.Metric, c.A, c.B)) >= 0.005
}

// signed writes a relative advantage as "5.2 % better".
func signed(v float64) string {
	if v < 0 {
		return pct(-v) + " worse"
	}
	return pct(v) + " better"
}
