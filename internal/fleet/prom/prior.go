package prom

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// priorTime is how far back Prior looks, an hour at a time: whoever is asked adds the hours up
// one after the other, and holds no more of them than one.
const (
	priorTime = 24 * time.Hour
	priorStep = time.Hour
)

// Prior fills in what each tenant did in the day before at, on any version: its requests and
// errors, as increases over whole hours have them, which lack the first sample of a counter and
// what is between two scrapes. That is good enough to say how unlike tenants are, and nothing
// else comes of it. The error says why it is not known; then nothing is filled in.
func (m *Meter) Prior(ctx context.Context, at time.Time, tenants []engine.Tenant) error {
	if !m.src.sums() {
		return errors.New("instances that are scraped know nothing of the day before")
	}
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.leave()
	by := m.outcome(queryTenantErrors)
	requests, failed := map[string]float64{}, map[string]float64{}
	err := m.sumDay(ctx, queryTenantRequests, by, at, func(tenant, outcome string, n float64) {
		requests[tenant] += n
		if by != "" && outcome == OutcomeError {
			failed[tenant] += n
		}
	})
	if _, own := m.queries[queryTenantErrors]; own && err == nil {
		err = m.sumDay(ctx, queryTenantErrors, "", at, func(tenant, _ string, n float64) { failed[tenant] += n })
	}
	if err != nil {
		return err
	}
	for i := range tenants {
		t := &tenants[i]
		t.PriorRequests = int64(math.Round(requests[t.ID]))
		t.PriorErrors = min(int64(math.Round(failed[t.ID])), t.PriorRequests)
	}
	return nil
}

// sumDay tells what counters of tenants counted, hour by hour.
func (m *Meter) sumDay(ctx context.Context, query, by string, at time.Time, tell func(tenant, outcome string, n float64)) error {
	sel := m.queries[query]
	f := follower{m: m, family: family{query: query, sel: sel, by: by, tenant: true}}
	labels := m.set.Labels.Tenant
	if by != "" {
		labels += ", " + by
	}
	to, step := at.UnixMilli(), priorStep.Milliseconds()
	got, err := m.src.stepped(ctx, fmt.Sprintf("sum by (%s) (increase(%s))", labels, sel.over(priorStep)), to-priorTime.Milliseconds()+step, to, priorStep)
	if err == nil {
		err = f.sound(got)
	}
	if err != nil {
		return f.named(err)
	}
	for i := range got {
		for _, p := range got[i].Values {
			tell(got[i].Metric[m.set.Labels.Tenant], got[i].Metric[by], p.v)
		}
	}
	return nil
}
