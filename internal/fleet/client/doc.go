// Package client reaches a fleet over HTTP, by the contract of docs/fleet-api.yaml: it
// fills the engine's ports Fleet, Meter and Journals.
//
// A call of a port is one request. Those that only read, and those that may be repeated as
// the contract has it, are tried again a few times where a reply is lost or the fleet is
// busy; an order is not, for the rollout has time of its own for that, and an event is
// not, for its writer finds out by reading what became of it.
package client
