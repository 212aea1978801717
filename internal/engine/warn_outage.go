package engine

import "fmt"

// warnOutage says where the first stage replaces all instances that serve: nobody is served
// until one of them is back. Later stages leave those alone that came back before.
func (c *compiler) warnOutage() (warned bool) {
	n, all := c.takenOut()
	if c.fleet.KeepsServing || !all {
		return false
	}
	what, until := fmt.Sprintf("all %d instances that serve are replaced at once", n), "the first of them is back"
	if n == 1 {
		what, until = "the only instance that serves is replaced", "it is back"
	}
	text := fmt.Sprintf("%s, so that requests go unanswered until %s", what, until)
	if c.plan.Restores == "" {
		text += ", and again where that is taken back; " + c.insteadOfOutage(n)
	}
	c.warnf("nobody is served meanwhile", "%s", text)
	return true
}

// takenOut is how many instances that serve now the first stage replaces, and whether that
// is all there are.
func (c *compiler) takenOut() (n int, all bool) {
	if len(c.plan.Stages) == 0 {
		return 0, false
	}
	replaced := map[string]bool{}
	for _, change := range c.plan.Stages[0].Changes {
		if change.Kind == Replace {
			for _, i := range c.plan.Instances[change.Instances.From:change.Instances.To] {
				replaced[i.ID] = true
			}
		}
	}
	for _, i := range c.fleet.Active() {
		if !i.Ready || i.Default == "" {
			continue
		}
		if !replaced[i.ID] {
			return n, false
		}
		n++
	}
	return n, n > 0
}

// insteadOfOutage is how the fleet's instances can be replaced while somebody serves.
func (c *compiler) insteadOfOutage(serving int) string {
	room := c.fleet.Spare < 0 || c.fleet.Spare >= len(c.active)
	switch {
	case serving > 1 && c.spec.Strategy == Rolling:
		return "a lower batch_size or max_parallel_batches leaves some to serve"
	case serving > 1:
		return "Rolling replaces them batch by batch"
	case c.can(CanSlots) && c.can(CanTraffic) && room:
		return "Blue-Green brings another one up first"
	case c.can(CanSideBySide) && c.can(CanTenants) && c.can(CanTraffic):
		return "Canary puts the version beside the one that serves"
	default:
		return "no strategy can do otherwise on this fleet"
	}
}
