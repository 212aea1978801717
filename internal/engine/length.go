package engine

// mostYears bounds a rollout with all its extensions and its way back: far from where
// sums of durations, and the clocks of simulated fleets, overflow.
const mostYears = 90

// checkLength refuses a plan of stages that are each within bounds, and in all take
// longer than anybody waits.
func (c *compiler) checkLength() Problems {
	var hours float64
	for _, s := range c.plan.Stages {
		hours += extended(s.Bake, s.Gate.MaxExtension).Hours() + 2*max(s.Settle, leastSettle).Hours()
	}
	var ps Problems
	if years := hours / (365 * 24); years > mostYears {
		ps.add("strategy", c.spec.Strategy, "takes up to %.0f years in %s on this fleet, and %d are the most: shorten its periods, or take larger steps",
			years, Plural(len(c.plan.Stages), "stage"), mostYears)
	}
	return ps
}
