package engine

import (
	"fmt"
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

// Of very many tenants, whose halves are checked one beside the other, the first one that is wrong
// is named, and means that are not numbers are dropped everywhere.
func TestCheckVeryManyTenants(t *testing.T) {
	const n = 80_000
	for _, wrong := range [][]int{{}, {n - 1}, {70, 100, n - 1}, {n / 2}, {n/2 - 1, n / 2}} {
		m := Measurement{PerTenant: make([]TenantCount, n)}
		for i := range m.PerTenant {
			m.PerTenant[i] = TenantCount{Tenant: "t", Latency: Mean{Sum: math.NaN(), Count: 1}, Satisfaction: Mean{Sum: 3, Count: 1}}
		}
		for _, at := range wrong {
			m.PerTenant[at].Errors = 1
		}
		err := checkTenants(m.PerTenant)
		if len(wrong) > 0 {
			if want := fmt.Sprintf("per_tenant[%d].errors: 1 is not in 0..0", wrong[0]); err == nil || err.Error() != want {
				t.Errorf("%v are wrong: %v, and not %s", wrong, err, want)
			}
			continue
		}
		if err != nil {
			t.Error(err)
		}
		for i, c := range m.PerTenant {
			if c.Latency != (Mean{}) || c.Satisfaction.Sum != 3 {
				t.Fatalf("tenant %d has a latency of %v and a satisfaction of %v", i, c.Latency, c.Satisfaction)
			}
		}
	}
}
