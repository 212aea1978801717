terraform {
  required_providers {
    hotswap = {
      source = "hotswap-io/hotswap"
    }
  }
}

variable "release" {
  type    = string
  default = "1.6.0"
}

variable "decision" {
  type        = object({ rollout_id = string, action = string, stage = optional(string), reason = optional(string), by = optional(string) })
  description = "A person's answer to a rollout that is held, as the failing apply asks for it."
  default     = null
}

variable "on_rollback" {
  type    = string
  default = "fail"
}

provider "hotswap" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions  = { "1.7.0" = { error_rate = 0.12 } } # every eighth request errs
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id    = "payment-processor-stripe"
  environment  = "Production"
  version      = var.release
  strategy     = "Canary"
  canary       = { auto_rollback = var.on_rollback == "warn" } # else a person looks first
  decision     = var.decision
  on_hold      = "fail"     # no green job while somebody has to decide
  on_interrupt = "rollback" # nobody watches after a cancelled job
  on_rollback  = var.on_rollback
}

output "outcome" {
  value = hotswap_plugin_deployment.stripe.outcome
}
