package engine

import (
	"fmt"
	"math"
	"strings"
)

// metricNames are the metrics as a person says them.
var metricNames = []struct {
	metric Metric
	name   string
}{
	{Latency, "latency"},
	{ErrorRate, "error rate"},
	{SuccessRate, "success rate"},
	{Throughput, "throughput"},
	{ConversionRate, "conversion rate"},
	{UserSatisfaction, "user satisfaction"},
	{LatencyP99, "p99 latency"},
	{CPU, "CPU"},
	{Memory, "memory"},
	{ExecutionTime, "execution time"},
	{TenantErrorRate, "error rate of the worst tenant"},
	{ErrorRatio, "error rate"},
}

// Name is m as a person says it.
func (m Metric) Name() string {
	for _, n := range metricNames {
		if n.metric == m {
			return n.name
		}
	}
	return string(m)
}

// namesOf lists metrics as a person says them.
func namesOf(metrics []Metric) string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.Name()
	}
	return strings.Join(names, ", ")
}

// Text is a value of m with its unit.
func (m Metric) Text(v float64) string {
	switch m {
	case ErrorRate, SuccessRate, ConversionRate, CPU, Memory, TenantErrorRate:
		return pct(v)
	case Latency, LatencyP99, ExecutionTime:
		return ms(v)
	default:
		return Significant(v)
	}
}

// pct writes a share, 0..1, as a percentage.
func pct(v float64) string {
	switch v *= 100; {
	case math.IsNaN(v):
		return "unknown"
	case v > 99 && v < 100: // three nines are not 100 %
		return fmt.Sprintf("%.*f %%", max(1, int(math.Ceil(-math.Log10(100-v)-1e-9))), v)
	default:
		return Significant(v) + " %"
	}
}

// ms writes milliseconds.
func ms(v float64) string {
	if math.IsNaN(v) {
		return "unknown"
	}
	return Significant(v) + " ms"
}

// Significant writes v with three significant digits, and all of its integer part.
func Significant(v float64) string {
	if math.Abs(v) >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Edge is a relative advantage, as "+5.2%".
func Edge(v float64) string {
	if text := fmt.Sprintf("%+.1f%%", v*100); text != "+0.0%" && text != "-0.0%" {
		return text
	}
	return "0.0%"
}
