package engine

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
)

// pairsLike are tenants of a test, of whom some are not known from before, and some sent nothing.
func pairsLike(n int) []Pair {
	draw := rand.New(rand.NewPCG(3, 4))
	count := func(i int) *TenantCount {
		t := &TenantCount{Tenant: strconv.Itoa(i), Requests: draw.Int64N(40)}
		t.Errors, t.Conversions, t.Slower = draw.Int64N(t.Requests+1), draw.Int64N(t.Requests+1), draw.Int64N(t.Requests+1)
		t.Latency = Mean{Sum: 100 * draw.Float64() * float64(t.Requests), Count: t.Requests}
		return t
	}
	var pairs []Pair
	for i := range n {
		p := Pair{B: i >= n/2, At: int32(i), Now: count(i)}
		if draw.IntN(4) > 0 {
			p.Before = count(i)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

// A column is the same whether its past was looked up while another one was held or not, and
// whatever is asked for before it.
func TestColumnsInAnyOrder(t *testing.T) {
	metrics := []Metric{ConversionRate, ErrorRate, Latency, SuccessRate, Throughput}
	pairs := pairsLike(5000)
	alone := func(m Metric) [2]sample { return (&columns{pairs: pairs}).column(m).arms() }
	for _, asked := range [][]Metric{metrics, {Latency, ErrorRate, Latency}, {SuccessRate, Throughput, ConversionRate}, {SuccessRate, Latency}} {
		cs := &columns{pairs: pairs, metrics: metrics}
		for _, m := range asked {
			cs.ofB(LatencyP99) // which has the room of the column before it, and leaves the next one's past alone
			if got := cs.column(m).arms(); !reflect.DeepEqual(got, alone(m)) {
				t.Errorf("%s of %v is not what it is alone", m, asked)
			}
		}
	}
}

// What those that have B come to by themselves is what they come to beside the others.
func TestOfB(t *testing.T) {
	pairs := pairsLike(3000)
	for i := range pairs {
		pairs[i].Before = nil
	}
	cs := &columns{pairs: pairs}
	if got, want := cs.ofB(LatencyP99), (&columns{pairs: pairs}).column(LatencyP99).arms()[1]; !reflect.DeepEqual(got, want) || got.n == 0 {
		t.Errorf("%d tenants at %g, and not %d at %g", got.n, got.ratio, want.n, want.ratio)
	}
}
