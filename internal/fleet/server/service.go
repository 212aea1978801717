package server

import (
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/docs"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// getService says what the API is like.
func (s *server) getService(x *exchange) error {
	return x.answer(http.StatusOK, contract.Service{
		At: x.at(), Contract: contract.Version, Software: s.Software, Limits: s.Limits, Encodings: []string{"gzip"}, Sandbox: s.Sandbox,
	})
}

// getContract is the contract itself.
func (s *server) getContract(x *exchange) error {
	x.send(http.StatusOK, "application/yaml", docs.FleetAPI)
	return nil
}

// health says that the process answers.
func (s *server) health(x *exchange) error { return x.taken(http.StatusOK) }

// readiness says whether requests should come.
func (s *server) readiness(x *exchange) error {
	if s.Ready != nil {
		if err := s.Ready(); err != nil {
			return refuse(contract.Unavailable, "%v", err)
		}
	}
	return x.taken(http.StatusOK)
}
