// Package kernel holds the event queues of a simulation: what happens next, on a clock of
// whole nanoseconds that only moves forwards. There are two kinds, which give the same
// order and are there to check each other. A [Queue] is not safe for concurrent use.
package kernel
