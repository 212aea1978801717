terraform {
  required_providers {
    hotswap = {
      source  = "hotswap-io/hotswap"
      version = "0.0.0-dev"
    }
  }
}

variable "release" {
  type    = string
  default = "1.6.0"
}

variable "decision" {
  type    = object({ rollout_id = string, action = string, stage = optional(string) })
  default = null
}

provider "hotswap" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions  = { "1.7.0" = { error_rate = 0.12 } } # every eighth request errs
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = var.release
  strategy    = "Canary"
  decision    = var.decision

  canary = {
    stages            = [10, 30, 50, 100] # percent of the tenants
    evaluation_period = "10m"             # then the metrics decide
    auto_rollback     = false             # a person looks before anything is rolled back
  }
}
