# A module of a platform team: whoever deploys chooses a policy, and a policy that does not hold on the fleet of fleet.yaml is
# refused by the plan.

terraform {
  required_providers {
    hotswap = {
      source = "hotswap-io/hotswap"
    }
  }
}

locals {
  canary = {
    stages            = var.stages
    evaluation_period = var.evaluation_period
  }
  analysis = { mode = var.judge }
}

# The policy, with a version that is as good as the one that runs and with one that errs twice as often.
data "hotswap_simulation" "policy" {
  for_each = { healthy = 0.01, regression = 0.02 }

  scenario  = "${path.module}/fleet.yaml"
  simulated = { versions = { candidate = { error_rate = each.value } } }
  bad       = each.key == "regression"
  strategy  = "Canary"
  canary    = local.canary
  analysis  = local.analysis
  runs      = 500
}

resource "hotswap_plugin_deployment" "this" {
  plugin_id   = var.plugin_id
  environment = "Production"
  version     = var.release
  strategy    = "Canary"
  canary      = local.canary
  analysis    = local.analysis

  lifecycle {
    precondition {
      condition = data.hotswap_simulation.policy["regression"].missed_regression.high <= 0.01
      error_message = format("The policy may miss up to %.1f %% of the versions that err twice as often as the one before; at most 1 %% is allowed.",
      data.hotswap_simulation.policy["regression"].missed_regression.high * 100)
    }
    precondition {
      condition = data.hotswap_simulation.policy["regression"].tenants_exposed.p99 <= 20
      error_message = format("The policy exposes %d tenants to a version that errs twice as often; at most 20 are allowed.",
      data.hotswap_simulation.policy["regression"].tenants_exposed.p99)
    }
    precondition {
      condition = data.hotswap_simulation.policy["healthy"].good_stopped.high <= 0.03
      error_message = format("The policy may roll back or hold up to %.1f %% of the healthy versions; at most 3 %% is allowed.",
      data.hotswap_simulation.policy["healthy"].good_stopped.high * 100)
    }
  }
}
