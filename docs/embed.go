// Package docs has what of the documentation programs need.
package docs

import _ "embed" // of FleetAPI

// FleetAPI is the contract between a rollout and a fleet, in OpenAPI 3.1.
//
//go:embed fleet-api.yaml
var FleetAPI []byte
