package engine

import "time"

// Repairs says whether p only brings the instances along that do not serve the version
// which the others serve already. Such a rollout brings no version to the fleet, and what
// the fleet ran before it is not what it is to go back to.
func (p *Plan) Repairs() bool { return p.Restores == "" && p.Baseline == p.Candidate }

// CompileRestore compiles the plan that takes a completed rollout back: each
// instance to its own version before it, in waves of a quarter, gated by
// readiness. Where the rollout's old slot still stands ready, traffic returns to
// it in one switch. Instances that ran the candidate before the rollout stay on it,
// and those that were not there get the baseline. A repair cannot be taken back.
func CompileRestore(rollout string, last Plan, fleet Snapshot) (Plan, error) {
	c := &compiler{spec: last.Spec, fleet: fleet, active: fleet.Active()}
	c.spec.Version = last.Baseline
	c.plan = Plan{
		Format: PlanFormat, Rollout: rollout, Spec: c.spec, Restores: last.Rollout,
		Baseline: fleet.Baseline(), Candidate: last.Baseline, Slot: fleet.ActiveSlot(), Pace: fleet.Capabilities.pace(),
	}
	var ps Problems
	switch {
	case last.Repairs():
		ps.add("rollout", last.Rollout, "only brought instances to the version that the others had: there is nothing behind it")
		return Plan{}, ps
	case len(c.active) == 0:
		ps.add("fleet", nil, "has no instances for %s in %s", c.spec.PluginID, c.spec.Environment)
		return Plan{}, ps
	}
	version := servedBefore(last)
	c.orderTenants()
	if c.oldSlotStands(last, version) {
		c.restoreSlot(last)
	} else {
		for _, i := range c.active {
			if version(i.ID) != i.Default {
				c.plan.Instances = append(c.plan.Instances, PlanInstance{ID: i.ID, Default: i.Default, Installed: i.Installed, Ready: i.Ready})
			}
		}
		back := func(i PlanInstance) string { return version(i.ID) }
		if c.checkWay(&ps, "rollout", back); len(ps) > 0 {
			return Plan{}, ps
		}
		c.waves("wave", c.quarter(), Stage{Settle: time.Minute}, back)
	}
	// Only health counts on this way: the version that returns is not on trial.
	c.plan.Guards = Guards{ConsecutiveHealthFailures: *c.spec.Triggers.ConsecutiveHealthFailures, OnTrip: Rollback}
	if !c.can(CanProbes) {
		c.plan.Guards.ConsecutiveHealthFailures = 0
	}
	c.warnOutage()
	c.plan.Digest = c.plan.digest()
	return c.plan, nil
}

// servedBefore is what each instance served before a rollout, by its id.
func servedBefore(last Plan) func(id string) string {
	before := map[string]string{}
	for _, id := range last.Had { // what is not among the instances had nothing to change
		before[id] = last.Candidate
	}
	for _, i := range last.Instances {
		before[i.ID] = i.Default
	}
	return func(id string) string {
		if v, ok := before[id]; ok {
			return v
		}
		return last.Baseline
	}
}

// oldSlotStands says whether the slot that last switched away from still has all
// its instances ready on the version they had.
func (c *compiler) oldSlotStands(last Plan, version func(id string) string) bool {
	if last.NewSlot == "" || c.plan.Slot != last.NewSlot || last.Baseline == "" {
		return false
	}
	n := 0
	for _, i := range c.fleet.Instances {
		if i.Slot == last.Slot {
			if !i.Ready || i.Default != version(i.ID) {
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
