// Package docs has what of the documentation programs need.
package docs

import _ "embed" // of the two APIs

// FleetAPI is the contract between a rollout and a fleet, in OpenAPI 3.1.
//
//go:embed fleet-api.yaml
var FleetAPI []byte

// ServerAPI is the API of a rollout server, in OpenAPI 3.1.
//
//go:embed server-api.yaml
var ServerAPI []byte
