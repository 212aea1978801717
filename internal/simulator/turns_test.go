package simulator

import (
	"fmt"
	"math"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// groupOf is all tenants of a world that differ in what they send and how they err.
func groupOf(t *testing.T, tenants int) (*World, *group, []float64) {
	t.Helper()
	cfg := installed(DefaultConfig())
	cfg.Tenants, cfg.TenantErrorSpread = tenants, 1.06
	w, err := NewWorld(cfg, engine.Production, stripe)
	if err != nil {
		t.Fatal(err)
	}
	segment := int32(len(w.Segments) - 1)
	g := &w.cohortOf(segment).groups[0]
	w.list(segment, g)
	return w, g, w.roster.tempers.values
}

// However many steps it takes to count some turns, and whoever counts those before them, they
// are the same: turns are there before they are asked for.
func TestTurnsDoNotDependOnSteps(t *testing.T) {
	for _, tenants := range []int{1, 2, 15, 150, 700} {
		w, g, weights := groupOf(t, tenants)
		for key := range uint64(12) {
			draw := chance.StreamOf(key, chance.ForSwarm, uint64(tenants))
			total := int64(1) << (4 + draw.Below(15))
			total += int64(draw.Below(uint64(total)))
			var once, often turns
			a, b := make([]int64, tenants), make([]int64, tenants)
			expected := float64(draw.Below(1 << (4 + draw.Below(16))))
			once.reset(&w.roster, g, weights, key, expected)
			once.take(total, a, nil)
			often.reset(&w.roster, g, weights, key, expected)
			for left := total; left > 0; {
				step := min(left, 1+int64(draw.Below(uint64(1)<<draw.Below(14))))
				often.take(step, b, nil)
				left -= step
			}
			var passed turns
			before, after := make([]int64, tenants), make([]int64, tenants)
			first := int64(draw.Below(uint64(total)))
			passed.reset(&w.roster, g, weights, key, expected)
			passed.take(first, nil, nil)
			passed.take(total-first, after, nil)
			passed.reset(&w.roster, g, weights, key, expected)
			passed.take(first, before, nil)
			sum := int64(0)
			for i := range a {
				sum += a[i]
				if before[i]+after[i] != a[i] {
					t.Fatalf("%d tenants, key %d: tenant %d has %d turns, %d up to turn %d and %d after it", tenants, key, i, a[i], before[i], first, after[i])
				}
				if a[i] != b[i] {
					t.Fatalf("%d tenants, key %d, %d turns: tenant %d has %d at once and %d in steps", tenants, key, total, i, a[i], b[i])
				}
			}
			if sum != total {
				t.Fatalf("%d tenants, key %d: %d of %d turns were counted", tenants, key, sum, total)
			}
		}
	}
}

// As many turns as one likes, from the first on or in the middle, are shared by the
// weights as independent draws are: the chi-squared statistics of many orders have the
// mean and the variance of that distribution.
func TestTurnsAreFaithful(t *testing.T) {
	w, g, weights := groupOf(t, faithfulTenants)
	for _, span := range []struct{ from, to int64 }{{0, 300}, {0, 5000}, {700, 1900}, {0, 100_000}, {33_000, 41_000}} {
		faithful(t, fmt.Sprintf("turns %d to %d", span.from, span.to), w, weights, func(key uint64, counts []int64) {
			var order turns
			order.reset(&w.roster, g, weights, chance.Mix(key), float64(key%3*10_000))
			order.take(span.from, make([]int64, faithfulTenants), nil)
			order.take(span.to-span.from, counts, nil)
		})
	}
}

// Requests that are dealt at once are too, few and many.
func TestDealsAreFaithful(t *testing.T) {
	w, g, weights := groupOf(t, faithfulTenants)
	for _, n := range []int64{90, 700, 20_000, 3_000_000} {
		faithful(t, fmt.Sprintf("%d at once", n), w, weights, func(key uint64, counts []int64) {
			var order turns
			order.reset(&w.roster, g, weights, chance.Mix(key), 0)
			order.takeAll(n, counts, nil)
		})
	}
}

const faithfulTenants = 40

// faithful draws the counts of many orders and compares them with the weights.
func faithful(t *testing.T, what string, w *World, by []float64, draw func(key uint64, counts []int64)) {
	t.Helper()
	const orders = 600
	share := make([]float64, faithfulTenants)
	sum := 0.0
	for i := range share {
		share[i] = w.roster.weight(i) * by[w.roster.temperOf(i)]
		sum += share[i]
	}
	var mean, squares float64
	for key := range uint64(orders) {
		counts := make([]int64, faithfulTenants)
		draw(key, counts)
		n := int64(0)
		for _, c := range counts {
			n += c
		}
		chi := 0.0
		for i := range share {
			want := float64(n) * share[i] / sum
			off := float64(counts[i]) - want
			chi += off * off / want
		}
		mean += chi / orders
		squares += chi * chi / orders
	}
	df := float64(faithfulTenants - 1)
	if off := math.Abs(mean - df); off > 5*math.Sqrt(2*df/orders) {
		t.Errorf("%s: chi-squared is %.2f on average, want %.0f", what, mean, df)
	}
	if v := squares - mean*mean; v < 2*df*0.7 || v > 2*df*1.45 {
		t.Errorf("%s: the variance of chi-squared is %.1f, want %.0f", what, v, 2*df)
	}
}
