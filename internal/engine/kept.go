package engine

import "time"

// retireKept removes, at the very end, the slots that an earlier blue-green rollout
// kept and that nobody is routed to: after a rollout of another strategy they are no
// way back any more, and would stand for ever. Blue-green itself uses them again.
func (c *compiler) retireKept() {
	routed := map[string]bool{c.plan.Slot: true}
	for _, r := range c.fleet.Routes {
		routed[r.Slot] = routed[r.Slot] || r.Percent > 0
	}
	for _, i := range c.fleet.Instances {
		if routed[i.Slot] {
			continue
		}
		routed[i.Slot] = true // once
		c.add(Stage{
			Name: "retire " + i.Slot, Changes: []Change{{Kind: Retire, Slot: i.Slot}},
			Settle: 5 * time.Minute, Final: true, Exposure: c.everyone(),
		})
	}
}
