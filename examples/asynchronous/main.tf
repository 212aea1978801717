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

variable "wait" {
  type        = bool
  description = "Whether the apply waits for the rollout. Null: the provider chooses."
  default     = null
}

provider "hotswap" {
  controller = {
    endpoint   = "http://127.0.0.1:8700"
    token_file = "state/admin-token"
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id           = "payment-processor-stripe"
  environment         = "Production"
  version             = var.release
  strategy            = "Canary"
  canary              = { stages = [10, 100], evaluation_period = "10s" } # an hour and more where it is no example
  wait_for_completion = var.wait
}
