package engine

import (
	"fmt"
	"math"
	"strings"
)

// Advice says what would have let a verdict of g be a pass that was inconclusive, in the
// words of the settings, naming the check that binds; "" where nothing is known of it.
func (g *Gate) Advice(v *Verdict) string {
	var out []string
	binds := v.binds()
	switch {
	case binds != nil && binds.Needs == math.MaxInt64:
		m := Metric(binds.Metric)
		out = append(out, fmt.Sprintf("The %s is at its cap, and no number of requests can show that it keeps it: mend the version, or relax %s.",
			m.Name(), thresholdOf(m)))
	case binds != nil && binds.Needs > v.Requests:
		out = append(out, g.adviceOn(binds, v.Requests))
	case v.Requests < g.MinRequests:
		out = append(out, fmt.Sprintf("analysis.min_requests asks for %d requests, and there were %d: bring more traffic to the stage, with a longer bake or a larger share, or lower it.",
			g.MinRequests, v.Requests))
	}
	if v.Tenants < g.MinTenants {
		out = append(out, fmt.Sprintf("analysis.min_tenants asks for requests of %d tenants, and there were %d: bake for longer, begin with a larger share, or lower it.", g.MinTenants, v.Tenants))
	}
	return strings.Join(out, " ")
}

// binds is the check that needs the most requests of those that had too few; nil: none.
func (v *Verdict) binds() *Finding {
	var most *Finding
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Result == Inconclusive && f.Needs > 0 && (most == nil || f.Needs > most.Needs) {
			most = f
		}
	}
	return most
}

// adviceOn is what helps a check that had too few requests.
func (g *Gate) adviceOn(f *Finding, requests int64) string {
	text := fmt.Sprintf("To show that the %s keeps its cap takes about %s at what was seen, and there were %d: bring more traffic to the stage, with a longer bake or a larger share.",
		Metric(f.Metric).Name(), Plural(f.Needs, "request"), requests)
	if g.MinRequests > 0 {
		text += " Lowering analysis.min_requests does not help, unless it is 0: then a stage passes where nothing bad is seen."
	}
	return text
}

// thresholdOf is the setting that holds the cap of a metric.
func thresholdOf(m Metric) string {
	switch m {
	case ErrorRate:
		return "thresholds.max_error_rate"
	case SuccessRate:
		return "thresholds.min_success_rate"
	case LatencyP99:
		return "thresholds.max_latency_p99_ms"
	default:
		return "its threshold"
	}
}
