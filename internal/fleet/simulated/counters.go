package simulated

import (
	"context"
	"maps"
	"math"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator"
)

// counters are what the instances of a fleet have counted. The simulator knows what each
// version did, and not which of the instances did how much of it: it is dealt evenly to
// those that serve the version.
type counters struct {
	place     *Place
	config    simulator.Config
	bounds    bounds
	until     time.Time // on the world's clock, what is counted
	rounds    int       // in which something was dealt
	instances map[key]*counted
	tenants   map[key]*counted
	known     map[string]bool // versions that all tenants count for
}

// key is an instance or a tenant, and a version.
type key struct{ id, version string }

// counted is what one of them has counted of a version.
type counted struct {
	slot             string
	since            time.Time // on the world's clock, when it began to serve
	start            time.Time // of the counters
	outcomes         [3]int64  // success, error, timeout
	requests         int64     // with a latency
	slower           []int64   // than each of the bounds
	latency          float64   // ms, of all together
	execution, score engine.Mean
	conversions      int64
	cpu, memory      float64
}

// mostTenants is up to how many tenants each is told alone: a Prometheus has a series for
// each of their outcomes and versions.
const mostTenants = 2_000

func newCounters(p *Place) *counters {
	c := &counters{place: p, config: p.world.Config(), instances: map[key]*counted{}, tenants: map[key]*counted{}, known: map[string]bool{}}
	c.bounds = boundsOf(c.config.Metrics.Bounds)
	p.do(func() { c.until = p.world.Now() })
	return c
}

// byTenant says whether tenants are told alone.
func (c *counters) byTenant() bool {
	return c.config.Tenants <= mostTenants && !c.config.Lacks(engine.CanByTenant) && !c.config.Lacks(engine.CanTenants)
}

// count brings the counters up to date, of whoever has the world.
func (c *counters) count() error {
	w := c.place.world
	serving, err := c.appear()
	if err != nil {
		return err
	}
	from, to := c.until, w.Now()
	if !to.After(from) {
		return nil
	}
	q := engine.Question{From: from, To: to, Bounds: c.bounds.all, Candidate: engine.WantCounts | engine.WantSlower | engine.WantMeans}
	if c.byTenant() {
		q.Candidate |= engine.WantByTenant
	}
	for version, there := range serving {
		if err := c.greet(version); err != nil {
			return err
		}
		q.Version = version
		a, err := w.Count(context.Background(), q)
		if err != nil {
			return err
		}
		c.deal(&a.Candidate, there)
		c.take(&a.Candidate, version)
	}
	c.until = to
	c.rounds++
	return nil
}

// appear has each instance that serves a version begin to count for it, anew where it was
// started anew, and forgets those that do not any more. It gives, for each version, those
// who serve it: that have it as their default, or otherwise that have it at all.
func (c *counters) appear() (serving map[string][]*counted, err error) {
	w, there := c.place.world, map[key]bool{}
	serving = map[string][]*counted{}
	beside, shares := map[string][]*counted{}, map[string]float64{}
	head, err := w.Describe(context.Background())
	if err != nil {
		return nil, err
	}
	for _, r := range head.Routes {
		shares[r.Slot] = r.Percent
	}
	for i, err := range w.Instances(context.Background()) {
		if err != nil {
			return nil, err
		}
		for _, version := range i.Installed {
			one := c.meet(&i, version)
			if one == nil {
				continue
			}
			there[key{i.ID, version}] = true
			switch {
			case shares[i.Slot] == 0:
			case i.Default == version:
				serving[version] = append(serving[version], one)
			default:
				beside[version] = append(beside[version], one)
			}
		}
	}
	maps.DeleteFunc(c.instances, func(k key, _ *counted) bool { return !there[k] })
	for version, all := range beside {
		if serving[version] == nil {
			serving[version] = all
		}
	}
	return serving, nil
}

// meet is what an instance has counted of a version; nil: it does not serve it now, or
// its counters are never read.
func (c *counters) meet(i *engine.Instance, version string) *counted {
	w, k := c.place.world, key{i.ID, version}
	since, ok := w.Serving(i.ID, version)
	if !ok || !w.Reports(i.ID) {
		return nil
	}
	known := c.instances[k]
	if known == nil || !known.since.Equal(since) {
		start := since
		if start.Before(c.until) { // what it did before, nobody counted
			start = c.until
		}
		known = &counted{since: since, start: c.place.inContract(start), slower: make([]int64, len(c.bounds.all))}
		c.instances[k] = known
	}
	known.slot = i.Slot
	return known
}

// share is what of n the one at a place gets, of so many. More of n is more for each, or
// the same.
func share(n int64, at, of int) int64 { return (n + int64(of-1-at)) / int64(of) }

// deal adds what a version did to those who serve it. What does not go into equal parts
// goes to others each round.
func (c *counters) deal(m *engine.Measurement, to []*counted) {
	of := len(to)
	for i, one := range to {
		at := (i + c.rounds) % of
		part := func(n int64) int64 { return share(n, at, of) }
		one.outcomes[0] += part(m.Requests - m.Errors - m.Timeouts)
		one.outcomes[1] += part(m.Errors)
		one.outcomes[2] += part(m.Timeouts)
		one.conversions += part(m.Conversions)
		if n := part(m.Latency.Count); n > 0 && !math.IsNaN(m.Latency.Sum) {
			one.requests += n
			one.latency += m.Latency.Sum * float64(n) / float64(m.Latency.Count)
			for b, slower := range m.Slower {
				one.slower[b] += part(min(slower, m.Latency.Count))
			}
		}
		add(&one.execution, &m.Execution, part(m.Execution.Count))
		add(&one.score, &m.Satisfaction, part(m.Satisfaction.Count))
		if m.CPU.Count > 0 {
			one.cpu, one.memory = m.CPU.Sum/float64(m.CPU.Count), m.Memory.Sum/float64(m.Memory.Count)
		}
	}
}

// add adds n of the values of a mean to another one.
func add(to, from *engine.Mean, n int64) {
	if n > 0 && !math.IsNaN(from.Sum) {
		to.Sum, to.Count = to.Sum+from.Sum*float64(n)/float64(from.Count), to.Count+n
	}
}

// greet has all tenants begin to count, with 0, for a version that begins to be served.
func (c *counters) greet(version string) error {
	if c.known[version] || !c.byTenant() {
		return nil
	}
	for tenant, err := range c.place.world.Tenants(context.Background()) {
		if err != nil {
			return err
		}
		c.tenants[key{tenant.ID, version}] = &counted{start: c.place.inContract(c.until)}
	}
	c.known[version] = true
	return nil
}

// take adds what a version did for each tenant.
func (c *counters) take(m *engine.Measurement, version string) {
	for i := range m.PerTenant {
		t := &m.PerTenant[i]
		one := c.tenants[key{t.Tenant, version}]
		one.outcomes[0] += t.Requests - t.Errors - t.Timeouts
		one.outcomes[1] += t.Errors
		one.outcomes[2] += t.Timeouts
		one.conversions += t.Conversions
		if n := t.Latency.Count; n > 0 && !math.IsNaN(t.Latency.Sum) {
			one.requests, one.latency = one.requests+n, one.latency+t.Latency.Sum
		}
		add(&one.score, &t.Satisfaction, t.Satisfaction.Count)
	}
}
