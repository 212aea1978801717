package engine

import (
	"fmt"
	"time"
)

// canary installs the candidate beside the baseline, moves tenants to it share by
// share, each under the gate, and with the last share makes it the default.
func (c *compiler) canary() {
	s := c.spec.Canary
	settle, bake := time.Duration(*s.HealthCheckTimeout), time.Duration(*s.EvaluationPeriod)
	all, instances := c.all(), len(c.plan.Instances)
	changes, undo := c.installs(all)
	if len(changes) > 0 {
		c.add(Stage{Name: "install", Changes: changes, Undo: undo, Settle: settle, Touched: all, Exposure: Exposure{Instances: instances}})
	}
	pinned := 0
	for _, share := range c.canaryShares() {
		stage := Stage{
			Name: fmt.Sprintf("%d%%", share.percent), Settle: settle, Bake: bake, Touched: all,
			Gate:     c.gate(s.Thresholds, share.tenants),
			Exposure: Exposure{Tenants: share.tenants, Instances: instances, Share: c.share(share.tenants)},
		}
		if share.percent < 100 {
			move := Range{pinned, share.tenants}
			stage.Changes = []Change{{Kind: Pin, Version: c.plan.Candidate, Tenants: move}}
			stage.Undo = []Change{{Kind: Unpin, Tenants: move}}
			pinned = share.tenants
		} else {
			stage.Changes, stage.Undo = c.adopts(pinned)
		}
		c.add(stage)
	}
	c.retires()
}

type canaryShare struct{ percent, tenants int }

// canaryShares counts the tenants of each share: rounded up, at least one,
// strictly rising. A share that reaches nobody new is merged into its neighbour.
func (c *compiler) canaryShares() []canaryShare {
	n, last := c.plan.Movable, 0
	var shares []canaryShare
	for _, p := range c.spec.Canary.Stages {
		tenants := (n*p + 99) / 100
		switch {
		case p == 100:
			shares = append(shares, canaryShare{p, n})
		case tenants == n:
			c.warnf("stages merged", "canary stage %d %% is merged into the last one: with %d tenants both reach all of them", p, n)
		case tenants == last:
			c.warnf("stages merged", "canary stage %d %% is merged into the one before it: with %d tenants both reach %d", p, n, tenants)
		default:
			shares = append(shares, canaryShare{p, tenants})
			last = tenants
		}
	}
	return shares
}

// canaryByRoutes brings the candidate up in a second slot and routes the traffic to it
// share by share, each under the gate: for fleets that cannot move tenants one by one.
func (c *compiler) canaryByRoutes() {
	s := c.spec.Canary
	settle, bake := time.Duration(*s.HealthCheckTimeout), time.Duration(*s.EvaluationPeriod)
	c.prepareSlot(max(settle, leastProvision))
	for _, percent := range s.Stages {
		stage := c.shift(percent)
		stage.Name, stage.Settle, stage.Bake = fmt.Sprintf("%d%%", percent), settle, bake
		stage.Gate = c.gate(s.Thresholds, stage.Exposure.Tenants)
		c.add(stage)
	}
	c.retireOld(settle)
}

// leastProvision is the least time that a slot of new instances has to come up: a health
// check timeout is meant for instances that run already.
const leastProvision = 5 * time.Minute
