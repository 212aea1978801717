// Package simulator is a fleet that does not exist: instances, slots and tenants, on a
// clock of its own. What the tenants send is package traffic's.
//
// A [World] is the fleet of one plugin in one environment. It fills the engine's
// port to a fleet, and moves its clock only while something waits: [World.Drive]
// calls a runner, lets the world happen until the runner wants to be called
// again, and so on; a day takes milliseconds. A [Store] keeps a world in a folder
// between processes. Package watch holds a run to the engine's promises, see
// [World.Watchable].
//
// # How it stays repeatable
//
// Everything that happens comes from the configuration, the seed and the calls.
// There are no goroutines: what happens later is an event in a queue, first in,
// first out where times tie. Only lists of very many tenants are made beside what
// follows (package meanwhile), which nothing that happens can tell.
// Every draw has a stream of its own, derived from the
// seed, the entity and the purpose (package chance), so that no state of a generator has
// to be saved and a new fault does not shift other draws. Draws are made of whole numbers
// and of products that no compiler fuses with sums: they are the same on every machine.
// [World.Trace] identifies all that happened, and is the same with either kind of queue
// (package kernel).
package simulator
