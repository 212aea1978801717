package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/telling"
)

// warnTakeover says that an apply goes on with a rollout that the state knows nothing
// of. An apply of this resource that was killed leaves one behind, and so does whoever
// else deploys there: nothing tells the two apart, least of all where ignore_changes
// keeps the version from being a difference.
func warnTakeover(prior *deploymentModel, spec *engine.Spec, fleet sight, open *telling.Rollout) (diags diag.Diagnostics) {
	if open == nil || open.Plan.Restores != "" || open.Plan.Rollout == prior.RolloutID.ValueString() {
		return nil
	}
	diags.AddWarning(titled(spec, "takes over a rollout that this state did not begin"), fmt.Sprintf("%s Applying takes it over, and goes on with it or "+
		"rolls it back as the configuration says: that is right where an apply of this resource was killed. Where somebody else began it, let that one end it "+
		"first: with ignore_changes = [version] too, whatever runs there is taken over.", open.Describe(fleet.now)))
	return diags
}
