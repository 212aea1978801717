package main

import "time"

// stopwatch measures how long the machine takes. It says nothing about a rollout:
// those have the clocks of their worlds.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}
