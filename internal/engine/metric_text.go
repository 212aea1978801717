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

// Plainly is a reason without the metrics' names on the wire.
func Plainly(reason string) string {
	for _, n := range metricNames {
		if wire := string(n.metric); strings.ToLower(wire) != wire { // else it is a word of the language too
			reason = strings.ReplaceAll(reason, wire, n.name)
		}
	}
	return reason
}

// Text is a value of m with its unit.
func (m Metric) Text(v float64) string {
	switch m {
	case ErrorRate, SuccessRate, ConversionRate, CPU, Memory, TenantErrorRate:
		if v > 0.99 && v < 1 {
			return pct(v) // three significant digits would make 100 % of four nines
		}
		return Significant(v*100) + " %"
	case Latency, LatencyP99, ExecutionTime:
		return Significant(v) + " ms"
	default:
		return Significant(v)
	}
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
