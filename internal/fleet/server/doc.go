// Package server puts fleets behind the contract of docs/fleet-api.yaml: a [New] handler
// answers for any number of worlds, each a fleet with its meter, its journals and its
// clock, through the engine's ports.
//
// # What it adds to the ports
//
// Lists of targets are kept by their digest, decoded once, and handed to the fleet as
// views of one list, which a fleet may recognise by its address. Pages are cut from one
// reading of a list, kept for a while. The newest order is remembered, so that an older
// one, or another one of the same number, never reaches the fleet. Owners and lists are
// kept beside the journals, see [Keeper]; leases are in memory.
//
// # What a journal takes
//
// The contract has plans and events as texts that only clients understand. A journal of
// the engine wants to understand them: a text that it does not know, or would write down
// in other bytes, is refused as an invalid request, so that what is given back is always
// what came.
package server
