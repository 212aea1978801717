package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPlausible holds the quick question to the slow one.
func TestPlausible(t *testing.T) {
	values := []int64{0, 1, 2, 3, -1, -2, 7, mostRequests, mostRequests + 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() int64 { return values[r.IntN(len(values))] }
	wrong := 0
	for range 200_000 {
		m := Measurement{Requests: pick(), Errors: pick(), Timeouts: pick(), Conversions: pick(), Tenants: int(pick())}
		if r.IntN(2) == 0 { // else hardly any is right
			m = Measurement{Requests: 7, Errors: values[r.IntN(6)], Timeouts: values[r.IntN(4)], Conversions: values[r.IntN(7)]}
		}
		for _, mean := range []*Mean{&m.Latency, &m.Satisfaction, &m.Execution, &m.CPU, &m.Memory} {
			if r.IntN(20) == 0 {
				mean.Count = pick()
			}
		}
		slow := true
		for _, c := range m.counts() {
			slow = slow && !c.wrong()
		}
		if !slow {
			wrong++
		}
		if m.plausible() && !slow {
			t.Fatalf("%+v is taken for plausible", m)
		}
		if slow && !m.plausible() {
			t.Fatalf("%+v is not taken for plausible", m)
		}
	}
	if wrong < 1000 || wrong > 199_000 {
		t.Errorf("%d of 200,000 are wrong", wrong)
	}
}

// TestPlausibleTenants does the same for the counts of tenants.
func TestPlausibleTenants(t *testing.T) {
	values := []int64{0, 1, 2, 3, -1, -2, 7, mostRequests, mostRequests + 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() int64 { return values[r.IntN(len(values))] }
	wrong := 0
	for range 200_000 {
		c := TenantCount{Requests: pick(), Errors: pick(), Timeouts: pick(), Conversions: pick(), Slower: pick()}
		if r.IntN(2) == 0 { // else hardly any is right
			c = TenantCount{Requests: 7, Errors: values[r.IntN(6)], Timeouts: values[r.IntN(4)], Conversions: values[r.IntN(7)], Slower: values[r.IntN(7)]}
		}
		for _, mean := range []*Mean{&c.Latency, &c.Satisfaction} {
			if r.IntN(20) == 0 {
				mean.Count = pick()
			}
		}
		slow := true
		for _, c := range c.counts() {
			slow = slow && !c.wrong()
		}
		if !slow {
			wrong++
		}
		if c.plausible() != slow {
			t.Fatalf("%+v: plausible is %v, and its counts say %v", c, c.plausible(), slow)
		}
	}
	if wrong < 1000 || wrong > 199_000 {
		t.Errorf("%d of 200,000 are wrong", wrong)
	}
}
