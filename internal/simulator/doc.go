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
// seed, the entity and the purpose (package chance), so that no state of a generator has
// to be saved and a new fault does not shift other draws. Draws are made of whole numbers
// and of products that no compiler fuses with sums: they are the same on every machine.
// [World.Trace] identifies all that happened, and is the same with either [Queue].
//
// # Traffic
//
// Requests are counted, never made one by one. A class is a version and what ails it.
// All requests of a window of one to ten seconds are one Poisson count, dealt to the
// classes by their tenants' weights; errors and timeouts are binomial parts of that.
// What else came of them is drawn when somebody asks, and is the same for ever: how
// many were slower than a bound, from a binary tree over their latencies, and which
// tenants sent them and had the errors. So the cost of a run grows with its windows and
// classes, and with tenants only where they are asked for. [World.DrawEachRequest] draws
// request by request, by the same laws, for comparison.
//
// A sample is there when its window has ended: a measurement of [from, to) has the
// windows that end after from and not after to.
package simulator
