package provider

import (
	"fmt"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// on_rollback = "warn" makes a rollback an answer instead of a failure, as that of an
// A/B test which kept A is one: it is stored, a refresh says it again, and the
// configuration goes on asking for the version that was rolled back without that being
// a difference.

// answered says whether a rollout that ended like that is such an answer.
func (m *deploymentModel) answered(phase engine.Phase) bool {
	return phase == engine.PhaseRetained || phase == engine.PhaseRolledBack && m.OnRollback.ValueString() == "warn"
}

// staysRolledBack is what every refresh says as long as the answer is that the version
// was rolled back.
func (m *deploymentModel) staysRolledBack(ro *telling.Rollout) (summary, detail string, warn bool) {
	if ro == nil || ro.State.Outcome != engine.RolledBack || !m.answered(ro.State.Phase) || m.Version.ValueString() != ro.Plan.Candidate {
		return "", "", false
	}
	return fmt.Sprintf(foundBefore+"%s %s was rolled back, and does not run", ro.Plan.Spec.PluginID, telling.Named(ro.Plan.Candidate)),
		fmt.Sprintf("Rollout %s was rolled back: %s. The fleet runs %s, and on_rollback = \"warn\" lets the configuration go on asking for %s without that "+
			"being a difference. Another version, or other settings, are rolled out.", ro.Plan.Rollout, ro.State.Reason,
			telling.Named(ro.Plan.Baseline), telling.Named(ro.Plan.Candidate)), true
}
