// Package server runs rollouts as a service: it starts them, walks all of them at once, takes
// what people say to them, and tells how they are. Nothing of a rollout is only in its memory:
// a server that is killed goes on where its journals end, and of two servers on one store
// exactly one writes each event.
//
// # How many are walked at once
//
// Each rollout says when it wants to go on. A heap of those times and a few workers walk all
// of them: a worker takes the one that is due, does all that can be done now, and puts it
// back. What is in memory of a rollout that waits is a time and an id; the runners that were
// used last are kept too, as long as there is room for them.
//
// Times of one fleet that are close together are moved to the same moment, never to an
// earlier one and never by more than a second, so that a fleet is asked in bursts.
//
// # Who walks
//
// A lease in the store says which server walks a rollout, so that a second one waits. It
// makes nothing safe: that an event is only written with the next number does, and that a
// fleet refuses orders that are older than one it has seen.
package server
