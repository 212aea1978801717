package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
)

func sortFailures(all []Failures) {
	slices.SortFunc(all, func(a, b Failures) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Version, b.Version))
	})
}

// Write writes a report for people.
func (r Report) Write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "requests  %d at %.1f/s, %d failed\n", r.Requests, r.Rate, r.Failed)
	for _, v := range slices.Sorted(maps.Keys(r.Versions)) {
		_, _ = fmt.Fprintf(w, "  served by %-10s %d\n", orNobody(v), r.Versions[v])
	}
	for _, f := range r.Why {
		_, _ = fmt.Fprintf(w, "  failed    %-10s %d of %s\n", f.Reason, f.Count, orNobody(f.Version))
	}
	if r.Transport != "" {
		_, _ = fmt.Fprintf(w, "  the first without an answer: %s\n", r.Transport)
	}
	_, _ = fmt.Fprintf(w, "latency   p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, since they were due\n", r.P50, r.P99, r.P999)
	if r.NotSent > 0 {
		_, _ = fmt.Fprintf(w, "NOT SENT  %d requests were due while too many were out: the figures above are better than what clients would have seen\n", r.NotSent)
	}
}

func orNobody(version string) string {
	if version == "" {
		return "nobody"
	}
	return version
}
