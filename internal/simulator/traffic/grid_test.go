package traffic

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The grid follows the law of the latencies whatever bounds are asked about with it,
// falls, and agrees with each bound that it has.
func TestGridFitsItsBounds(t *testing.T) {
	grid := engine.LatencyGrid()
	for _, bounds := range [][]float64{nil, {100}, {137}, {20, 100, 137, 500}, {1e-3, 60_000}, {1e9}} {
		sums, n := make([]float64, len(grid)), 0.0
		var law *made
		for seed := range int64(60) {
			cfg, does := usual()
			cfg.Seed = seeded(seed)
			f := flowOf(cfg, does, 150, 5*time.Minute)
			m := ask(f, oldArm, 0, 5*time.Minute, onGrid, bounds...)
			n += float64(m.Requests)
			for i, k := range m.Histogram.Slower {
				if sums[i] += float64(k); i > 0 && k > m.Histogram.Slower[i-1] || k > m.Requests {
					t.Fatalf("bounds %v, seed %d: the grid is %v of %d requests", bounds, seed, m.Histogram.Slower, m.Requests)
				}
			}
			for i, bound := range bounds {
				if at, found := slices.BinarySearch(grid, bound); found && m.Histogram.Slower[at] != m.Slower[i] {
					t.Errorf("bounds %v, seed %d: %d requests are slower than %v ms, and the grid says %d", bounds, seed, m.Slower[i], bound, m.Histogram.Slower[at])
				}
			}
			law = f.madeOf(2)
		}
		for i, bound := range grid {
			p := law.above(bound)
			if off := sums[i] - n*p; math.Abs(off) > 4.5*math.Sqrt(n*p*(1-p))+1e-6 {
				t.Errorf("bounds %v: %.0f of %.0f requests are slower than %v ms, want %.0f", bounds, sums[i], n, bound, n*p)
			}
		}
	}
}
