// Package contract has the words of the API of a rollout server: the types of
// docs/server-api.yaml and the reasons of its problems. Handler and client share it. What it
// says of fleets and of the journals it says in the words of the fleet's contract.
package contract
