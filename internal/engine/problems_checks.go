package engine

import (
	"fmt"
	"strings"
	"time"
)

// maxDuration keeps sums of durations far from overflow.
const maxDuration = 365 * 24 * time.Hour

func (ps *Problems) duration(path string, d *Duration, least time.Duration) {
	if d != nil && (time.Duration(*d) < least || time.Duration(*d) > maxDuration) {
		ps.add(path, FormatDuration(time.Duration(*d)), "is not in %s..%s", FormatDuration(least), FormatDuration(maxDuration))
	}
}

func (ps *Problems) thresholds(path string, t *Thresholds) {
	if t == nil {
		return
	}
	ps.fraction(path+".max_error_rate", t.MaxErrorRate, true)
	ps.positive(path+".max_latency_p99_ms", t.MaxLatencyP99Ms)
	ps.fraction(path+".min_success_rate", t.MinSuccessRate, true)
	ps.fraction(path+".max_cpu", t.MaxCPU, false)
	ps.fraction(path+".max_memory", t.MaxMemory, false)
	ps.positive(path+".max_execution_time_ms", t.MaxExecutionTimeMs)
	ps.fraction(path+".max_tenant_error_rate", t.MaxTenantErrorRate, true)
}

func (ps *Problems) fraction(path string, v *float64, zero bool) {
	switch {
	case v == nil || *v > 0 && *v <= 1 || zero && *v == 0:
	case zero:
		ps.add(path, *v, "is not in 0..1")
	default:
		ps.add(path, *v, "is not above 0 and up to 1")
	}
}

func (ps *Problems) positive(path string, v *float64) {
	if v != nil && !(*v > 0 && *v <= 1e9) {
		ps.add(path, *v, "is not above 0 and up to 1e9")
	}
}

func between(ps *Problems, path string, v *int, low, high int) {
	if v != nil && (*v < low || *v > high) {
		ps.add(path, *v, "is not in %d..%d", low, high)
	}
}

func atLeast[T int | int64](ps *Problems, path string, v *T, low T) {
	if v != nil && *v < low {
		ps.add(path, *v, "is not at least %d", low)
	}
}

// noMore refuses counts that nobody can mean, and that sums and doublings overflow from.
func noMore[T int | int64](ps *Problems, path string, v *T, high T) {
	if v != nil && *v > high {
		ps.add(path, *v, "is not at most %d", high)
	}
}

func quote(s string) string { return fmt.Sprintf("%q", Shortened(s)) }

// list reads "a, b, c".
func list[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = string(w)
	}
	return strings.Join(parts, ", ")
}
