// Package conformance holds a fleet to the contract of docs/fleet-api.yaml, from outside
// and over HTTP, whatever it is written in.
//
// The contract is taken apart into [Clauses]: each has an id that stays, the sentence that
// it is about, and a try that shows whether the sentence holds. [Run] tries them in a
// sandbox, a plugin that nobody depends on, which it leaves as it was found. It has a
// caller of its own, and not the client that rollouts use: a fault of the one hides no
// fault of a fleet.
package conformance
