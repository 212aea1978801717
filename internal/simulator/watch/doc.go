// Package watch holds a rollout in a simulated world to the engine's promises. A [Watcher]
// sees every order, every event of the journal and every change of the world, notes each
// promise that is not kept, and has a trace that identifies all that it saw. It looks at a
// world through [World], changes nothing of it, and is not safe for concurrent use.
package watch
