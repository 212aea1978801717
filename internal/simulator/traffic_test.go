package simulator

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

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

// Strategies see the same requests: how many there are does not depend on who serves
// them, nor on how well.
func TestRequestsDoNotDependOnService(t *testing.T) {
	w1, p1 := canaryAtMinute(t, installed(DefaultConfig()))
	w2, p2 := canaryAtMinute(t, bad(installed(DefaultConfig())))
	a := measure(t, w1, p1, newArm, 10*time.Second, 60*time.Second)
	b := measure(t, w2, p2, newArm, 10*time.Second, 60*time.Second)
	old1 := measure(t, w1, p1, oldArm, 10*time.Second, 60*time.Second)
	old2 := measure(t, w2, p2, oldArm, 10*time.Second, 60*time.Second)
	if a.Requests+old1.Requests != b.Requests+old2.Requests || math.Abs(float64(a.Requests-b.Requests)) > 40 || a.Errors >= b.Errors {
		t.Errorf("a good version has %d requests, %d errors, a bad one %d, %d; beside it there are %d and %d", a.Requests, a.Errors, b.Requests, b.Errors, old1.Requests, old2.Requests)
	}
}

// Tenants are sticky: while nothing changes for them, they stay where they are.
func TestTenantsAreSticky(t *testing.T) {
	w, plan := canaryAtMinute(t, installed(DefaultConfig()))
	was := slices.Clone(w.Segments[len(w.Segments)-1].Map)
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
