terraform {
  required_providers {
    hotswap = {
      source = "registry.terraform.io/hotswap-io/hotswap"
    }
  }
}

# A fleet that exists only in a folder: 10 instances that serve 150 tenants.
provider "hotswap" {
  simulated = {
    instances = 10
    tenants   = 150
    seed      = 1
    installed = { "payment-processor-stripe" = "1.5.0" }
    versions = {
      "1.5.0" = { error_rate = 0.01 }
      "1.6.0" = { error_rate = 0.01 }
      "1.7.0" = { error_rate = 0.2 } # every fifth request fails: the gate allows one in twenty
    }
  }
}
