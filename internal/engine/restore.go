package engine

import "time"

// CompileRestore compiles the plan that takes a completed rollout back: each
// instance to its own version before it, in waves of a quarter, gated by
// readiness. Where the rollout's old slot still stands ready, traffic returns to
// it in one switch. Instances that were not there get the baseline.
func CompileRestore(rollout string, last Plan, fleet Snapshot) (Plan, error) {
	c := &compiler{spec: last.Spec, fleet: fleet, active: fleet.Active()}
	c.spec.Version = last.Baseline
	c.plan = Plan{
		Format: PlanFormat, Rollout: rollout, Spec: c.spec, Restores: last.Rollout,
		Baseline: fleet.Baseline(), Candidate: last.Baseline, Slot: fleet.ActiveSlot(),
	}
	if len(c.active) == 0 {
		var ps Problems
		ps.add("fleet", nil, "has no instances for %s in %s", c.spec.PluginID, c.spec.Environment)
		return Plan{}, ps
	}
	prior := map[string]string{}
	for _, i := range last.Instances {
		prior[i.ID] = i.Default
	}
	version := func(i PlanInstance) string {
		if v, ok := prior[i.ID]; ok {
			return v
		}
		return last.Baseline
	}
	c.orderTenants()
	if c.oldSlotStands(last) {
		c.restoreSlot(last)
	} else {
		for _, i := range c.active {
			if p := (PlanInstance{ID: i.ID, Default: i.Default, Installed: i.Installed, Ready: i.Ready}); version(p) != i.Default {
				c.plan.Instances = append(c.plan.Instances, p)
			}
		}
		c.waves("wave", c.quarter(), Stage{Settle: time.Minute}, version)
	}
	// Only health counts on this way: the version that returns is not on trial.
	c.plan.Guards = Guards{ConsecutiveHealthFailures: *c.spec.Triggers.ConsecutiveHealthFailures, OnTrip: Rollback}
	c.plan.Digest = c.plan.digest()
	return c.plan, nil
}

// oldSlotStands says whether the slot that last switched away from still has all
// its instances ready on the version they had.
func (c *compiler) oldSlotStands(last Plan) bool {
	if last.NewSlot == "" || c.plan.Slot != last.NewSlot || last.Baseline == "" {
		return false
	}
	n := 0
	for _, i := range c.fleet.Instances {
		if i.Slot == last.Slot {
			if !i.Ready || i.Default != last.Baseline {
				return false
			}
			n++
		}
	}
	return n >= len(c.active)
}

func (c *compiler) restoreSlot(last Plan) {
	c.plan.NewSlot = last.Slot
	stage := c.shift(100)
	stage.Settle = time.Minute
	c.add(stage)
	give := last.Stages[0].Undo // of the provisioning: the new slot as it was
	c.add(Stage{Name: "retire " + last.NewSlot, Changes: give, Settle: 5 * time.Minute, Final: true, Exposure: stage.Exposure})
}
