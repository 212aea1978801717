// Package api answers for a rollout server over HTTP, as docs/server-api.yaml has it: what
// fleets and journals are like in the words of the fleet's contract, and beside that plans,
// starts, what people say, and who may.
package api
