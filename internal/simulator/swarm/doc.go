// Package swarm makes scenarios up, plays them, and looks for promises that are not
// kept: safety while faults strike, processes die and people meddle, and liveness
// when that is over: every rollout must come to an end.
//
// [Draw] is what a seed means. [Run] plays many. A scenario that fails is made
// smaller by [Shrink], as long as it fails in the same way, and can be written to a
// file that plays like any other.
package swarm
