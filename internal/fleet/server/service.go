package server

import (
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// getService says what the API is like.
func (s *server) getService(x *call) error {
	return x.Answer(http.StatusOK, contract.Service{
		At: x.At(), Contract: contract.Version, Software: s.Software, Limits: s.Limits, Encodings: []string{"gzip"}, Sandbox: s.Sandbox,
	})
}

// getContract is the contract itself.
func (s *server) getContract(x *call) error {
	x.Send(http.StatusOK, "application/yaml", docs.FleetAPI)
	return nil
}

// health says that the process answers.
func (s *server) health(x *call) error { return x.Taken(http.StatusOK) }

// readiness says whether requests should come.
func (s *server) readiness(x *call) error {
	if s.Ready != nil {
		if err := s.Ready(); err != nil {
			return exchange.Refuse(contract.Unavailable, "%v", err)
		}
	}
	return x.Taken(http.StatusOK)
}
