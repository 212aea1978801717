package engine

import (
	"fmt"
	"time"
)

// gradualSteps is how many equal steps a gradual switchover has, or as many as there are
// tenants where those are fewer: a step that reaches nobody new shows nothing.
const gradualSteps = 5

// blueGreen prepares a second slot, tests it, and routes the traffic to it; the
// old slot stays as the way back until it is retired, or for the next rollout.
func (c *compiler) blueGreen() {
	b := c.spec.BlueGreen
	settle, n := time.Duration(*b.HealthCheckTimeout), len(c.active)
	instances := Exposure{Instances: n}
	everyone := c.everybody()
	c.prepareSlot(settle)
	if warm := time.Duration(*b.WarmupPeriod); warm > 0 {
		c.add(Stage{Name: "warm up", Bake: warm, Exposure: instances})
	}
	if len(b.SmokeTests) > 0 && c.can(CanSmokeTests) {
		c.add(Stage{
			Name:    "smoke tests",
			Changes: []Change{{Kind: Smoke, Slot: c.plan.NewSlot, Tests: b.SmokeTests}},
			Settle:  settle, Exposure: instances,
			Gate: Gate{Smoke: true, OnFail: Rollback, OnInconclusive: Rollback, MaxExtension: 1},
		})
	}
	steps := c.switchSteps()
	for i := 1; i <= steps; i++ {
		stage := c.shift((100*i + steps - 1) / steps)
		stage.Settle = settle
		if *b.SwitchoverType == Gradual {
			stage.Bake = time.Duration(*b.SwitchoverPeriod) / time.Duration(steps)
			stage.Gate = c.gate(b.Thresholds, 0)
		}
		c.add(stage)
	}
	c.add(Stage{
		Name: "monitor", Bake: time.Duration(*b.MonitoringPeriod),
		Gate: c.gate(b.Thresholds, len(c.plan.Tenants)), Exposure: everyone,
	})
	if !*b.KeepPreviousEnvironment {
		c.retireOld(settle)
	}
}

// everybody is the exposure where the new slot takes all traffic.
func (c *compiler) everybody() Exposure {
	return Exposure{Tenants: len(c.plan.Tenants), Instances: len(c.active), Share: 100}
}

// prepareSlot gives the slot that does not serve as many instances as the one that does.
func (c *compiler) prepareSlot(settle time.Duration) {
	n := len(c.active)
	c.plan.NewSlot = "green"
	if c.plan.Slot == "green" {
		c.plan.NewSlot = "blue"
	}
	c.add(Stage{
		Name:    "provision " + c.plan.NewSlot,
		Changes: []Change{{Kind: Provision, Slot: c.plan.NewSlot, Count: n, Version: c.plan.Candidate}},
		Undo:    []Change{c.standby()}, Settle: settle, Exposure: Exposure{Instances: n},
	})
}

// retireOld removes the slot that served before.
func (c *compiler) retireOld(settle time.Duration) {
	c.add(Stage{
		Name: "retire " + c.plan.Slot, Changes: []Change{{Kind: Retire, Slot: c.plan.Slot}},
		Settle: settle, Final: true, Exposure: c.everybody(),
	})
}

// switchSteps is in how many steps the traffic is switched.
func (c *compiler) switchSteps() int {
	if *c.spec.BlueGreen.SwitchoverType != Gradual {
		return 1
	}
	n := len(c.plan.Tenants)
	if n == 0 || n >= gradualSteps { // without tenants the router shares out requests
		return gradualSteps
	}
	c.warnf("steps merged", "the %d steps of a gradual switch are merged into %d: each moves at least one of %s", gradualSteps, n, Plural(n, "tenant"))
	return n
}

// standby is the change that gives the new slot back what it was.
func (c *compiler) standby() Change {
	count, version := 0, ""
	for _, i := range c.fleet.Instances {
		if i.Slot == c.plan.NewSlot {
			count, version = count+1, i.Default
		}
	}
	if count == 0 {
		return Change{Kind: Retire, Slot: c.plan.NewSlot}
	}
	return Change{Kind: Provision, Slot: c.plan.NewSlot, Count: count, Version: version}
}

// shift is the stage that routes a share of the traffic, in percent, to the new slot. Every
// step has the same undo, all traffic back: a rollback is one switch.
func (c *compiler) shift(to int) Stage {
	routes := []Route{{c.plan.Slot, float64(100 - to)}, {c.plan.NewSlot, float64(to)}}
	if c.plan.NewSlot < c.plan.Slot {
		routes[0], routes[1] = routes[1], routes[0]
	}
	share, heaviest, whole := float64(to), 0.0, 0.0
	for _, t := range c.plan.Tenants {
		heaviest, whole = max(heaviest, t.Weight), whole+t.Weight
	}
	if len(c.plan.Tenants) > 0 { // the router moves whole tenants, at least one
		share = max(share, min(100, Percent(heaviest, whole)))
	}
	return Stage{
		Name:    fmt.Sprintf("switch %d%%", to),
		Changes: []Change{{Kind: Shift, Routes: routes}},
		Undo:    []Change{{Kind: Shift, Routes: c.fleet.Routes}},
		Exposure: Exposure{
			Tenants:   tenantsOfRoute(len(c.plan.Tenants), to),
			Instances: len(c.active), Share: share,
		},
	}
}

// tenantsOfRoute is how many of n tenants a route of that many percent gets at most: it
// rounds down, so that no slot has more than its share, but it is at least one.
func tenantsOfRoute(n, percent int) int { return min(n, max(1, n*percent/100)) }
