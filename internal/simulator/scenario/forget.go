package scenario

import (
	"context"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// forgetful is a meter that does not know how its tenants did before the rollout.
type forgetful struct {
	engine.Meter
	start time.Time
}

// Measure leaves out what tenants did before the start.
func (f forgetful) Measure(ctx context.Context, q engine.Question) (engine.Answer, error) {
	if !q.To.After(f.start) {
		q.Candidate, q.Baseline = q.Candidate&^engine.WantByTenant, q.Baseline&^engine.WantByTenant
	}
	return f.Meter.Measure(ctx, q)
}

// forgotten is s without what its tenants did before.
func forgotten(s engine.Snapshot) engine.Snapshot {
	s.Tenants = slices.Clone(s.Tenants)
	for i := range s.Tenants {
		s.Tenants[i].PriorRequests, s.Tenants[i].PriorErrors = 0, 0
	}
	return s
}
