# What a rollout into Production has to keep to, asked of a Terraform plan:
#
#   terraform plan -out plan && terraform show -json plan > plan.json
#   opa eval --fail-defined --format pretty --data rollout.rego --input plan.json 'data.rollout.deny[_]'
package rollout

import rego.v1

deployments contains change if {
	some change in input.resource_changes
	change.type == "hotswap_plugin_deployment"
	some action in change.change.actions
	action in {"create", "update"}
	kind(change.change.after) == "Production"
}

# An environment with a name of its own says what kind it is.
kind(after) := after.environment if object.get(after, "environment_kind", null) == null

kind(after) := after.environment_kind if after.environment_kind != null

# The stages that are watched, which are those that expose somebody to an unproven version.
watched(change) := [stage | some stage in change.change.after.stages; stage.bake_seconds > 0]

deny contains sprintf("%s: its stages are not known before the apply, so nobody can say whom it exposes", [change.address]) if {
	some change in deployments
	change.change.after_unknown.stages == true
}

deny contains sprintf("%s: stage %s exposes %v %% of the traffic first, and 15 %% is the most", [change.address, stage.name, stage.share]) if {
	some change in deployments
	stage := watched(change)[0]
	stage.share > 15
}

deny contains sprintf("%s: stage %s is watched for %v s, and 300 s is the least", [change.address, stage.name, stage.bake_seconds]) if {
	some change in deployments
	some stage in watched(change)
	stage.bake_seconds < 300
}

deny contains sprintf("%s: stage %s lets an error rate of %v pass", [change.address, stage.name, stage.thresholds.max_error_rate]) if {
	some change in deployments
	some stage in watched(change)
	stage.thresholds.max_error_rate > 0.05
}

deny contains sprintf("%s: takes up to %v hours, and an apply may take 5", [change.address, hours]) if {
	some change in deployments
	stages := change.change.after.stages
	hours := stages[count(stages) - 1].latest_end_seconds / 3600
	hours > 5
}
