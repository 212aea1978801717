package campaign

import (
	"encoding/json"
	"math"
	"slices"
)

// Spread says how a figure differs from run to run.
type Spread struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	Least float64 `json:"least"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Most  float64 `json:"most"`
}

// MarshalJSON writes s; where no run has the figure, all but the count are null.
func (s Spread) MarshalJSON() ([]byte, error) {
	type plain Spread
	if s.Count > 0 {
		return json.Marshal(plain(s))
	}
	return []byte(`{"count":0,"mean":null,"least":null,"p50":null,"p95":null,"p99":null,"most":null}`), nil
}

func spreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	return Spread{
		Count: len(sorted), Mean: sum / float64(len(sorted)), Least: sorted[0], Most: sorted[len(sorted)-1],
		P50: quantile(sorted, 0.5), P95: quantile(sorted, 0.95), P99: quantile(sorted, 0.99),
	}
}

// quantile is the least of sorted that a share of all are not above.
func quantile(sorted []float64, share float64) float64 {
	rank := int(math.Ceil(float64(len(sorted))*share)) - 1
	return sorted[max(0, min(len(sorted)-1, rank))]
}
