package engine

import "time"

// warn adds what the user should know before saying yes: where the strategy does
// not fit, and gates that cannot do their work.
func (c *compiler) warn() {
	if len(c.plan.Stages) == 0 || c.plan.Baseline == c.plan.Candidate {
		return
	}
	switch c.spec.Strategy {
	case Direct:
		if c.spec.Kind() == Production {
			whom := "instances"
			if n := len(c.fleet.Tenants); n > 0 {
				whom = Plural(n, "tenant")
			}
			c.warnf("Direct in Production", "Direct in Production exposes all %s at once; Canary exposes them share by share", whom)
		}
		c.warnOutage()
	case Canary:
		if c.byRoutes() {
			c.warnRoom()
		} else if tenants := len(c.fleet.Tenants); tenants < 10 {
			c.warnf("few tenants", "a canary of %d tenants says little: below 10 tenants one of them decides; Rolling or Blue-Green fits better", tenants)
		}
		c.warnSlow("a canary")
	case Rolling:
		c.warnRolling()
		c.warnSlow("rolling")
	case BlueGreen:
		c.warnRoom()
	case ABTesting:
		c.warnABTesting()
	}
	c.warnUnready()
	c.warnLacking()
	c.warnThresholds()
	c.warnTraffic()
	c.warnGuards()
}

// warnSlow warns of a strategy that takes its time where nobody needs it to.
func (c *compiler) warnSlow(what string) {
	if c.spec.Kind() == Development {
		c.warnf("slower than needed", "%s in Development takes %s for what Direct does in seconds", what, Spoken(c.longest()))
	}
}

func (c *compiler) warnRolling() {
	n := len(c.active)
	if !c.warnOutage() && len(c.plan.Stages) == 1 && n > 1 && n == len(c.plan.Instances) {
		c.warnf("all instances at once", "rolling in a single batch replaces all %d instances at once: lower batch_size or max_parallel_batches", n)
	}
}

// longest is how long the plan takes when nothing has to be waited for.
func (c *compiler) longest() time.Duration {
	var sum time.Duration
	for _, s := range c.plan.Stages {
		sum += s.Bake
	}
	return sum
}

// warnRoom says where a second slot does not fit in.
func (c *compiler) warnRoom() {
	if spare, n := c.fleet.Spare, len(c.active); spare >= 0 && spare < n && c.standby().Kind == Retire {
		c.warnf("too little room", "%s needs %d more instances while it runs, and the fleet has room for %d", roomFor[c.spec.Strategy], n, spare)
	}
}

var roomFor = map[Strategy]string{BlueGreen: "blue-green", Canary: "a canary by routes"}

// warnUnready names the instances that are not ready before anything begins: a stage waits
// for each of them until its time to settle is over, and settles without one in twenty.
func (c *compiler) warnUnready() {
	var ids []string
	for _, i := range c.plan.Instances {
		if !i.Ready {
			ids = append(ids, i.ID)
		}
	}
	if len(ids) > 0 {
		c.warnf("instances are not ready", "%s of %s are not ready: %s; a stage goes on without at most one in twenty of those that it changes",
			Plural(len(ids), "instance"), Plural(len(c.active), "instance"), Names(ids))
	}
}
