package postgresql

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Measure implements [engine.Meter]: a request is a transaction, and an error one that was
// rolled back. What is counted begins with the program: of the time before there is nothing.
func (f *Fleet) Measure(ctx context.Context, q engine.Question) (a engine.Answer, err error) {
	if err := f.ready(ctx); err != nil {
		return a, err
	}
	l := f.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	from, to := q.From.UnixMilli(), q.To.UnixMilli()
	arms := [2]*arm{newArm(q.Candidate), newArm(q.Baseline)}
	for key, all := range l.cells {
		of := arms[1]
		if q.Version != "" && key.version == q.Version {
			of = arms[0]
		}
		of.add(key.tenant, between(all, from, to))
	}
	timed := f.timed()
	a.Candidate, a.Baseline = arms[0].measurement(timed), arms[1].measurement(timed)
	a.Coverage = f.coverage(&q, from, to)
	return a, nil
}

// coverage is of how many of the servers in scope there are samples; l.mu is held.
func (f *Fleet) coverage(q *engine.Question, from, to int64) float64 {
	scope := map[string]bool{}
	for i := range q.Instances {
		scope[q.Instances[i].ID] = true
	}
	if q.Slot == slot {
		for _, s := range f.servers {
			scope[s.Name] = true
		}
	}
	n := 0
	for name := range scope {
		if f.ledger.answered(name, from, to) {
			n++
		}
	}
	if len(scope) == 0 {
		return 0
	}
	return float64(n) / float64(len(scope))
}

// arm adds up what one side of a comparison served.
type arm struct {
	want    engine.Want
	m       engine.Measurement
	tenants map[string]*engine.TenantCount
	minutes map[int64]*engine.MinuteCount
	newest  int64
}

func newArm(want engine.Want) *arm {
	return &arm{want: want, tenants: map[string]*engine.TenantCount{}, minutes: map[int64]*engine.MinuteCount{}}
}

func (a *arm) add(tenant string, all []entry) {
	for i := range all {
		e := &all[i]
		a.newest = max(a.newest, e.end)
		a.m.Execution.Sum += e.ms
		a.m.Execution.Count += e.calls
		if e.requests == 0 {
			continue
		}
		a.m.Requests += e.requests
		a.m.Errors += e.errors
		t := a.tenants[tenant]
		if t == nil {
			t = &engine.TenantCount{Tenant: tenant}
			a.tenants[tenant] = t
		}
		t.Requests, t.Errors = t.Requests+e.requests, t.Errors+e.errors
		start := e.end - e.end%aMinute
		m := a.minutes[start]
		if m == nil {
			m = &engine.MinuteCount{Start: time.UnixMilli(start).UTC()}
			a.minutes[start] = m
		}
		m.Requests, m.Errors = m.Requests+e.requests, m.Errors+e.errors
	}
}

// leastOfWorst is how many requests the tenant needs that fared worst.
const leastOfWorst = 20

// measurement is what was wanted of the arm.
func (a *arm) measurement(timed bool) engine.Measurement {
	m := a.m
	if a.newest > 0 {
		m.Newest = time.UnixMilli(a.newest).UTC()
	}
	if a.want&engine.WantMeans == 0 || !timed {
		m.Execution = engine.Mean{}
	}
	if a.want&engine.WantMinutes != 0 {
		for _, start := range slices.Sorted(maps.Keys(a.minutes)) {
			m.Minutes = append(m.Minutes, *a.minutes[start])
		}
	}
	all := slices.SortedFunc(maps.Values(a.tenants), func(x, y *engine.TenantCount) int { return cmp.Compare(x.Tenant, y.Tenant) })
	if a.want&engine.WantTenants != 0 {
		m.Tenants, m.Worst = len(all), worst(all)
	}
	if a.want&engine.WantByTenant != 0 {
		for _, t := range all {
			m.PerTenant = append(m.PerTenant, *t)
		}
	}
	return m
}

// worst is the tenant with the greatest share of errors, of those with enough requests; nil:
// none has.
func worst(all []*engine.TenantCount) (of *engine.TenantCount) {
	for _, t := range all {
		if t.Requests >= leastOfWorst && (of == nil || t.Errors*of.Requests > of.Errors*t.Requests) {
			own := *t
			of = &own
		}
	}
	return of
}
