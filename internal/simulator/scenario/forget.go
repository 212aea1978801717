package scenario

import (
	"context"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// forgetful is a fleet that does not know how its tenants did before the rollout.
type forgetful struct {
	engine.Fleet
	start time.Time
}

// Measure leaves out what tenants did before the start.
func (f forgetful) Measure(ctx context.Context, s engine.Scope) (engine.Measurement, error) {
	if !s.To.After(f.start) {
		s.PerTenant = false
	}
	return f.Fleet.Measure(ctx, s)
}

// forgotten is s without what its tenants did before.
func forgotten(s engine.Snapshot) engine.Snapshot {
	s.Tenants = slices.Clone(s.Tenants)
	for i := range s.Tenants {
		s.Tenants[i].PriorRequests, s.Tenants[i].PriorErrors = 0, 0
	}
	return s
}
