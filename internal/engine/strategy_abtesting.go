package engine

import (
	"fmt"
	"time"
)

// abTesting serves A and B side by side, each to its own tenants, compares them,
// and adopts B where it wins. Where A stays, the way back is the whole answer.
func (c *compiler) abTesting() {
	a := c.spec.ABTesting
	const settle = time.Minute
	all, instances := c.all(), len(c.plan.Instances)
	if changes, undo := c.installs(all); len(changes) > 0 {
		c.add(Stage{Name: "install B", Changes: changes, Undo: undo, Settle: settle, Touched: all, Exposure: Exposure{Instances: instances}})
	}
	n, share := c.tenantsOfB(float64(a.TrafficSplit.B))
	b := Range{0, n}
	var weightA, weightB float64
	for i, t := range c.plan.Tenants {
		if i < n {
			weightB += t.Weight
		} else {
			weightA += t.Weight
		}
	}
	free := c.plan.Movable // the others keep what they are pinned to, and are not compared
	gate := c.gate(a.Thresholds, min(n, free-n))
	gate.Compare = &Compare{Metrics: c.decisionMetrics(), WinnerThreshold: *a.WinnerThreshold, WeightA: weightA, WeightB: weightB, TenantsA: free - n, TenantsB: n, MostB: float64(a.TrafficSplit.B)}
	c.add(Stage{
		Name:    fmt.Sprintf("test %d:%d", a.TrafficSplit.A, a.TrafficSplit.B),
		Changes: []Change{{Kind: Pin, Version: c.plan.Candidate, Tenants: b}},
		Undo:    []Change{{Kind: Unpin, Tenants: b}},
		Settle:  settle, Bake: time.Duration(*a.TestDuration), Gate: gate, Hold: !*a.AutoPromote, Touched: all,
		Exposure: Exposure{Tenants: n, Instances: instances, Share: share},
	})
	changes, undo := c.adopts(n)
	c.add(Stage{Name: "adopt B", Changes: changes, Undo: undo, Settle: settle, Touched: all, Exposure: c.everyone()})
	c.retires()
}

// tenantsOfB takes tenants in the order of exposure as long as their traffic stays
// within limit percent of all, at least one, and leaves A at least one.
func (c *compiler) tenantsOfB(limit float64) (n int, share float64) {
	var whole float64
	for _, t := range c.plan.Tenants {
		whole += t.Weight
	}
	return within(limit, whole, c.plan.Movable, func(i int) float64 { return c.plan.Tenants[i].Weight })
}
