// Package contract has the words of the contract between a rollout and a fleet that is
// reached over HTTP: the types of docs/fleet-api.yaml, the reasons of its problems, and
// what of the engine's ports each of them is. Client and server share it; what either
// half does with a word is its own.
package contract

// Version is the contract that this package speaks: a whole number and a dot and another.
// A change of the first one breaks clients; fields, routes and values of enumerations may
// be added within it.
const Version = "1.0"

// Media types.
const (
	JSON        = "application/json"
	ProblemJSON = "application/problem+json"
	NDJSON      = "application/x-ndjson"
)

// Limits that hold where a fleet names none.
const (
	DefaultPage  = 1_000     // items of a page
	DefaultBody  = 8 << 20   // bytes of a body
	MostTargets  = 5_000_000 // lines of a list of targets
	MostNameSize = 1_000     // bytes of an id
)
