package provider

import (
	"fmt"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// metricNames are the metrics as a person says them.
var metricNames = map[engine.Metric]string{
	engine.Latency: "latency", engine.ErrorRate: "error rate", engine.SuccessRate: "success rate",
	engine.Throughput: "throughput", engine.ConversionRate: "conversion rate",
	engine.UserSatisfaction: "user satisfaction", engine.LatencyP99: "p99 latency",
	engine.CPU: "CPU", engine.Memory: "memory", engine.ExecutionTime: "execution time",
	engine.TenantErrorRate: "error rate of the worst tenant", engine.ErrorRatio: "error rate",
}

// metricName is a metric as a person says it.
func metricName(m engine.Metric) string {
	if n, ok := metricNames[m]; ok {
		return n
	}
	return string(m)
}

// plainly says a reason of the engine's without the metrics' names on the wire.
func plainly(reason string) string {
	for m, name := range metricNames {
		if strings.ToLower(string(m)) != string(m) { // else it is a word of the language too
			reason = strings.ReplaceAll(reason, string(m), name)
		}
	}
	return reason
}

// metricText is a value of a metric with its unit.
func metricText(m engine.Metric, v float64) string {
	switch m {
	case engine.ErrorRate, engine.SuccessRate, engine.ConversionRate, engine.CPU, engine.Memory, engine.TenantErrorRate:
		return percentText(v)
	case engine.Latency, engine.LatencyP99, engine.ExecutionTime:
		return significant(v) + " ms"
	default:
		return significant(v)
	}
}

// comparedText is what was observed against what is allowed.
func comparedText(m engine.Metric, observed, allowed float64) string {
	if m == engine.ErrorRatio {
		return fmt.Sprintf("%s %s times the old version's, allowed is at most %s times", metricName(m), significant(observed), significant(allowed))
	}
	bound := "at most"
	if !m.LowerIsBetter() {
		bound = "at least"
	}
	return fmt.Sprintf("%s %s, allowed is %s %s", metricName(m), metricText(m, observed), bound, metricText(m, allowed))
}

// percentText writes 0.05 as 5 %.
func percentText(v float64) string { return significant(v*100) + " %" }

// edgeText writes an advantage of 0.05 as +5.0%, and one that is nothing as 0.0%.
func edgeText(v float64) string {
	if text := fmt.Sprintf("%+.1f%%", v*100); text != "+0.0%" && text != "-0.0%" {
		return text
	}
	return "0.0%"
}
