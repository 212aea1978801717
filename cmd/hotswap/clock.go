package main

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/walker"
)

// stopwatch measures how long the machine takes. It says nothing about a rollout:
// those have the clocks of their worlds.
func stopwatch() func() time.Duration {
	var clock walker.Time
	start := clock.Now()
	return func() time.Duration { return clock.Now().Sub(start) }
}

// stopwatch is the console's own one where it has one, as tests do.
func (c *console) stopwatch() func() time.Duration {
	if c.timer != nil {
		return c.timer
	}
	return stopwatch()
}
