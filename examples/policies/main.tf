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

variable "stages" {
  type    = list(number)
  default = [10, 30, 50, 100]
}

variable "most_at_first" {
  type        = number
  description = "Share of the traffic that the first stage may expose at most, percent."
  default     = 15
}

provider "hotswap" {
  simulated = {
    installed = { "payment-processor-stripe" = "1.5.0" }
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = var.release
  strategy    = "Canary"
  canary      = { stages = var.stages }

  lifecycle {
    postcondition {
      condition     = [for s in self.stages : s.share if s.bake_seconds > 0][0] <= var.most_at_first
      error_message = "The first stage may expose ${var.most_at_first} % of the traffic at most."
    }
  }
}

# A check warns, and never stops anything.
check "watched_long_enough" {
  assert {
    condition     = alltrue([for s in hotswap_plugin_deployment.stripe.stages : s.bake_seconds >= 300 if s.bake_seconds > 0])
    error_message = "A stage is watched for less than five minutes."
  }
}
