// Package walker walks a rollout in time: it calls the runner, waits until it wants to be
// called again, and so on. Whoever walks rollouts uses it, and differs in the clock: the
// provider and servers go by a fleet's time, the simulator by its world's.
//
// A file of it, clock.go, is the only one in this module that knows the wall clock.
package walker
