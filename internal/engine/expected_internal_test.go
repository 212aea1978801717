package engine

import (
	"fmt"
	"math"
	"testing"
)

// TestToldInPart: who counts may know of an arm's requests before it knows who sent them, as a
// Prometheus does of instances that it has just found. Errors of all requests are held against what
// all of them should have had, and not against that of the few whose tenant is known.
func TestToldInPart(t *testing.T) {
	past := make([]Tenant, 150)
	for i := range past {
		past[i] = Tenant{ID: fmt.Sprintf("t%d", i), Weight: 1, PriorRequests: 10_000, PriorErrors: int64(10 + i%3*40)}
	}
	gate := &Gate{Alpha: 0.01, MinEffect: 0.25, Mode: Sequential}
	at := func(errors int64, told int) relation {
		e := &Evidence{}
		e.Baseline.Requests, e.Baseline.Errors, e.Candidate.Requests, e.Candidate.Errors = 1500, 8, 600, errors
		arms := [2]toldBy{{requests: e.Baseline.Requests}, {requests: e.Candidate.Requests}}
		for i := range 100 {
			arms[0].tenants = append(arms[0].tenants, TenantCount{Tenant: past[i].ID, Requests: 15})
		}
		for i := range told {
			arms[1].tenants = append(arms[1].tenants, TenantCount{Tenant: past[100+i].ID, Requests: 20})
		}
		e.Expected = shrink(past).expect(arms)
		if got := e.Expected.Requests; got != 600 {
			t.Errorf("%d tenants told: %d requests", told, got)
		}
		return compareErrors(gate, e)
	}
	whole := at(30, 30)
	if !whole.convinces() || math.Abs(whole.ratio-9.4) > 1 {
		t.Errorf("all are told: 30 errors of 600 requests against 8 of 1500 are %.1f times as often, evidence %.1f against %.1f", whole.ratio, whole.evidence, whole.boundary())
	}
	for _, told := range []int{0, 1, 4, 15, 29, 30} {
		if good := at(3, told); good.convinces() || math.Abs(good.ratio-0.94) > 0.15 {
			t.Errorf("%d of 30 tenants are told: 3 errors of 600 requests against 8 of 1500 are %.2f times as often, evidence %.1f against %.1f", told, good.ratio, good.evidence, good.boundary())
		}
		if bad := at(30, told); bad.unadjusted || bad.evidence > whole.evidence+1e-9 || math.Abs(bad.ratio-whole.ratio) > 1.5 {
			t.Errorf("%d of 30 tenants are told: 30 errors are %.1f times as often, evidence %.1f; where all are told %.1f and %.1f", told, bad.ratio, bad.evidence, whole.ratio, whole.evidence)
		}
	}
}
