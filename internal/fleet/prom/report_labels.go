package prom

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// lately is how far back instances are looked for that have gone.
const lately = 15 * time.Minute

// replicaLabels are those by which pairs of the same Prometheus tell themselves apart.
var replicaLabels = []string{"replica", "prometheus_replica", "__replica__"}

// reportLabels finds out what the labels of the requests make wrong, and which instances
// there are.
func (m *Meter) reportLabels(ctx context.Context, r *Report, at int64) {
	sel, l := m.queries[queryRequests], &m.set.Labels
	if !r.has(queryRequests) {
		return
	}
	wrong := func(text string, args ...any) { r.Wrong = append(r.Wrong, fmt.Sprintf(text, args...)) }
	groups := func(back time.Duration, by ...string) []series {
		got, err := m.src.groups(ctx, sel, by, at, back)
		if err != nil {
			wrong("%v", err)
		}
		return got
	}
	if slices.Contains(r.Of(queryRequests).Versions, "") {
		wrong("some series of requests have no label %q: what they count belongs to no version", l.Version)
	}
	if by := m.outcome(queryErrors); by != "" {
		for _, g := range groups(0, by) {
			switch o := g.Metric[by]; o {
			case OutcomeSuccess, OutcomeError, OutcomeTimeout:
			default:
				wrong("some series of requests have the %s %q, which is none of %q, %q and %q", by, engine.Shortened(o), OutcomeSuccess, OutcomeError, OutcomeTimeout)
			}
		}
	}
	for _, label := range replicaLabels {
		if len(groups(0, label)) > 1 {
			wrong("the series of requests differ by the label %q: each is there once for every replica, and counted as often; have them made one, as dedup=true does in a Thanos", label)
		}
	}
	r.Instances = m.instances(groups(3*r.Scrape+m.set.Delay, l.Instance, "instance"))
	r.Lately = m.instances(groups(lately, l.Instance, "instance"))
}

// instances is how many the labels of some series tell of.
func (m *Meter) instances(of []series) int {
	seen := map[string]bool{}
	for i := range of {
		seen[m.set.Labels.instanceOf(of[i].Metric)] = true
	}
	return len(seen)
}

// remembers says whether the day before of each tenant can be asked for.
func (m *Meter) remembers(r *Report) bool {
	return m.src.sums() && r.has(queryTenantRequests) && (m.outcome(queryTenantErrors) != "" || r.has(queryTenantErrors))
}

// conclude says what follows from what there is.
func (m *Meter) conclude(r *Report) {
	c := &r.Capabilities
	outcomes := m.outcome(queryErrors) != "" || r.has(queryErrors) || m.mayBeNone(queryErrors)
	for _, need := range []struct {
		what engine.Capability
		has  bool
	}{
		{engine.CanTraffic, r.has(queryRequests) && outcomes && len(r.Wrong) == 0},
		{engine.CanLatency, r.has(queryDuration)},
		{engine.CanTimeouts, r.has(queryRequests) && m.outcome(queryTimeouts) != "" || r.has(queryTimeouts) || m.mayBeNone(queryTimeouts)},
		{engine.CanConversions, r.has(queryConversions)},
		{engine.CanSatisfaction, r.has(querySatisfaction)},
		{engine.CanExecutionTime, r.has(queryExecution)},
		{engine.CanCPU, r.has(queryCPU)},
		{engine.CanMemory, r.has(queryMemory)},
		{engine.CanTenantsSeen, r.has(queryTenantRequests)},
		{engine.CanByTenant, r.has(queryTenantRequests)},
		{engine.CanHistory, m.remembers(r)},
	} {
		if !need.has {
			c.Lacks = append(c.Lacks, need.what)
		}
	}
	c.LatencyBounds = r.Of(queryDuration).Bounds
	c.Resolution, c.Delay = r.Scrape, m.set.Delay
	if r.Extrapolates {
		c.Resolution = max(c.Resolution, tileScrapes*r.Scrape)
	}
}
