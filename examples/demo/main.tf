# What `make demo` applies, first with release = "1.6.0", then with release = "1.7.0".

terraform {
  required_providers {
    hotswap = {
      source = "registry.terraform.io/hotswap-io/hotswap"
    }
  }
}

variable "release" {
  description = "The version of the plugin to roll out."
  type        = string
  default     = "1.6.0"
}

# A fleet that exists only in a folder: 10 instances that serve 150 tenants.
provider "hotswap" {
  simulated = {
    instances  = 10
    tenants    = 150
    seed       = 1
    state_path = "${path.root}/fleet"
    installed  = { "payment-processor-stripe" = "1.5.0" }
    versions = {
      "1.5.0" = { error_rate = 0.01 }
      "1.6.0" = { error_rate = 0.01 }
      "1.7.0" = { error_rate = 0.2 } # every fifth request fails: the gate allows one in twenty
    }
  }
}

resource "hotswap_plugin_deployment" "stripe" {
  plugin_id   = "payment-processor-stripe"
  environment = "Production"
  version     = var.release
  strategy    = "Canary"
  canary = {
    stages            = [10, 30, 50, 100]
    evaluation_period = "10m"
  }
}

data "hotswap_rollout" "latest" {
  plugin_id   = hotswap_plugin_deployment.stripe.plugin_id
  environment = hotswap_plugin_deployment.stripe.environment
  depends_on  = [hotswap_plugin_deployment.stripe]
}

data "hotswap_fleet" "production" {
  plugin_id   = hotswap_plugin_deployment.stripe.plugin_id
  environment = hotswap_plugin_deployment.stripe.environment
  depends_on  = [hotswap_plugin_deployment.stripe]
}
