package engine

import "time"

// direct installs on every instance at once, validates for a short while, and
// rolls everything back when that fails.
func (c *compiler) direct() {
	d := c.spec.Direct
	changes, undo := c.replaces(c.all(), c.candidate)
	c.add(Stage{
		Name: "all instances", Changes: changes, Undo: undo, Touched: c.all(), Exposure: c.everyone(),
		Settle: time.Duration(*d.HealthCheckTimeout), Bake: time.Duration(*d.ValidationPeriod),
		Gate: c.gate(d.Thresholds, 0),
	})
}
