package provider

import (
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

const (
	shortestTimeout = time.Second
	// timeoutMargin is what a default timeout leaves beyond the longest rollout.
	timeoutMargin = 10 * time.Minute
)

// timeout is the longest time of an operation on the fleet's clock, and whether the
// user chose it.
func (m *deploymentModel) timeout(operation string, p *engine.Plan) (time.Duration, bool) {
	if d, ok := m.Timeouts.Attributes()[operation].(durationValue); ok && !d.IsNull() && !d.IsUnknown() {
		if chosen, err := engine.ParseDuration(d.ValueString()); err == nil {
			return chosen, true
		}
	}
	return engine.Longest(p) + timeoutMargin, false
}
