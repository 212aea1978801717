package engine

import (
	"fmt"
	"time"
)

// gradualSteps is how many equal steps a gradual switchover has.
const gradualSteps = 5

// blueGreen prepares a second slot, tests it, and routes the traffic to it; the
// old slot stays as the way back until it is retired, or for the next rollout.
func (c *compiler) blueGreen() {
	b := c.spec.BlueGreen
	settle, n := time.Duration(*b.HealthCheckTimeout), len(c.active)
	c.plan.NewSlot = "green"
	if c.plan.Slot == "green" {
		c.plan.NewSlot = "blue"
	}
	instances := Exposure{Instances: n}
	everyone := Exposure{Tenants: len(c.plan.Tenants), Instances: n, Share: 100}

	c.add(Stage{
		Name:    "provision " + c.plan.NewSlot,
		Changes: []Change{{Kind: Provision, Slot: c.plan.NewSlot, Count: n, Version: c.plan.Candidate}},
		Undo:    []Change{c.standby()}, Settle: settle, Exposure: instances,
	})
	if warm := time.Duration(*b.WarmupPeriod); warm > 0 {
		c.add(Stage{Name: "warm up", Bake: warm, Exposure: instances})
	}
	c.add(Stage{
		Name:    "smoke tests",
		Changes: []Change{{Kind: Smoke, Slot: c.plan.NewSlot, Tests: b.SmokeTests}},
		Settle:  settle, Exposure: instances,
		Gate: Gate{Smoke: true, OnFail: Rollback, OnInconclusive: Rollback, MaxExtension: 1},
	})
	steps := 1
	if *b.SwitchoverType == Gradual {
		steps = gradualSteps
	}
	for i := 1; i <= steps; i++ {
		stage := c.shift(100 * i / steps)
		stage.Settle = settle
		if steps > 1 {
			stage.Bake = time.Duration(*b.SwitchoverPeriod) / gradualSteps
			stage.Gate = c.gate(b.Thresholds, 0)
		}
		c.add(stage)
	}
	c.add(Stage{
		Name: "monitor", Bake: time.Duration(*b.MonitoringPeriod),
		Gate: c.gate(b.Thresholds, len(c.plan.Tenants)), Exposure: everyone,
	})
	if !*b.KeepPreviousEnvironment {
		c.add(Stage{
			Name: "retire " + c.plan.Slot, Changes: []Change{{Kind: Retire, Slot: c.plan.Slot}},
			Settle: settle, Final: true, Exposure: everyone,
		})
	}
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

// shift is the stage that routes percent of the traffic to the new slot. Every
// step has the same undo, all traffic back: a rollback is one switch.
func (c *compiler) shift(percent int) Stage {
	routes := []Route{{c.plan.Slot, float64(100 - percent)}, {c.plan.NewSlot, float64(percent)}}
	if c.plan.NewSlot < c.plan.Slot {
		routes[0], routes[1] = routes[1], routes[0]
	}
	return Stage{
		Name:    fmt.Sprintf("switch %d%%", percent),
		Changes: []Change{{Kind: Shift, Routes: routes}},
		Undo:    []Change{{Kind: Shift, Routes: c.fleet.Routes}},
		Exposure: Exposure{
			Tenants:   (len(c.plan.Tenants)*percent + 99) / 100,
			Instances: len(c.active), Share: float64(percent),
		},
	}
}
