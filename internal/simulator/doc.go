// Package simulator is a fleet that does not exist: instances, slots, tenants and
// their traffic, on a clock of its own.
//
// A [World] is the fleet of one plugin in one environment. It fills the engine's
// port to a fleet, and moves its clock only while something waits: [World.Drive]
// calls a runner, lets the world happen until the runner wants to be called
// again, and so on; a day takes milliseconds. A [Store] keeps a world in a folder
// between processes. A [Watcher] holds a run to the engine's promises.
//
// # How it stays repeatable
//
// Everything that happens comes from the configuration, the seed and the calls.
// There are no goroutines: what happens later is an event in a queue, first in,
// first out where times tie. Every draw has a stream of its own, derived from the
// seed, the entity and the purpose, so that no state of a generator has to be
// saved and a new fault does not shift other draws.
//
// # Traffic
//
// Requests are counted, never made one by one. Each tenant's requests in a window
// of one to ten seconds are one Poisson count; the requests of a class (a version
// and what ails it) are the sum of its tenants' counts, and its errors, timeouts,
// conversions and latencies are binomial parts of that. A window is drawn when
// somebody first asks and is the same for ever. A sample is there when its window
// has ended: a measurement of [from, to) has the windows that end after from and not
// after to.
package simulator
