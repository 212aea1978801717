package contract

import (
	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
	servercontract "github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// held is an API, its document, and the tests whose exchanges are held to it.
type held struct {
	name     string
	document []byte
	tests    string
	reasons  []contract.Row
	// unseen are reasons that its tests cannot have.
	unseen []contract.Reason
	// beside are paths that are answered and not described.
	beside []string
}

var apis = []held{
	{
		name: "fleet", document: docs.FleetAPI, tests: "./internal/fleet/server", reasons: contract.Reasons(),
		unseen: []contract.Reason{contract.Forbidden}, beside: []string{"/healthz", "/readyz"}, // nobody may do less than another one here
	},
	{
		name: "server", document: docs.ServerAPI, tests: "./internal/server/api", reasons: servercontract.Reasons(),
		unseen: []contract.Reason{contract.RolloutTaken}, // nobody is late ten times in a row
	},
}
