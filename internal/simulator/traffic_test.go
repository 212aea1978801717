package simulator

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// The functions that are the same everywhere must also be right.
func TestPortableFunctions(t *testing.T) {
	for x := 1e-6; x < 1e7; x *= 1.37 {
		if got, want := natural(x), math.Log(x); math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
			t.Errorf("natural(%v) is %v, want %v", x, got, want)
		}
	}
	for x := -50.0; x < 50; x += 0.37 {
		if got, want := exponential(x), math.Exp(x); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("exponential(%v) is %v, want %v", x, got, want)
		}
	}
	for z := -8.0; z < 12; z += 0.13 {
		if got, want := tail(z), math.Erfc(z/math.Sqrt2)/2; math.Abs(got-want) > 1e-9*want+1e-15 {
			t.Errorf("tail(%v) is %v, want %v", z, got, want)
		}
	}
}

// moments draws many numbers and compares mean and variance with what they should be.
func moments(t *testing.T, what string, mean, variance float64, draw func(s *stream) int64) {
	t.Helper()
	const n = 20000
	s := streamOf(7, forSwarm, name(what))
	var sum, squares float64
	for range n {
		v := float64(draw(&s)) - mean
		sum += v
		squares += v * v
	}
	if off := sum / n; math.Abs(off) > 5*math.Sqrt(variance/n)+1e-9 {
		t.Errorf("%s: the mean is off by %v of %v", what, off, mean)
	}
	if v := squares / n; math.Abs(v-variance) > 0.06*variance+5/math.Sqrt(n) {
		t.Errorf("%s: the variance is %v, want %v", what, v, variance)
	}
}

func TestVariates(t *testing.T) {
	for _, n := range []int64{1, 7, 64, 150, 5000, 300_000} {
		for _, p := range []float64{0, 0.001, 0.01, 0.3, 0.5, 0.97, 1} {
			nf := float64(n)
			moments(t, fmt.Sprintf("binomial %d %v", n, p), nf*p, nf*p*(1-p), func(s *stream) int64 { return binomial(s, n, chance(p)) })
		}
	}
	for _, mean := range []float64{0.01, 0.7, 1, 9.37, 150, 4000.5, 70_000} {
		moments(t, fmt.Sprintf("poisson %v", mean), mean, mean, func(s *stream) int64 { return poisson(s, mean) })
		tab := poissonTable(mean)
		moments(t, fmt.Sprintf("table %v", mean), mean, mean, tab.draw)
	}
	key := uint64(0)
	for _, c := range []struct {
		n int64
		p float64
	}{{1500, 0.01}, {20, 0.1}, {1, 0.3}, {400, 0.0004}, {90, 0.7}} {
		mean := float64(c.n) * c.p
		for _, below := range countsBelow {
			moments(t, fmt.Sprint(below.name, c), mean, mean*(1-c.p), func(*stream) int64 {
				var found [1]int64
				key++
				below.count(mix(key), c.n, []uint64{chance(c.p)}, found[:])
				return found[0]
			})
		}
	}
}

// countsBelow are the ways to count numbers below limits.
var countsBelow = []struct {
	name  string
	count func(base uint64, n int64, limits []uint64, counts []int64)
}{
	{"lowest", lowest},
	{"underneath", func(base uint64, n int64, limits []uint64, counts []int64) { underneath(base, 1, n, limits, counts) }},
}

// Several limits at once give what each gives alone, and counts that fall with them.
func TestUnderneathFitsTogether(t *testing.T) {
	for _, below := range countsBelow {
		t.Run(below.name, func(t *testing.T) { fitsTogether(t, below.count) })
	}
}

func fitsTogether(t *testing.T, count func(base uint64, n int64, limits []uint64, counts []int64)) {
	for key := range uint64(300) {
		n := []int64{1, 24, 25, 1000, 50_000}[key%5]
		var limits []uint64
		for _, p := range []float64{0.97, 0.9, 0.5, 0.1, 0.01, 0.0101, 0.001, 0} {
			limits = append(limits, chance(p))
		}
		slices.SortFunc(limits, func(a, b uint64) int { return cmp.Compare(b, a) })
		together := make([]int64, len(limits))
		count(key, n, slices.Clone(limits), together)
		for i, limit := range limits {
			var alone [1]int64
			count(key, n, []uint64{limit}, alone[:])
			if alone[0] != together[i] || i > 0 && together[i] > together[i-1] {
				t.Fatalf("key %d, limit %d: %d alone, %v together", key, i, alone[0], together)
			}
		}
	}
}

// Asked again, in another order, or in parts, the answers are the same.
func TestMeasurementsAreConsistent(t *testing.T) {
	cfg := bad(installed(DefaultConfig()))
	at := func(order []int) []engine.Measurement {
		w, _ := canaryAtMinute(t, cfg)
		w.RunUntil(epoch.Add(10 * time.Minute))
		got := make([]engine.Measurement, 4)
		for _, i := range order {
			from, to := []time.Duration{0, 0, 3, 5}[i]*time.Minute, []time.Duration{3, 10, 10, 6}[i]*time.Minute
			got[i] = ask(t, w, newArm, epoch.Add(from), epoch.Add(to), byTenant, 100, 432.1)
		}
		return got
	}
	one, two := at([]int{0, 1, 2, 3}), at([]int{3, 2, 1, 0, 1, 2, 3, 0})
	for i := range one {
		if !reflect.DeepEqual(one[i], two[i]) {
			t.Errorf("question %d has two answers:\n%+v\n%+v", i, one[i], two[i])
		}
	}
	if one[0].Requests+one[2].Requests != one[1].Requests || one[0].Slower[1]+one[2].Slower[1] != one[1].Slower[1] || one[0].Errors+one[2].Errors != one[1].Errors {
		t.Errorf("the parts are not the whole: %+v, %+v, %+v", one[0], one[2], one[1])
	}
}

// Strategies see the same requests: who sends what does not depend on who serves it.
func TestRequestsDoNotDependOnService(t *testing.T) {
	w1, p1 := canaryAtMinute(t, installed(DefaultConfig()))
	w2, p2 := canaryAtMinute(t, bad(installed(DefaultConfig())))
	a := measure(t, w1, p1, newArm, 10*time.Second, 60*time.Second)
	b := measure(t, w2, p2, newArm, 10*time.Second, 60*time.Second)
	if a.Requests != b.Requests || a.Errors >= b.Errors {
		t.Errorf("a good version has %d requests, %d errors, a bad one %d, %d", a.Requests, a.Errors, b.Requests, b.Errors)
	}
}

// Tenants are sticky: while nothing changes for them, they stay where they are.
func TestTenantsAreSticky(t *testing.T) {
	w, plan := canaryAtMinute(t, installed(DefaultConfig()))
	was := append(packed(nil), w.Segments[len(w.Segments)-1].Map...)
	order(t, w, plan, plan.Stages[2].Changes[0], nil)
	now := w.Segments[len(w.Segments)-1].Map
	moved := 0
	for tenant := range now {
		if now[tenant] != was[tenant] {
			moved++
		}
	}
	if moved != 30 {
		t.Errorf("%d tenants moved, and 30 were told to", moved)
	}
}
