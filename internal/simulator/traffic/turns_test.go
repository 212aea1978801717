package traffic

import (
	"fmt"
	"math"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/chance"
)

// groupOf is all tenants of a flow that differ in what they send and how they err.
func groupOf(tenants int) (*Flow, *group, []float64) {
	cfg, does := usual()
	cfg.Tenants, cfg.TenantErrorSpread = tenants, 1.06
	f := flowOf(cfg, does, 150, 0)
	g := &f.cohortOf(1).groups[0]
	f.list(1, g)
	return f, g, f.roster.tempers.values
}

// However many steps it takes to count some turns, and whoever counts those before them, they
// are the same: turns are there before they are asked for.
func TestTurnsDoNotDependOnSteps(t *testing.T) {
	for _, tenants := range []int{1, 2, 15, 150, 700} {
		f, g, weights := groupOf(tenants)
		for key := range uint64(12) {
			draw := chance.StreamOf(key, chance.ForSwarm, uint64(tenants))
			total := int64(1) << (4 + draw.Below(15))
			total += int64(draw.Below(uint64(total)))
			var once, often turns
			a, b := make([]int64, tenants), make([]int64, tenants)
			expected := float64(draw.Below(1 << (4 + draw.Below(16))))
			once.reset(&f.roster, g, weights, key, expected)
			once.take(total, a, nil)
			often.reset(&f.roster, g, weights, key, expected)
			for left := total; left > 0; {
				step := min(left, 1+int64(draw.Below(uint64(1)<<draw.Below(14))))
				often.take(step, b, nil)
				left -= step
			}
			var passed turns
			before, after := make([]int64, tenants), make([]int64, tenants)
			first := int64(draw.Below(uint64(total)))
			passed.reset(&f.roster, g, weights, key, expected)
			passed.take(first, nil, nil)
			passed.take(total-first, after, nil)
			passed.reset(&f.roster, g, weights, key, expected)
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
// mean and the variance that those of multinomial counts have.
func TestTurnsAreFaithful(t *testing.T) {
	f, g, weights := groupOf(faithfulTenants)
	for _, span := range []struct{ from, to int64 }{{0, 300}, {0, 5000}, {700, 1900}, {0, 100_000}, {33_000, 41_000}} {
		faithful(t, fmt.Sprintf("turns %d to %d", span.from, span.to), f, weights, func(key uint64, counts []int64) {
			var order turns
			order.reset(&f.roster, g, weights, chance.Mix(key), float64(key%3*10_000))
			order.take(span.from, make([]int64, faithfulTenants), nil)
			order.take(span.to-span.from, counts, nil)
		})
	}
}

// Requests that are dealt at once are too, few and many.
func TestDealsAreFaithful(t *testing.T) {
	f, g, weights := groupOf(faithfulTenants)
	for _, n := range []int64{90, 700, 20_000, 3_000_000} {
		faithful(t, fmt.Sprintf("%d at once", n), f, weights, func(key uint64, counts []int64) {
			var order turns
			order.reset(&f.roster, g, weights, chance.Mix(key), 0)
			order.takeAll(n, counts, nil)
		})
	}
}

const faithfulTenants = 40

// faithful draws the counts of many orders and compares them with the weights.
func faithful(t *testing.T, what string, f *Flow, by []float64, draw func(key uint64, counts []int64)) {
	t.Helper()
	const orders = 600
	share := make([]float64, faithfulTenants)
	sum := 0.0
	for i := range share {
		share[i] = f.roster.Weight(i) * by[f.roster.temperOf(i)]
		sum += share[i]
	}
	rare := 0.0 // the sum of 1/p
	for i := range share {
		share[i] /= sum
		rare += 1 / share[i]
	}
	var mean, squares, n float64
	for key := range uint64(orders) {
		counts := make([]int64, faithfulTenants)
		draw(key, counts)
		n = 0
		for _, c := range counts {
			n += float64(c)
		}
		chi := 0.0
		for i := range share {
			want := n * share[i]
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
	const k = faithfulTenants
	want := 2*df + (rare-k*k-2*k+2)/n
	if v := squares - mean*mean; v < want*0.7 || v > want*1.45 {
		t.Errorf("%s: the variance of chi-squared is %.1f, want %.1f", what, v, want)
	}
}
