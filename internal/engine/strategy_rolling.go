package engine

import (
	"fmt"
	"time"
)

// rolling replaces the instances wave by wave; a wave is max_parallel_batches
// batches. Each wave is judged before the next one begins.
func (c *compiler) rolling() {
	r := c.spec.Rolling
	wave := r.BatchSize.Of(len(c.active)) * min(*r.MaxParallelBatches, len(c.active))
	word := "batch"
	if *r.MaxParallelBatches > 1 {
		word = "wave"
	}
	c.waves(word, wave, Stage{
		Settle: time.Duration(*r.HealthCheckTimeout), Bake: time.Duration(*r.WaitBetweenBatches),
		Gate: c.gate(r.Thresholds, 0),
	}, c.candidate)
}

// waves adds a stage like the given one for each size instances.
func (c *compiler) waves(word string, size int, like Stage, version func(PlanInstance) string) {
	n := len(c.plan.Instances)
	count := (n + size - 1) / size
	for i := range count {
		stage := like
		stage.Name = fmt.Sprintf("%s %d of %d", word, i+1, count)
		stage.Touched = Range{i * size, min((i+1)*size, n)}
		stage.Changes, stage.Undo = c.replaces(stage.Touched, version)
		done := float64(len(c.active) - n + stage.Touched.To)
		share := Percent(done, float64(len(c.active)))
		stage.Exposure = Exposure{
			Tenants: (c.plan.Movable*int(done) + len(c.active) - 1) / len(c.active), Instances: stage.Touched.To, Share: share,
		}
		c.add(stage)
	}
}

// repair brings the instances that have drifted back to the version that all
// others serve already: no strategy can compare a version with itself.
func (c *compiler) repair() {
	c.warnf("the version is active already", "%s is the active version; %d of %d instances do not serve it and are replaced in waves, whatever the strategy",
		c.plan.Candidate, len(c.plan.Instances), len(c.active))
	c.waves("wave", c.quarter(), Stage{Settle: time.Minute}, c.candidate)
}

// quarter is the wave of plans that have no batch size of their own: a quarter of
// the instances, at least one.
func (c *compiler) quarter() int { return BatchSize{N: 25, Percent: true}.Of(len(c.active)) }
