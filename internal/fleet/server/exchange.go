package server

import (
	"net/http"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// call is a request to a fleet and its answer.
type call struct {
	*exchange.Exchange
	limits contract.Limits
	shelf  *shelf
}

// methods are what a path can do; nil: there is no such path.
type methods map[string]func(*call) error

// serve answers a path.
func (s *server) serve(m methods) http.Handler {
	return s.answering(func(x *call) error {
		do, err := exchange.Method(x.Request, m)
		if err != nil {
			return err
		}
		return do(x)
	})
}

// in answers a path below a world.
func (s *server) in(do func(*world, *call) error) func(*call) error {
	return func(x *call) error {
		w, err := s.find(x)
		if err != nil {
			return err
		}
		x.Clock = w.Now
		return do(w, x)
	}
}

// body reads the body of the request as JSON.
func (x *call) body(into any) error { return x.JSON(x.limits.Body, into) }

// limit is how many items the page may have.
func (x *call) limit() (int, error) {
	n, err := x.Number("limit", 1, contract.DefaultPage)
	return int(min(n, int64(x.limits.Page))), err
}
